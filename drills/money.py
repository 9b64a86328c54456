"""T52 for as long as one likes: random interleavings of everything that moves money.

Every few hundred steps are a run of their own, with a seed of its own, on an empty shop. One that
fails says how to play it again.
"""

import argparse
import os
import subprocess
import sys
import time

TEST = "tests/scenarios/test_any_interleaving.py"
OF_ONE_RUN = 500


def main() -> int:
    asked = argparse.ArgumentParser(prog="make drill-money", description=__doc__)
    asked.add_argument("--steps", type=int, default=20_000, help="of all runs together")
    asked.add_argument(
        "--seed", type=int, default=1, help="of the first run; the next have the next"
    )
    given = asked.parse_args()
    began, taken, failed, seed = time.monotonic(), 0, [], given.seed
    while taken < given.steps:
        steps = min(OF_ONE_RUN, given.steps - taken)
        is_right, played = play(seed, steps)
        taken += played
        print(f"seed {seed}: {played} steps, {'right' if is_right else 'WRONG'}", flush=True)
        if not is_right:
            failed.append(f'make drill-money ARGS="--seed {seed} --steps {steps}"')
        seed += 1
    per_second = taken / (time.monotonic() - began)
    print(f"{taken} steps, {per_second:.1f} a second, {len(failed)} runs failed")
    for again in failed:
        print(f"once more: {again}")
    return bool(failed)


def play(seed: int, steps: int) -> tuple[bool, int]:
    """Whether it went well, and how many steps it took."""
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-s", "--reuse-db", TEST]
    env = os.environ | {"DRILL_MONEY_SEED": str(seed), "DRILL_MONEY_STEPS": str(steps)}
    run = subprocess.run(
        [*command, "-k", "t52", "--show-capture=no"], env=env, capture_output=True, text=True
    )
    said = f"seed {seed}: taken "
    played = [line for line in run.stdout.splitlines() if line.startswith(said)]
    if run.returncode:
        shown = [line for line in run.stdout.splitlines() if not line.startswith('{"')]
        print("\n".join(shown[-80:]), flush=True)
    return run.returncode == 0, int(played[0].removeprefix(said)) if played else steps


if __name__ == "__main__":
    sys.exit(main())
