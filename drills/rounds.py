"""The rounds of a drill. Each ends with what was seen; `troubles` are what must not have been.

Truth comes twice: from the rows, and from what the shop tells each buyer.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from drills.buyers import Buyer, Street, code_of
from drills.scratch import Shop

# How long the shop has to book what was paid, and to free what was not.
PATIENCE = 300.0
# At the same time, while carts are filled: the rush itself has no limit.
FILLING = 16
# Whoever misses the last use is told so, and whoever comes when it is known sees another total.
TOLD = ("coupon_used_up", "price_changed")


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of a round: buyers by outcome, and units that are left."""

    buyers: int
    sold: int
    refused: int
    left: int
    seconds: float
    troubles: list[str] = field(default_factory=list)


async def fill_carts(street: Street, carts: Sequence[Sequence[str]]) -> list[Buyer]:
    """One buyer for each of the carts, ready to order."""
    buyers = [street.buyer() for _cart in carts]
    few = asyncio.Semaphore(FILLING)

    async def fill(buyer: Buyer, variants: Sequence[str]) -> None:
        async with few:
            await buyer.fill_cart(variants)

    await asyncio.gather(*map(fill, buyers, carts))
    return buyers


async def all_at_once(doings: Sequence[Callable[[], Awaitable[bool]]]) -> list[bool]:
    """Start all of them at the same moment; each one's result."""
    barrier = asyncio.Barrier(len(doings))

    async def do(doing: Callable[[], Awaitable[bool]]) -> bool:
        await barrier.wait()
        return await doing()

    return list(await asyncio.gather(*map(do, doings)))


async def rush(shop: Shop, buyers: Sequence[Buyer], *, units: int) -> Seen:
    """Everybody orders at the same moment and pays at once; each order takes one of the units.

    As many orders as there are units, no more and no fewer, all of them confirmed.
    """
    began = time.monotonic()
    placed = await all_at_once([partial(_order_and_pay, buyer) for buyer in buyers])
    seconds = time.monotonic() - began
    winners = [buyer for buyer, is_placed in zip(buyers, placed, strict=True) if is_placed]
    expected = min(units, len(buyers))
    troubles = [] if len(winners) == expected else [f"{len(winners)} orders for {expected} units"]
    confirmed = await _wait_for(lambda: _confirmed(shop, winners), at_least=len(winners))
    if confirmed != len(winners):
        troubles.append(f"{confirmed} of {len(winners)} paid orders are confirmed")
    told = [await buyer.status() for buyer in winners]
    if told.count("confirmed") != len(winners):
        troubles.append(f"the shop tells its buyers {sorted(set(told))}")
    return Seen(
        len(buyers), confirmed, len(buyers) - len(winners), units - confirmed, seconds, troubles
    )


async def _order_and_pay(buyer: Buyer) -> bool:
    is_placed = await buyer.place()
    if is_placed and not await buyer.pay():
        buyer.street.traffic.troubles.append(f"{buyer.reference} could not be paid")
    return is_placed


async def rush_with_quitters(
    shop: Shop,
    street: Street,
    buyers: Sequence[Buyer],
    *,
    variant: str,
    units: int,
    hurry: Callable[[], None] = lambda: None,
) -> Seen:
    """Two fifths of the buyers never pay, one fifth is declined; the others come again until they
    have one or all are sold. After the payment windows of the rest every unit is sold.

    `hurry` is called every moment, where windows are too long to wait for.
    """
    began = time.monotonic()
    is_over = asyncio.Event()

    def sold() -> int:
        hurry()
        return _sold(shop, variant)

    async def watch() -> bool:
        await _wait_for(sold, at_least=units)
        is_over.set()
        return False

    fates = _fates(street, len(buyers))
    comings = [partial(_come, *one, is_over) for one in zip(buyers, fates, strict=True)]
    paid = await all_at_once([watch, *comings])
    seconds = time.monotonic() - began
    payers = [buyer for buyer, has_paid in zip(buyers, paid[1:], strict=True) if has_paid]
    # Only now, as some paid after the last unit was sold: what is booked is read at the very end.
    confirmed = await _wait_for(lambda: _confirmed(shop, payers), at_least=len(payers))
    in_the_end = _sold(shop, variant)
    troubles = wrong_in_the_end(units=units, sold=in_the_end, paid=len(payers), confirmed=confirmed)
    left = units - in_the_end
    return Seen(len(buyers), in_the_end, len(buyers) - in_the_end, left, seconds, troubles)


def wrong_in_the_end(*, units: int, sold: int, paid: int, confirmed: int) -> list[str]:
    """Each unit sold, once; each that was paid got, and each that was got paid."""
    troubles = []
    if sold != units:
        troubles.append(f"{sold} of {units} units are sold in the end")
    if not paid == confirmed == sold:
        troubles.append(f"{paid} have paid, {confirmed} of them have an order, {sold} are sold")
    return troubles


