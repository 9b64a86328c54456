"""Buyers of the JSON API. Each is another person: one has few open orders and limits."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx

Json = dict[str, Any]
# The gateway takes up to five seconds, and hundreds wait for a few threads.
PATIENCE = 120.0
# An answer that never came is asked for again under the same key, so often and no oftener.
MOST_TRIES = 60


@dataclass(slots=True)
class Traffic:
    """What was answered: statuses by number, milliseconds of each order asked for, and trouble."""

    statuses: Counter[int] = field(default_factory=Counter)
    order_ms: list[float] = field(default_factory=list)
    unknown: int = 0
    troubles: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Street:
    """Where buyers come from: the shop they go to, and what they have met there."""

    client: httpx.AsyncClient
    simulator: str
    chance: random.Random
    traffic: Traffic = field(default_factory=Traffic)
    people: int = 0

    def buyer(self) -> "Buyer":
        self.people += 1
        # Seeded, so that a run can be had again; random, so that two runs in one shop differ.
        return Buyer(self, UUID(int=self.chance.getrandbits(128), version=4).hex)

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request; what the server itself did wrong is noted."""
        answer = await self.client.request(method, path, **more)
        self.traffic.statuses[answer.status_code] += 1
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self.traffic.troubles.append(
                f"{method} {path}: {answer.status_code} {answer.text[:200]}"
            )
        return answer

    async def tell_gateway(self, verb: str, reference: str) -> bool:
        """Have the customer of a payment pay or refuse it; whether the gateway took it."""
        answer = await self.client.post(
            f"{self.simulator}/_sim/{verb}", json={"reference_id": reference}
        )
        return answer.status_code == HTTPStatus.OK


@dataclass(slots=True)
class Buyer:
    """One person with a cart. `order` is what was answered to a placed order."""

    street: Street
    name: str
    cart: str = ""
    form: Json = field(default_factory=dict)
    order: Json = field(default_factory=dict)

    @property
    def contact(self) -> Json:
        digits = str(int(self.name, 16))
        return {"email": f"{self.name}@example.com", "phone": f"0812{digits[-8:]}"}

    @property
    def address(self) -> Json:
        return {
            "recipient_name": "Pembeli",
            "phone": self.contact["phone"],
            "street": f"Jl. {self.name}",
            "region": "32.73.19",
            "postal_code": "40111",
            "country": "ID",
        }

    @property
    def reference(self) -> str:
        return f"{self.order['number']}-A1"

    async def fill_cart(self, variants: Sequence[str]) -> None:
        """One unit of each, put in in this order, and the total agreed to."""
        await self.begin_cart(variants)
        await self.agree()

    async def begin_cart(self, variants: Sequence[str]) -> None:
        made = await self.street.ask("POST", "/carts")
        self.cart = made.json()["token"]
        for variant in variants:
            path = f"/carts/{self.cart}/lines/{variant}"
            answer = await self.street.ask("PUT", path, json={"quantity": 1})
            _must(answer)

    async def put_code(self, code: str) -> None:
        _must(await self.street.ask("PUT", f"/carts/{self.cart}/coupon", json={"code": code}))

    async def agree(self) -> None:
        """Ask what it costs to send the cart, and make the order's form."""
        where = {key: self.address[key] for key in ("region", "country")}
        path = f"/carts/{self.cart}/shipping-quotes"
        quoted = await self.street.ask("POST", path, json={"address": where, **self.contact})
        _must(quoted)
        quote = quoted.json()
        total = quote["totals"]["total"]
        self.form = {
            "cart": self.cart,
            **self.contact,
            "language": "id",
            "address": self.address,
            "shipping": quote["chosen"],
            "payment": {"method": "dana", "details": {}},
            "expected_total": {name: total[name] for name in ("amount", "currency")},
        }

    async def place(self) -> bool:
        """Order it; whether that was taken, or sold out. Raises NotServed for another refusal."""
        answer = await self.send(self.form, key=self.name)
        if answer.is_success:
            self.order = answer.json()
        elif code_of(answer) != "out_of_stock" and not answer.is_server_error:
            raise NotServed(f"an order: {answer.status_code} {answer.text[:300]}")
        return answer.is_success

    async def send(self, form: Mapping[str, Any], *, key: str) -> httpx.Response:
        """Send an order until there is an answer to it: one that got lost is asked for again."""
        for _try in range(MOST_TRIES):
            began = time.monotonic()
            try:
                answer = await self.street.ask(
                    "POST", "/orders", json=form, headers={"Idempotency-Key": key}
                )
            except httpx.TransportError:
                self.street.traffic.unknown += 1
                await asyncio.sleep(0.5)
                continue
            self.street.traffic.order_ms.append((time.monotonic() - began) * 1000)
            if code_of(answer) != "still_working":
                return answer
            await asyncio.sleep(float(answer.headers.get("Retry-After", "1")))
        raise TimeoutError(f"no answer to an order in {MOST_TRIES} tries")

    async def pay(self) -> bool:
        return await self.street.tell_gateway("pay", self.reference)

    async def decline(self) -> bool:
        return await self.street.tell_gateway("fail", self.reference)

    async def status(self) -> str:
        """What the shop itself says of the order."""
        headers = {"X-Order-Token": self.order["token"]}
        answer = await self.street.ask("GET", f"/orders/{self.order['number']}", headers=headers)
        return str(answer.json()["status"])


class NotServed(Exception):
    """The shop refused what must be possible before a sale; the text is its answer."""


def _must(answer: httpx.Response) -> None:
    if not answer.is_success:
        raise NotServed(f"{answer.url}: {answer.status_code} {answer.text[:300]}")


def code_of(answer: httpx.Response) -> str:
    """The stable code of a refusal, empty for an answer that is none."""
    if answer.status_code < HTTPStatus.BAD_REQUEST:
        return ""
    try:
        return str(answer.json().get("code", ""))
    except ValueError:
        return ""
