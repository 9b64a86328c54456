"""One cell of the table: so many clients buying in one way, until so many orders are paid."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import httpx

from bench.orders.confirmed import Confirmations
from bench.orders.journeys import Clock, Journey, through_api, through_pages
from bench.orders.shop import Shop
from bench.usage import cpu_seconds
from drills.buyers import NotServed, Street
from drills.oversell import street_to

PATIENCE = 180.0
# Connections of web and loops to fill, plans to be made, names to be read once.
WARM_UP = 60


@dataclass(frozen=True, slots=True)
class Goods:
    """What is bought: public ids of variants, and the addresses of their products' pages."""

    variants: Sequence[str]
    slugs: Sequence[str]


@dataclass(frozen=True, slots=True)
class Cell:
    name: str
    journey: Journey
    clients: int
    goods: Sequence[str]


@dataclass(frozen=True, slots=True)
class Measured:
    """`used`: CPU milliseconds per paid order of each part of the shop, until all that the orders
    bring with them is done. `steps`: milliseconds of each order's steps."""

    name: str
    clients: int
    orders: int
    seconds: float
    used: Mapping[str, float]
    world: float
    steps: Mapping[str, Sequence[float]]
    errors: Mapping[str, int]

    @property
    def cpu(self) -> float:
        return sum(self.used.values())

    @property
    def per_second(self) -> float:
        return self.orders / self.seconds


@dataclass(slots=True)
class Seen:
    clocks: list[Clock] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)


def cells(many: Goods, hot: Goods, clients: Sequence[int]) -> Iterator[Cell]:
    for name, journey, kind in (("API", through_api, 0), ("pages", through_pages, 1)):
        for goods, choice in (("many SKUs", many), ("one hot SKU", hot)):
            for number in clients:
                what = (choice.variants, choice.slugs)[kind]
                yield Cell(f"{name}, {goods}", journey, number, what)


def measure(shop: Shop, cell: Cell, orders: int, *, warm_up: int = WARM_UP) -> Measured:
    """Have so many orders placed and paid; those that are not are errors."""
    return asyncio.run(_measure(shop, cell, orders, warm_up))


async def _measure(shop: Shop, cell: Cell, orders: int, warm_up: int) -> Measured:
    async with (
        street_to(shop, seed=time.time_ns()) as street,
        Confirmations(shop.env["DATABASE_URL"]) as confirmations,
    ):
        await _crowd(street, confirmations, cell, warm_up)
        await _until_quiet(confirmations)
        before, watched, world = shop.used(), cpu_seconds(confirmations.pid), shop.used_by_world()
        began = time.monotonic()
        seen = await _crowd(street, confirmations, cell, orders)
        seconds = time.monotonic() - began
        await _until_quiet(confirmations)
        after = shop.used()
        # What the bench itself asks the database is no part of the shop.
        after["postgres"] -= cpu_seconds(confirmations.pid) - watched
        paid = len(seen.clocks) or 1
        return Measured(
            name=cell.name,
            clients=cell.clients,
            orders=len(seen.clocks),
            seconds=seconds,
            used={name: (after[name] - before[name]) * 1000 / paid for name in before},
            world=(shop.used_by_world() - world) * 1000 / paid,
            steps={
                step: [clock.steps[step] for clock in seen.clocks]
                for step in (seen.clocks[0].steps if seen.clocks else ())
            },
            errors=seen.errors,
        )


async def _crowd(street: Street, confirmations: Confirmations, cell: Cell, orders: int) -> Seen:
    """Each client begins its next journey when the last one is over."""
    seen = Seen()
    numbers = iter(range(orders))
    chance = random.Random(cell.name)  # noqa: S311 - no secret

    async def client() -> None:
        for _number in numbers:
            clock = Clock()
            try:
                await cell.journey(street, confirmations, chance.choice(cell.goods), clock)
                seen.clocks.append(clock)
            except (NotServed, TimeoutError, httpx.HTTPError) as error:
                seen.errors[f"{type(error).__name__}: {str(error)[:300]}"] += 1

    await asyncio.gather(*(client() for _ in range(cell.clients)))
    return seen


async def _until_quiet(confirmations: Confirmations) -> None:
    """Until everything that orders bring with them is done, mails that are due later too."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while await confirmations.work_left():
                await asyncio.sleep(0.5)
