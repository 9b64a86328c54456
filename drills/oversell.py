"""All the rounds, one after the other, against one shop; what is seen is printed as it comes."""

import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import quantiles

import httpx

from drills.buyers import PATIENCE, NotServed, Street, Traffic
from drills.goods import Goods, some
from drills.rounds import Seen, fill_carts, one_code, rush, rush_with_quitters, same_key
from drills.scratch import Shop

CODE = "SATUKALI"


@dataclass(frozen=True, slots=True)
class Plan:
    """How large a drill is. The sale: so many buyers for so many units, in so many rounds.

    `places` are rounds in which half of the units lie at another place.
    """

    buyers: int = 500
    units: int = 50
    rounds: int = 20
    places: int = 2
    pairs: int = 300
    mixed: int = 5
    quitting: int = 2
    taps: int = 50
    codes: int = 100
    seed: int = 0


@asynccontextmanager
async def street_to(shop: Shop, *, seed: int) -> AsyncIterator[Street]:
    """Where buyers of a shop come from; as many connections as there are buyers."""
    anybody = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(
        base_url=f"{shop.url}/api/v1", limits=anybody, timeout=PATIENCE
    ) as client:
        yield Street(client, shop.simulator_url, random.Random(seed))  # noqa: S311 - no secret


async def run(shop: Shop, plan: Plan) -> list[str]:
    """Run all rounds; returns the troubles, none if nothing is wrong."""
    goods = iter(shop.put_on_sale([some(*units) for units in _units(plan)], codes=[CODE]))
    return await _watched(shop, plan.seed, lambda street: _rounds(shop, street, plan, goods))


async def open_sale(shop: Shop, goods: Goods, *, buyers: int, seed: int) -> list[str]:
    """One rush for what there is of these goods; returns the troubles."""
    [variant] = shop.put_on_sale([goods])

    async def sale(street: Street) -> AsyncIterator[tuple[str, Seen]]:
        crowd = await fill_carts(street, [[variant]] * buyers)
        yield "the sale", await rush(shop, crowd, units=sum(goods["units"]))

    return await _watched(shop, seed, sale)


async def _watched(
    shop: Shop, seed: int, rounds: Callable[[Street], AsyncIterator[tuple[str, Seen]]]
) -> list[str]:
    """Tell what is seen in the rounds; what is wrong in them, in the traffic and in the books."""
    deadlocks = shop.deadlocks()
    troubles: list[str] = []
    print(f"seed {seed}")
    async with street_to(shop, seed=seed) as street:
        try:
            async for name, seen in rounds(street):
                tell(name, seen)
                troubles += [f"{name}: {trouble}" for trouble in seen.troubles]
        except NotServed as refusal:
            troubles.append(str(refusal))
        tell_traffic(street.traffic)
        troubles += street.traffic.troubles
    if (more := shop.deadlocks() - deadlocks) > 0:
        troubles.append(f"{more} deadlocks")
    if wrong := shop.books_are_right():
        troubles.append(wrong)
    return troubles + (shop.errors() if troubles else [])


def _units(plan: Plan) -> Iterator[list[int]]:
    """The stock of each variant by place, in the order in which the rounds take them."""
    yield from [[plan.units]] * plan.rounds
    yield from [[plan.units // 2, plan.units - plan.units // 2]] * plan.places
    yield from [[1]] * plan.pairs
    yield from [[plan.units]] * (2 * plan.mixed)
    yield from [[plan.units]] * plan.quitting
    yield [10]
    yield [plan.codes]


async def _rounds(
    shop: Shop, street: Street, plan: Plan, goods: Iterator[str]
) -> AsyncIterator[tuple[str, Seen]]:
    for number in range(1, plan.rounds + 1):
        buyers = await fill_carts(street, [[next(goods)]] * plan.buyers)
        yield f"rush {number}", await rush(shop, buyers, units=plan.units)
    for number in range(1, plan.places + 1):
        buyers = await fill_carts(street, [[next(goods)]] * plan.buyers)
        yield f"two places {number}", await rush(shop, buyers, units=plan.units)
    pairs = [next(goods) for _pair in range(plan.pairs)]
    couples = await fill_carts(street, [[variant] for variant in pairs for _each in range(2)])
    for number in range(plan.pairs):
        couple = couples[2 * number : 2 * number + 2]
        yield f"last one {number + 1}", await rush(shop, couple, units=1)
    for number in range(1, plan.mixed + 1):
        first, second = next(goods), next(goods)
        carts = [[first, second], [second, first]] * (plan.buyers // 2)
        buyers = await fill_carts(street, carts)
        yield f"crossed carts {number}", await rush(shop, buyers, units=plan.units)
    for number in range(1, plan.quitting + 1):
        variant = next(goods)
        buyers = await fill_carts(street, [[variant]] * plan.buyers)
        seen = await rush_with_quitters(shop, street, buyers, variant=variant, units=plan.units)
        yield f"quitters {number}", seen
    yield "same key", await same_key(shop, street, next(goods), times=plan.taps)
    yield "one code", await one_code(shop, street, next(goods), CODE, carts=plan.codes)


def tell(name: str, seen: Seen) -> None:
    verdict = "; ".join(seen.troubles) or "right"
    print(
        f"  {name:<18} {seen.buyers:>5} buyers  {seen.sold:>4} sold  {seen.refused:>5} refused"
        f"  {seen.left:>4} left  {seen.seconds:>6.1f} s  {verdict}",
        flush=True,
    )


def tell_traffic(traffic: Traffic) -> None:
    answers = ", ".join(
        f"{number} × {status}" for status, number in sorted(traffic.statuses.items())
    )
    print(f"  answers: {answers}; {traffic.unknown} requests without an answer, asked again")
    if len(traffic.order_ms) > 1:
        cuts = quantiles(traffic.order_ms, n=100, method="inclusive")
        print(
            f"  an order took {cuts[49]:.0f} ms (p50), {cuts[94]:.0f} (p95), {cuts[98]:.0f} (p99)"
        )
