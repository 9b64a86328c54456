"""Buyers who buy one thing each, through the JSON API or the pages, with a clock in hand."""

import re
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from html import unescape

import httpx

from bench.orders.confirmed import Confirmations
from drills.buyers import PATIENCE, Buyer, NotServed, Street

# Made once: it takes longer than the request for which every new client would make one.
_TLS = ssl.create_default_context()
_HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
_COURIER = re.compile(r'name="(shipping-[^"]+)" value="([^"]+)"[^>]*checked')
_LIST = re.compile(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', re.DOTALL)
_OPTION = re.compile(r'<option value="([^"]+)" selected')
_TAG = re.compile(r"<[^>]*>")
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')


@dataclass(slots=True)
class Clock:
    """Milliseconds of each step of one journey; of all of it under `WHOLE`."""

    began: float = field(default_factory=time.time)
    steps: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        began = time.time()
        yield
        self.steps[name] = (time.time() - began) * 1000


WHOLE = "the whole journey"
CONFIRMED = "paid → confirmed"
Journey = Callable[[Street, Confirmations, str, Clock], Awaitable[None]]


async def through_api(street: Street, orders: Confirmations, variant: str, clock: Clock) -> None:
    """Cart, quote, order, and the money. Raises NotServed, TimeoutError."""
    buyer = street.buyer()
    with clock.step("cart"):
        await buyer.begin_cart([variant])
    with clock.step("quote"):
        await buyer.agree()
    with clock.step("order"):
        if not await buyer.place():
            raise NotServed("sold out")
    await _pay(buyer.street, orders, buyer.order["number"], clock)


async def through_pages(street: Street, orders: Confirmations, slug: str, clock: Clock) -> None:
    """As a browser without JavaScript: each form sent, each page it leads to looked at.

    Raises NotServed, TimeoutError.
    """
    buyer = street.buyer()
    async with _browser(street) as browser:
        with clock.step("into the cart"):
            await _see(browser.post("/cart/add/", data={"product": slug, "quantity": "1"}))
        with clock.step("checkout"):
            page = await _see(browser.get("/checkout/"))
        form = _hidden(page) | _typed(buyer)
        with clock.step("courier and total"):
            page = await _see(browser.post("/checkout/", data=form | {"quote": "1"}))
        form = _hidden(page) | _chosen(page) | _typed(buyer) | {"method": "dana"}
        # The place as the page has written it into its text field.
        form["region_text"] = form.get("region_text_seen", "")
        with clock.step("order"):
            answer = await browser.post("/checkout/", data=form)
            if not answer.url.path.startswith("/pay/"):
                raise NotServed(f"{answer.status_code}: {_complaint(answer.text)}")
    await _pay(street, orders, await orders.number_of(answer.url.path.split("/")[2]), clock)


async def _pay(street: Street, orders: Confirmations, number: str, clock: Clock) -> None:
    """The customer pays at the gateway, which knocks at the shop, which asks it and books."""
    confirmed = orders.expect(number)
    paid_at = time.time()
    if not await street.tell_gateway("pay", f"{number}-A1"):
        raise NotServed(f"{number} could not be paid")
    confirmed_at = await confirmed
    clock.steps[CONFIRMED] = (confirmed_at - paid_at) * 1000
    clock.steps[WHOLE] = (confirmed_at - clock.began) * 1000


@asynccontextmanager
async def _browser(street: Street) -> AsyncIterator[httpx.AsyncClient]:
    shop = f"{street.client.base_url.scheme}://{street.client.base_url.netloc.decode()}"
    headers = {"Origin": shop, "Accept-Encoding": "gzip"}
    async with httpx.AsyncClient(
        base_url=shop, headers=headers, timeout=PATIENCE, follow_redirects=True, verify=_TLS
    ) as browser:
        yield browser


async def _see(asked: Awaitable[httpx.Response]) -> str:
    answer = await asked
    if not answer.is_success:
        raise NotServed(f"{answer.url}: {answer.status_code} {answer.text[:300]}")
    return answer.text


def _complaint(page: str) -> str:
    """What the page says is wrong, without its tags."""
    summary = page.partition('class="summary-errors"')[2] or page.partition("<main")[2]
    return " ".join(_TAG.sub(" ", summary).split())[:300]


def _hidden(page: str) -> dict[str, str]:
    """The hidden fields of the checkout's form."""
    body = page.partition("<main")[2]
    fields = [dict(_ATTRIBUTE.findall(tag)) for tag in _HIDDEN.findall(body)]
    return {one["name"]: unescape(one.get("value", "")) for one in fields if "name" in one}


def _chosen(page: str) -> dict[str, str]:
    """The couriers that are ticked, and the lists of places as the page has set them."""
    lists = {
        name: _OPTION.findall(options)[0]
        for name, options in _LIST.findall(page)
        if _OPTION.search(options)
    }
    return dict(_COURIER.findall(page)) | lists


def _typed(buyer: Buyer) -> dict[str, str]:
    return {
        **buyer.contact,
        "recipient_name": "Pembeli",
        "street": f"Jl. {buyer.name}",
        "region": "32.73.19",
        "postal_code": "40111",
    }
