"""`make fuzz`: what the API's document allows and what it does not, asked of a running shop.

Schemathesis plays each operation as a guest, a customer, another customer and a colleague, also in
sequences. It fails for an answer of 500, for one that the document does not know, for a request
that breaks the document and is taken all the same, for a warning, and where fewer than 60 % of the
operations ever answered well.
"""

import argparse
import secrets
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.fuzzing.playing import WHO, Played, people_of, play, tell
from tests.running import running_shop

PER_OPERATION = 400


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="tests.fuzzing", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--cases", type=int, default=50_000, help="at least so many")
    options = parser.parse_args(arguments)
    all_played: list[Played] = []
    with tempfile.TemporaryDirectory(prefix="etalase-fuzz-") as place:
        directory = Path(place)
        with running_shop(directory, TRUSTED_PROXIES="127.0.0.1/32") as shop:
            seed = options.seed
            while sum(each.cases for each in all_played) < options.cases:
                people = people_of(shop, directory)
                for who in WHO:
                    print(f"{who}, seed {seed}", flush=True)
                    played = play(shop, people, who=who, seed=seed, per_operation=PER_OPERATION)
                    all_played.append(played)
                seed += 1
    return tell(all_played)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
