"""What happens in a scenario: at the gateway, at the shop, and in between."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from django.db import connection, transaction
from django.utils import timezone

from catalog.models import Variant
from catalog.tests.builders import make_variant, stock_of
from orders.models import Order
from orders.tests.builders import make_cart, make_contact
from payments.books import differences
from payments.checkout import place_and_pay
from payments.models import (
    LedgerEntry,
    LedgerTransaction,
    PaymentAttempt,
    PaymentException,
    PaymentReceipt,
    Refund,
    StatementReading,
    WebhookEvent,
)
from payments.money_loop import run_once
from payments.reconciling.reading import schedule_readings
from payments.tests.gateway_builders import CALLBACK_TOKENS
from payments.tests.invariants import check_delivered, check_gateway, check_invariants
from payments.tests.test_checkout import order_form
from shop.local.simulator.config import Config
from shop.local.simulator.server import Simulator
from shop.local.simulator.tests.conftest import NO_TLS, PATIENCE, SECRET_KEY, Clock
from shop.local.simulator.webhooks import Receiver

Json = dict[str, Any]
# Moments that decide what the shop does next; time goes by for all of them at once.
MOMENTS = {
    "orders_order": ["placed_at", "reserve_until", "next_expiry_at", "confirmed_at", "ended_at"],
    "catalog_reservation": ["expires_at"],
    "payments_paymentattempt": [
        "created_at",
        "submitted_at",
        "expires_at",
        "next_poll_at",
        "last_lookup_at",
        "cancel_requested_at",
    ],
    "payments_webhookevent": ["received_at", "next_try_at"],
    "payments_refund": [
        "requested_at",
        "approved_at",
        "next_try_at",
        "first_lookup_at",
    ],
    "payments_paymentreceipt": ["captured_at", "booked_at"],
    "payments_gatewaytransaction": ["next_match_at"],
    "payments_statementreading": ["next_run_at", "complete_until"],
}


@dataclass
class Scene:
    """`gateway` runs in this process; `clock` is its, and stands until it is moved."""

    gateway: Simulator
    clock: Clock
    control: httpx.Client
    shop_url: str

    # --- at the shop -----------------------------------------------------------------------------
    def placed(
        self, method: str = "dana", *, variant: Variant | None = None, **form: Any
    ) -> PaymentAttempt:
        """Somebody has ordered one piece and is to pay for it."""
        values = order_form(make_cart({variant or make_variant(on_hand=1): 1}), method=method)
        return newest_attempt(place_and_pay(**values | form).order)

    def turn(self) -> None:
        """The money loop, until nothing more is due."""
        with ThreadPoolExecutor(2) as pool:
            while run_once(pool):
                pass

    def window_ends(self, attempt: PaymentAttempt) -> None:
        Order.objects.filter(pk=attempt.order_id).update(next_expiry_at=timezone.now())
        self.turn()

    def later(self, **step: float) -> None:
        """Time goes by at the shop, and what falls due is done."""
        age_rows(timedelta(**step))
        self.turn()

    def see(self, path: str) -> httpx.Response:
        """What a browser without any cookie is shown."""
        return httpx.get(f"{self.shop_url}{path}", trust_env=False, follow_redirects=False)

    # --- at the gateway --------------------------------------------------------------------------
    def sim(self, call: str, **body: Any) -> Json:
        answer = self.control.post(f"/_sim/{call}", json=body)
        assert answer.status_code == 200, answer.text
        document: Json = answer.json()
        return document

    def pay(self, attempt: PaymentAttempt, **more: Any) -> Json:
        return self.sim("pay", reference_id=attempt.reference, **more)

    def arm(self, on: str, mode: str, **more: Any) -> None:
        self.sim("faults", on=on, mode=mode, **more)

    def knocked(self) -> list[Json]:
        """All webhooks, newest first, once none is under way."""
        self.gateway.run_due()
        assert self.gateway.xendit.webhooks.wait_until_idle(PATIENCE)
        return self._listed("deliveries")

    def told(self) -> None:
        """The webhooks have come, and the shop has done what they are about."""
        self.knocked()
        self.turn()

    def forge(self, body: Any = None, **more: Any) -> Json:
        """A webhook that the gateway's rules would not send; the newest delivery."""
        given = {"body": body} if body is not None else {}
        self.sim("webhooks/forge", **given, **more)
        return self.knocked()[0]

    def gateway_time_passes(self, **step: float) -> None:
        self.clock.advance(**step)
        self.knocked()

    def requests(self, attempt: PaymentAttempt) -> list[Json]:
        return self._listed("requests", reference_id=attempt.reference)

    def refunds(self) -> list[Json]:
        return self._listed("refunds")

    def transactions(self) -> list[Json]:
        return self._listed("transactions")

    def _listed(self, what: str, **query: str) -> list[Json]:
        listed = self.control.get(f"/_sim/{what}", params={"limit": "1000"} | query)
        found: list[Json] = listed.json()["data"]
        return found

    # --- the end ---------------------------------------------------------------------------------
    def reconcile(self) -> None:
        """The gateway's list of the last days is read and matched."""
        schedule_readings()
        StatementReading.objects.filter(gateway="xendit").update(next_run_at=timezone.now())
        StatementReading.objects.exclude(gateway="xendit").delete()
        self.turn()

    def end(self) -> None:
        """Nothing is lost on its way any more; then every invariant holds, at both ends."""
        self.sim("faults/clear")
        self.told()
        self.catch_up()
        self.reconcile()
        check_invariants()
        check_delivered(self.knocked())
        check_gateway("xendit", self.transactions())
        assert [str(each) for each in differences()] == []

    def catch_up(self) -> None:
        """Whatever waits to be asked about again is asked about now."""
        now = timezone.now()
        PaymentAttempt.objects.filter(next_poll_at__gt=now).update(next_poll_at=now)
        WebhookEvent.objects.filter(next_try_at__gt=now).update(next_try_at=now)
        Refund.objects.filter(next_try_at__gt=now).update(next_try_at=now)
        self.turn()


