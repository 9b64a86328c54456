"""Buyers who go on while the shop falls and gets up again, and remember what they were told.

What a buyer is told of an order has three values: taken, refused, or nothing that can be relied
upon. The last is asked for again under the same key until it is one of the first two.
"""

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Any

import httpx

from drills.buyers import Buyer, Json, NotServed, Street, code_of

# Longer than a shop that is being brought back takes to answer.
REQUEST_SECONDS = 20.0
# A buyer who hears nothing for so long goes home; the drill counts it as trouble. Who cannot pay
# waits for the order's end: its window, and the lease of a loop that was killed while ending it.
RESOLVE_SECONDS = 180.0
PAUSE = 0.3
# How soon somebody presses the button again who was told that a payment cannot be had now.
TRY_AGAIN_SECONDS = 5.0


class Intention(StrEnum):
    PAY = "pays"
    REFUND = "pays, then calls it off"
    CANCEL = "cancels"
    ABANDON = "walks away"


CHANCES = {Intention.PAY: 50, Intention.REFUND: 20, Intention.CANCEL: 15, Intention.ABANDON: 15}


class Outcome(StrEnum):
    OK = "ok"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(slots=True)
class Visit:
    """One order of one person, under one key, as that person knows it."""

    key: str
    intention: Intention
    method: str
    outcome: Outcome = Outcome.UNKNOWN
    # Tries whose answer was lost, or was no answer.
    unknown: int = 0
    refusal: str = ""
    number: str = ""
    total: int = 0
    # Paid at the gateway, once, and told so there.
    is_paid: bool = False
    is_cancelled: bool = False
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: when, how long it took, and its status; 0 where no answer came.

    `payment` is what an order's answer said of its payment.
    """

    at: float
    seconds: float
    status: int
    payment: str = ""


@dataclass(slots=True)
class Diary:
    """All visits, in the order in which they began; `wish` is what the next one does."""

    visits: list[Visit] = field(default_factory=list)
    # Each time that an order was asked for.
    orders: list[Asked] = field(default_factory=list)
    wish: Intention | None = None
    is_over: bool = False

    def has_sold(self, *, after: float) -> bool:
        """Whether an order was acknowledged that was asked for after that moment."""
        return any(
            each.at > after and each.status == HTTPStatus.CREATED for each in self.orders[-50:]
        )


class Interrupted(Exception):
    """The shop did not answer (status 0), or answered that it cannot; nothing is known."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


class BadWeather(Street):
    """A street on which an answer may get lost: that is no trouble, and not relied upon."""

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            answer = await self.client.request(method, path, **more)
        except httpx.TransportError as error:
            raise Interrupted(0) from error
        self.traffic.statuses[answer.status_code] += 1
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Interrupted(answer.status_code)
        return answer


