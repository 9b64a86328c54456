"""`python -m drills.faults`: one fault after the other under a whole shop, and what it promised."""

import argparse
import asyncio
import secrets
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from drills.faults import disk, workers
from drills.faults.figures import answers, figures
from drills.faults.letters import wrong_letters
from drills.faults.scenes import SCENES, Scene
from drills.faults.striking import NotStruck
from drills.goods import some
from drills.reckoning import Wrong, no_trouble, reckon, wait_until_quiet
from drills.streets import lookers_in, shoppers_on, warm_up
from drills.visits import Asked, Diary
from drills.whole import WholeShop, whole_shop

# Longer than any fault lasts, so that what is left unpaid ends after it.
WINDOW_SECONDS = 90
WORKER_PROCESSES = 2
# Of the window, and of a payment that is looked up, abandoned and asked for anew.
SETTLING_SECONDS = WINDOW_SECONDS + 60


@dataclass(frozen=True, slots=True)
class Plan:
    seconds: float
    buyers: int
    lookers: int
    seed: int


@dataclass(frozen=True, slots=True)
class Times:
    """When the calm began and the fault was sent, was there, was lifted, and had left no trace."""

    calm: float
    struck: float
    there: float
    lifted: float
    over: float


def main(arguments: Sequence[str]) -> int:
    options = _parse(arguments)
    plan = Plan(options.seconds, options.buyers, options.lookers, options.seed)
    wanted = tuple(options.only.split(","))
    print(f"seed {plan.seed}")
    troubles: list[str] = []
    scenes = [scene for scene in SCENES if scene.name.startswith(wanted)]
    with_workers = "F5".startswith(wanted)
    try:
        if scenes or with_workers:
            with whole_shop(options.dir, PAYMENT_WINDOW_SECONDS=str(WINDOW_SECONDS)) as shop:
                no_trouble(asyncio.run(play(shop, scenes, plan, with_workers=with_workers)))
    except Wrong as wrong:
        troubles += wrong.troubles
    if "F7".startswith(wanted):
        troubles += disk.fill_up(seconds=plan.seconds, seed=plan.seed)
    for trouble in troubles:
        print(trouble, file=sys.stderr)
    print(f"{len(troubles)} troubles" if troubles else "every promise was kept")
    return 1 if troubles else 0


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="drills.faults", description=__doc__)
    parser.add_argument("--only", default="F", help="with commas: F1, F2, F3 …, or a whole name")
    parser.add_argument("--seconds", type=float, default=30, help="of each fault, and of the calm")
    parser.add_argument("--buyers", type=int, default=6)
    parser.add_argument("--lookers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--dir", type=Path, help="a new one, which stays; else one in /tmp")
    return parser.parse_args(arguments)


async def play(
    shop: WholeShop, scenes: Sequence[Scene], plan: Plan, *, with_workers: bool
) -> list[str]:
    """Each scene after a calm of its own; the reckoning is one for all of them."""
    variants = shop.put_on_sale([some(1_000_000)] * 3)
    await warm_up(shop)
    diary = Diary()
    troubles: list[str] = []
    # First: no other letter is on its way.
    if with_workers:
        troubles += await asyncio.to_thread(workers.kill_in_the_middle, shop, diary, variants)
    for scene in scenes:
        troubles += [
            f"{scene.name}: {each}" for each in await _play(shop, scene, plan, variants, diary)
        ]
    print("waiting until nothing is on its way", flush=True)
    left = await asyncio.to_thread(wait_until_quiet, shop, seconds=SETTLING_SECONDS)
    # Each of the worker's processes may lose PostgreSQL between a letter and the note of it.
    forgiven = WORKER_PROCESSES if any(scene.name.startswith("F2") for scene in scenes) else 0
    lost = wrong_letters(shop, diary.visits, forgiven=forgiven)
    return [*troubles, *reckon(shop, diary.visits, left), *lost]


async def _play(
    shop: WholeShop, scene: Scene, plan: Plan, variants: Sequence[str], diary: Diary
) -> list[str]:
    pages: list[Asked] = []
    diary.is_over = False
    crowd = shoppers_on(
        shop,
        diary,
        variants,
        buyers=plan.buyers,
        # Another crowd in each scene: the same person under the same key would only ask again.
        seed=f"{plan.seed} {scene.name}",
        chances=scene.chances,
    )
    async with lookers_in(shop, pages, lookers=plan.lookers), crowd:
        calm = time.monotonic()
        await asyncio.sleep(plan.seconds)
        struck = time.monotonic()
        try:
            there, lifted = await asyncio.to_thread(_strike, shop, scene, plan.seconds)
        except (NotStruck, TimeoutError) as error:
            return [f"the fault did not take place: {error}"]
        over = time.monotonic()
    return _judge(scene, diary, pages, Times(calm, struck, there, lifted, over))


def _strike(shop: WholeShop, scene: Scene, seconds: float) -> tuple[float, float]:
    """From when until when it was certainly there."""
    with scene.strike(shop):
        there = time.monotonic()
        time.sleep(seconds)
        return there, time.monotonic()


def _judge(scene: Scene, diary: Diary, pages: Sequence[Asked], times: Times) -> list[str]:
    """Tell what was seen, and what of the promise did not hold."""
    calm, struck, over = times.calm, times.struck, times.over
    before = figures(pages, since=calm, until=struck)
    during = figures(pages, since=struck, until=over)
    orders = figures(diary.orders, since=struck, until=over)
    answered = answers(diary.orders, since=times.there, until=times.lifted)
    print(f"{scene.name}\n  calm, pages   {before}\n  fault, pages  {during}")
    print(f"  calm, orders  {figures(diary.orders, since=calm, until=struck)}")
    print(f"  fault, orders {orders}", flush=True)
    if scene.promise.away_seconds is not None:
        print(f"  nothing failed after {max(during.away_seconds, orders.away_seconds):.1f} s")
    return scene.promise.broken(calm=before, pages=during, orders=orders, answered=answered)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
