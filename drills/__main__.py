"""`python -m shop.local.testing -- python -m drills`: the whole drill, on servers of its own."""

import argparse
import asyncio
import os
import secrets
import sys
from collections.abc import Sequence
from dataclasses import fields

from drills.oversell import Plan, run
from drills.scratch import scratch_shop

# Short enough that what quitters hold is sold again soon, long enough for hundreds to pay.
WINDOW_SECONDS = 30


def main(arguments: Sequence[str]) -> int:
    plan = _parse(arguments)
    server, cache = os.environ["DATABASE_URL"], os.environ["REDIS_URL"]
    with scratch_shop(server, cache=cache, window_seconds=WINDOW_SECONDS) as shop:
        troubles = asyncio.run(run(shop, plan))
    for trouble in troubles:
        print(trouble, file=sys.stderr)
    print(f"{len(troubles)} troubles" if troubles else "nothing was sold twice, nothing was lost")
    return 1 if troubles else 0


def _parse(arguments: Sequence[str]) -> Plan:
    parser = argparse.ArgumentParser(prog="drills", description=__doc__)
    for field in fields(Plan):
        default = secrets.randbelow(10**6) if field.name == "seed" else field.default
        parser.add_argument(f"--{field.name}", type=int, default=default)
    return Plan(**vars(parser.parse_args(arguments)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