@dataclass(slots=True)
class Visitor:
    """Comes again and again until the diary is closed, each time as another person."""

    street: BadWeather
    diary: Diary
    chance: random.Random
    variants: Sequence[str]
    methods: Sequence[str] = ("dana", "bca_va")
    chances: Mapping[Intention, int] = field(default_factory=lambda: CHANCES)

    async def come_and_go(self) -> None:
        while not self.diary.is_over:
            await self.visit()

    async def visit(self) -> Visit:
        intention = self._intention()
        # Of these methods only a wallet gives money back by itself.
        method = "dana" if intention is Intention.REFUND else self.chance.choice(self.methods)
        buyer = self.street.buyer()
        visit = Visit(buyer.name, intention, method)
        self.diary.visits.append(visit)
        try:
            await self._fill(buyer, method)
            await self._place(buyer, visit)
            if visit.outcome is Outcome.OK:
                await self._follow(buyer, visit)
        except (TimeoutError, NotServed) as error:
            visit.trouble = str(error) or type(error).__name__
        return visit

    def _intention(self) -> Intention:
        drawn = self.chance.choices(list(self.chances), list(self.chances.values()))[0]
        wish, self.diary.wish = self.diary.wish, None
        return wish or drawn

    async def _fill(self, buyer: Buyer, method: str) -> None:
        """Nothing is owed yet, so an interruption only means another cart."""
        async with asyncio.timeout(RESOLVE_SECONDS):
            while True:
                try:
                    await buyer.fill_cart([self.chance.choice(self.variants)])
                except Interrupted:
                    await asyncio.sleep(PAUSE)
                    continue
                buyer.form["payment"]["method"] = method
                return

    async def _place(self, buyer: Buyer, visit: Visit) -> None:
        async with asyncio.timeout(RESOLVE_SECONDS):
            while visit.outcome is Outcome.UNKNOWN:
                answer = await self._order(buyer)
                if answer is None:
                    visit.unknown += 1
                    await asyncio.sleep(PAUSE)
                elif answer.is_success:
                    buyer.order = answer.json()
                    visit.outcome = Outcome.OK
                    visit.number = buyer.order["number"]
                    visit.total = buyer.order["totals"]["total"]["amount"]
                else:
                    visit.outcome = Outcome.REFUSED
                    visit.refusal = f"{answer.status_code} {code_of(answer)}"

    async def _order(self, buyer: Buyer) -> httpx.Response | None:
        headers = {"Idempotency-Key": buyer.name}
        began = time.monotonic()
        status, payment = 0, ""
        try:
            answer = await self.street.ask("POST", "/orders", json=buyer.form, headers=headers)
            status = answer.status_code
            if answer.is_success:
                payment = (answer.json()["payment"] or {}).get("state", "")
        except Interrupted as interruption:
            status = interruption.status
            return None
        finally:
            seconds = time.monotonic() - began
            self.diary.orders.append(Asked(began, seconds, status, payment))
        return None if code_of(answer) == "still_working" else answer

    async def _follow(self, buyer: Buyer, visit: Visit) -> None:
        async with asyncio.timeout(RESOLVE_SECONDS):
            match visit.intention:
                case Intention.PAY:
                    visit.is_paid = await self._pay(buyer)
                case Intention.REFUND:
                    visit.is_paid = await self._pay(buyer)
                    if visit.is_paid:
                        await self._until(buyer, "confirmed")
                        visit.is_cancelled = await self._cancel(buyer)
                case Intention.CANCEL:
                    visit.is_cancelled = await self._cancel(buyer)
                case Intention.ABANDON:
                    return

    async def _pay(self, buyer: Buyer) -> bool:
        """Pay what the shop says is to be paid; False where that became impossible.

        Nobody pays twice here: the gateway refuses what is paid already.
        """
        tried: list[Json] = []
        pressed_at = time.monotonic()
        while True:
            order = await self._read(buyer)
            if tried and await self._is_paid_there(tried):
                return True
            if order["status"] != "pending":
                return False
            if named := named_by(order["payment"]):
                tried.append(named)
                if await self._tell_gateway(named):
                    return True
            elif is_over(order["payment"]) and time.monotonic() > pressed_at + TRY_AGAIN_SECONDS:
                await self._try_again(buyer)
                pressed_at = time.monotonic()
            await asyncio.sleep(PAUSE)

    async def _try_again(self, buyer: Buyer) -> None:
        """What the pay page offers where the gateway could not be reached: a new payment."""
        path, headers = _path_of(buyer)
        with suppress(Interrupted):
            await self.street.ask(
                "POST", f"{path}/payments", json=buyer.form["payment"], headers=headers
            )

    async def _tell_gateway(self, named: Json) -> bool:
        """Whether it certainly took the money now."""
        try:
            answer = await self.street.client.post(f"{self.street.simulator}/_sim/pay", json=named)
        except httpx.TransportError:
            return False
        return answer.is_success

    async def _is_paid_there(self, tried: Sequence[Json]) -> bool:
        asked = f"{self.street.simulator}/_sim/requests?limit=1000"
        while True:
            try:
                answer = await self.street.client.get(asked)
            except httpx.TransportError:
                await asyncio.sleep(PAUSE)
                continue
            rows: list[Json] = answer.json()["data"]
            paid = [row for row in rows if row["status"] == "SUCCEEDED"]
            return any(is_meant(row, named) for row in paid for named in tried)

    async def _until(self, buyer: Buyer, status: str) -> None:
        while (await self._read(buyer))["status"] != status:
            await asyncio.sleep(PAUSE)

    async def _cancel(self, buyer: Buyer) -> bool:
        path, headers = _path_of(buyer)
        while True:
            try:
                answer = await self.street.ask(
                    "POST", f"{path}/cancel", json={"is_paid": True}, headers=headers
                )
            except Interrupted:
                await asyncio.sleep(PAUSE)
                continue
            return answer.is_success

    async def _read(self, buyer: Buyer) -> Json:
        path, headers = _path_of(buyer)
        while True:
            try:
                answer = await self.street.ask("GET", path, headers=headers)
            except Interrupted:
                await asyncio.sleep(PAUSE)
                continue
            if not answer.is_success:
                raise NotServed(f"an acknowledged order: {answer.status_code} {path}")
            order: Json = answer.json()
            return order


def _path_of(buyer: Buyer) -> tuple[str, dict[str, str]]:
    return f"/orders/{buyer.order['number']}", {"X-Order-Token": buyer.order["token"]}


def named_by(payment: Json | None) -> Json | None:
    """What the customer sees of a payment, as the payer at the gateway names it."""
    for action in (payment or {}).get("actions", []):
        match action["descriptor"]:
            case "VIRTUAL_ACCOUNT_NUMBER":
                return {"virtual_account_number": action["value"]}
            case "WEB_URL":
                return {"payment_request_id": action["value"].rpartition("/")[2]}
    return None


def is_over(payment: Json | None) -> bool:
    """Whether nobody can pay by it any more, so that the customer chooses anew."""
    return payment is None or payment["state"] in ("failed", "expired", "cancelled", "abandoned")


def is_meant(row: Json, named: Json) -> bool:
    """Whether a payment request of the gateway is the one that the payer names."""
    shown = {str(action["value"]) for action in row["actions"]}
    return row["payment_request_id"] in named.values() or bool(shown & set(named.values()))