@contextmanager
def opened(shop_url: str, directory: Path) -> Iterator[Scene]:
    """A gateway with empty books, whose webhooks go to the shop at that address."""
    clock = Clock()
    clock.moment = timezone.now()
    receiver = Receiver(f"{shop_url}/webhooks/xendit/", CALLBACK_TOKENS[0])
    config = Config("127.0.0.1", 0, directory / "gateway.sqlite3", SECRET_KEY, receiver)
    gateway = Simulator(config, now=clock)
    gateway.start()
    try:
        with httpx.Client(base_url=gateway.url, trust_env=False, verify=NO_TLS) as control:
            yield Scene(gateway, clock, control, shop_url)
    finally:
        gateway.stop()


def age_rows(step: timedelta) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        # Neither triggers nor the moments that they write have a say in it.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, names in MOMENTS.items():
            moved = ", ".join(f"{name} = {name} - %(step)s::interval" for name in names)
            cursor.execute(f"UPDATE {table} SET {moved}", {"step": str(step)})  # noqa: S608 - ours


def newest_attempt(order: Order) -> PaymentAttempt:
    return PaymentAttempt.objects.filter(order=order).latest("seq")


def status_of(attempt: PaymentAttempt) -> tuple[str, str]:
    """Of the order, and of the attempt."""
    fresh = PaymentAttempt.objects.select_related("order").get(pk=attempt.pk)
    return fresh.order.status, fresh.state


def stock(attempt: PaymentAttempt) -> tuple[int, int]:
    """On hand and reserved, of what was ordered."""
    return stock_of(attempt.order.lines.get().variant)


def troubles() -> list[str]:
    rows = PaymentException.objects.filter(resolved_at=None).order_by("pk")
    return list(rows.values_list("kind", flat=True))


def dispositions() -> list[str]:
    return list(PaymentReceipt.objects.order_by("pk").values_list("disposition", flat=True))


def books_untouched() -> bool:
    return not LedgerTransaction.objects.exists() and not PaymentReceipt.objects.exists()


def balance(account: str) -> int:
    entries = LedgerEntry.objects.filter(account_id=account)
    return sum(entries.values_list("amount_minor", flat=True))


def another_buyer() -> Any:
    return make_contact("budi@example.com", "081234567899")
