"""The drills in small, against the running shop: `make drill-oversell` runs them in full."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from drills.buyers import Street
from drills.goods import some
from drills.oversell import street_to
from drills.rounds import Seen, fill_carts, rush, rush_with_quitters, same_key
from drills.scratch import Shop
from tests.running import RunningShop

pytestmark = pytest.mark.xdist_group("shop")
Result = TypeVar("Result")


@pytest.fixture
def scratch(shop: RunningShop) -> Shop:
    """The running shop as the drills know one."""
    env = {name: value for name, value in shop.env.items() if value is not None}
    return Shop(shop.url, shop.simulator_url, env)


def on_the_street(shop: Shop, doing: Callable[[Street], Awaitable[Seen]]) -> Seen:
    """Run one round; the shop has made no mistake, and its books are right afterwards."""
    seed = random.randrange(10**6)
    deadlocks = shop.deadlocks()

    async def run() -> Seen:
        async with street_to(shop, seed=seed) as street:
            seen = await doing(street)
            assert street.traffic.troubles == []
            return seen

    seen = asyncio.run(run())
    assert (seen.troubles, seed) == ([], seed)
    assert (shop.deadlocks(), shop.books_are_right()) == (deadlocks, "")
    return seen


def test_twenty_buyers_of_five_units_buy_five(scratch: Shop) -> None:
    [shirt] = scratch.put_on_sale([some(5)])

    async def sale(street: Street) -> Seen:
        return await rush(scratch, await fill_carts(street, [[shirt]] * 20), units=5)

    seen = on_the_street(scratch, sale)
    assert (seen.sold, seen.refused, seen.left) == (5, 15, 0)


def test_carts_that_cross_neither_deadlock_nor_sell_a_thing_twice(scratch: Shop) -> None:
    shirt, skirt = scratch.put_on_sale([some(4), some(4)])

    async def sale(street: Street) -> Seen:
        carts = [[shirt, skirt], [skirt, shirt]] * 6
        return await rush(scratch, await fill_carts(street, carts), units=4)

    seen = on_the_street(scratch, sale)
    assert (seen.sold, seen.refused, seen.left) == (4, 8, 0)


def test_what_quitters_give_back_is_sold_to_those_who_come_again(scratch: Shop) -> None:
    [shirt] = scratch.put_on_sale([some(3)])

    async def sale(street: Street) -> Seen:
        buyers = await fill_carts(street, [[shirt]] * 15)
        return await rush_with_quitters(
            scratch, street, buyers, variant=shirt, units=3, hurry=end_windows
        )

    def end_windows() -> None:
        """The payment window of whoever has not paid ends now."""
        scratch.sql(
            "UPDATE orders_order SET reserve_until = now(), next_expiry_at = now()"
            " WHERE status = 'pending' AND placed_at < now() - interval '2 seconds' RETURNING id"
        )

    seen = on_the_street(scratch, sale)
    assert (seen.sold, seen.left) == (3, 0)


def test_one_key_sent_by_many_taps_at_once_is_one_order_and_one_payment(scratch: Shop) -> None:
    [shirt] = scratch.put_on_sale([some(9)])

    async def taps(street: Street) -> Seen:
        return await same_key(scratch, street, shirt, times=10)

    seen = on_the_street(scratch, taps)
    assert seen.sold == 1
