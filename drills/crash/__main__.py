"""`python -m drills.crash`: kill -9 of every part of a whole shop while buyers buy in it."""

import argparse
import asyncio
import secrets
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

from drills.crash import moments, targets
from drills.crash.report import tell_all
from drills.crash.trials import Killer, Seen, plan_trials, run_trials
from drills.goods import some
from drills.oversell import tell_traffic
from drills.reckoning import Wrong, no_trouble, reckon, wait_until_quiet
from drills.streets import shoppers_on
from drills.visits import Diary
from drills.whole import WholeShop, whole_shop

# Short enough that what is never paid ends within the drill.
WINDOW_SECONDS = 45
UNITS = 1_000_000


def main(arguments: Sequence[str]) -> int:
    options = _parse(arguments)
    try:
        with whole_shop(options.dir, PAYMENT_WINDOW_SECONDS=str(WINDOW_SECONDS)) as shop:
            no_trouble(asyncio.run(drill(shop, options)))
    except Wrong as wrong:
        print("\n".join(wrong.troubles), file=sys.stderr)
        print(f"{len(wrong.troubles)} troubles; again with --seed {options.seed}")
        return 1
    print("no order was lost, nobody was charged twice, nothing is stuck")
    return 0


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="drills.crash", description=__doc__)
    parser.add_argument("--trials", type=int, default=25, help="kills of each part")
    parser.add_argument(
        "--roles",
        type=targets.named,
        default=targets.TARGETS,
        help=f"with commas, of {','.join(each.name for each in targets.TARGETS)}",
    )
    parser.add_argument("--buyers", type=int, default=6)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument(
        "--dir", type=Path, help="a new one, which stays; else one in /tmp, kept on trouble"
    )
    return parser.parse_args(arguments)


async def drill(shop: WholeShop, options: argparse.Namespace) -> list[str]:
    """All trials, the quiet after them, and the reckoning; returns the troubles."""
    print(f"seed {options.seed}, PostgreSQL runs with {shop.safe_settings()}", flush=True)
    if set(shop.safe_settings().values()) != {"on"}:
        return ["PostgreSQL does not wait for its disk: nothing would be proven"]
    if shop.sql("SELECT FROM orders_order LIMIT 1"):
        return [f"{shop.directory} has orders of its own: name another directory"]
    chance = Random(options.seed)  # noqa: S311 - no secret
    variants = shop.put_on_sale([some(UNITS)] * 3)
    moments.install(shop)
    trials = plan_trials(options.roles, trials=options.trials, chance=chance)
    diary = Diary()
    async with shoppers_on(
        shop, diary, variants, buyers=options.buyers, seed=options.seed
    ) as street:
        try:
            done = await run_trials(Killer(shop, diary, chance), trials)
        finally:
            diary.is_over = True
    began = time.monotonic()
    left = await asyncio.to_thread(wait_until_quiet, shop)
    tell_all(done, diary, left=left, quiet_seconds=time.monotonic() - began)
    tell_traffic(street.traffic)
    return [*_of_trials(done), *reckon(shop, diary.visits, left)]


def _of_trials(done: Sequence[Seen]) -> list[str]:
    return [
        f"{seen.trial.target.name}, aimed at {seen.trial.aim_name}: {seen.trouble}"
        for seen in done
        if seen.trouble
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