def _fates(street: Street, number: int) -> list[str]:
    fates = ["abandons"] * (number * 2 // 5) + ["declined"] * (number // 5)
    fates += ["pays"] * (number - len(fates))
    street.chance.shuffle(fates)
    return fates


async def _come(buyer: Buyer, fate: str, is_over: asyncio.Event) -> bool:
    """Come again and again until there is a unit or all are sold; whether it was paid."""
    while not await buyer.place():
        if is_over.is_set():
            return False
        await asyncio.sleep(buyer.street.chance.uniform(0.5, 1.5))
    if fate == "declined":
        await buyer.decline()
    return fate == "pays" and await buyer.pay()


async def one_code(shop: Shop, street: Street, variant: str, code: str, *, carts: int) -> Seen:
    """So many carts with a code that is good for one order, ordered at once: one order has it. The
    others are told, and get the goods at the full price once they have agreed to it.

    There are as many units as carts.
    """
    buyers = [street.buyer() for _cart in range(carts)]
    for buyer in buyers:
        await buyer.begin_cart([variant])
        await buyer.put_code(code)
        await buyer.agree()
    cheap = buyers[0].form["expected_total"]
    began = time.monotonic()
    codes = await asyncio.gather(*(_placed_or_why(buyer, key=buyer.name) for buyer in buyers))
    seconds = time.monotonic() - began
    troubles = []
    told = sum(code in TOLD for code in codes)
    if codes.count("") != 1 or told != carts - 1:
        troubles.append(f"orders with the code are answered {Counter(codes)}")
    for buyer in (buyer for buyer in buyers if not buyer.order):
        await buyer.agree()
        if buyer.form["expected_total"] == cheap:
            troubles.append(f"{buyer.name} is offered the used-up discount again")
        await _placed_or_why(buyer, key=f"{buyer.name}-again")
    placed = sum(bool(buyer.order) for buyer in buyers)
    if placed != carts:
        troubles.append(f"{placed} of {carts} have an order in the end")
    [(uses, counted)] = shop.sql(
        "SELECT count(*), max(uses) FROM orders_promotionuse used"
        " JOIN orders_coupon coupon ON coupon.id = coupon_id"
        " WHERE code = %s AND state = 'taken'",
        code,
    )
    if (uses, counted) != (1, 1):
        troubles.append(f"the code is used by {uses} orders and counted {counted} times")
    return Seen(carts, placed, told, carts - placed, seconds, troubles)


async def _placed_or_why(buyer: Buyer, *, key: str) -> str:
    """Empty, or the code of the refusal."""
    answer = await buyer.send(buyer.form, key=key)
    if answer.is_success:
        buyer.order = answer.json()
    return code_of(answer)


async def same_key(shop: Shop, street: Street, variant: str, *, times: int) -> Seen:
    """One order sent so often at once, and as often afterwards: one order, one payment, and the
    same answer to the byte. Another body under its key is refused."""
    [buyer] = await fill_carts(street, [[variant]])
    began = time.monotonic()
    bodies: list[bytes] = []

    async def send() -> bool:
        answer = await buyer.send(buyer.form, key=buyer.name)
        bodies.append(answer.content)
        if answer.is_success:
            buyer.order = answer.json()
        return answer.is_success

    results = await all_at_once([send] * times)
    results += await all_at_once([send] * times)
    seconds = time.monotonic() - began
    if not all(results) or len(set(bodies)) != 1:
        differ = f"{results.count(False)} refused, {len(set(bodies))} different answers"
        return Seen(1, 0, 0, 0, seconds, [differ])
    troubles = []
    [(orders,)] = shop.sql("SELECT count(*) FROM orders_order WHERE cart_token = %s", buyer.cart)
    if orders != 1:
        troubles.append(f"{orders} orders")
    listed = await street.client.get(
        f"{street.simulator}/_sim/requests", params={"reference_id": buyer.reference}
    )
    if len(listed.json()["data"]) != 1:
        troubles.append(f"{len(listed.json()['data'])} payments at the gateway")
    other = await buyer.send(buyer.form | {"language": "en"}, key=buyer.name)
    if other.status_code != 422:
        troubles.append(f"another body under the same key is answered {other.status_code}")
    return Seen(1, orders, 0, 0, seconds, troubles)


def _confirmed(shop: Shop, buyers: Sequence[Buyer]) -> int:
    numbers = [buyer.order["number"] for buyer in buyers]
    [(confirmed,)] = shop.sql(
        "SELECT count(*) FROM orders_order WHERE status = 'confirmed' AND number = ANY (%s)",
        numbers,
    )
    return int(confirmed)


def _sold(shop: Shop, variant: str) -> int:
    """Units that have left the shelf, by the history of stock."""
    [(sold,)] = shop.sql(
        "SELECT coalesce(-sum(moved.quantity), 0) FROM catalog_stockmovement moved"
        " JOIN catalog_stockitem item ON item.id = stock_item_id"
        " JOIN catalog_variant variant ON variant.id = variant_id"
        " WHERE kind = 'sold' AND variant.public_id = %s",
        variant,
    )
    return int(sold)


async def _wait_for(count: Callable[[], int], *, at_least: int) -> int:
    """The count once it is reached, or what it was when patience ended."""
    give_up_at = time.monotonic() + PATIENCE
    while (seen := count()) < at_least and time.monotonic() < give_up_at:
        await asyncio.sleep(0.2)
    return seen
