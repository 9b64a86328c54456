"""What happens at the gateway, and the runs that read of it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Sum
from django.utils import timezone

from orders.models import Order
from orders.tests.builders import make_order
from payments.gateways.base import RemotePayment
from payments.gateways.registry import gateway
from payments.models import (
    GatewayTransaction,
    LedgerEntry,
    PaymentAttempt,
    PaymentException,
    StatementReading,
)
from payments.polling import observe
from payments.reconciling.matching import claim_due_matches, match_transaction
from payments.reconciling.reading import read_page, schedule_readings
from payments.tests.builders import make_attempt
from shop.local.simulator.tests.conftest import Clock, World

Json = dict[str, Any]


@dataclass
class Books:
    world: World
    clock: Clock

    def paid(self, channel: str = "DANA", *, order: Order | None = None) -> PaymentAttempt:
        """An order's money lies at the gateway, and nothing has told the shop."""
        order = order or make_order()
        created = self.world.create(
            channel, reference_id=f"{order.number}-A1", request_amount=order.total_minor
        )
        attempt = make_attempt(
            order, method=channel.lower(), gateway_ref=created["payment_request_id"]
        )
        self.world.control("pay", payment_request_id=attempt.gateway_ref)
        return attempt

    def booked(self, channel: str = "DANA", *, order: Order | None = None) -> PaymentAttempt:
        """Paid, and booked by a poll."""
        attempt = self.paid(channel, order=order)
        poll(attempt)
        return attempt

    def settle(self) -> None:
        self.tick()
        self.world.control("transactions/settle", all=True)

    def tick(self) -> None:
        self.clock.advance(seconds=1)


def poll(attempt: PaymentAttempt) -> None:

    remote = gateway("xendit").fetch(attempt.gateway_ref, timeout=5)
    assert isinstance(remote, RemotePayment)
    observe(attempt_id=attempt.pk, remote=remote)
    attempt.refresh_from_db()


def reading(name: str = "hourly") -> StatementReading:
    schedule_readings()
    return StatementReading.objects.get(name=name)


def read_all(name: str = "hourly") -> StatementReading:
    """One run, to its end."""
    run = reading(name)
    while True:
        run = read_page(reading_id=run.pk)
        if run.began_at is None:
            return run


def match_all() -> None:
    while due := claim_due_matches():
        for pk in due:
            match_transaction(transaction_id=pk)


def reconcile(name: str = "hourly") -> None:
    read_all(name)
    match_all()


def rows() -> list[GatewayTransaction]:
    return list(GatewayTransaction.objects.order_by("created_at", "pk"))


def balances() -> dict[str, int]:
    """All accounts that are not empty."""
    sums = LedgerEntry.objects.values_list("account_id").annotate(total=Sum("amount_minor"))
    return {code: total for code, total in sums.order_by("account_id") if total}


def clearing() -> int:
    return balances().get("gateway_clearing:xendit", 0)


def troubles() -> list[str]:
    return list(PaymentException.objects.order_by("pk").values_list("kind", flat=True))


def make_due() -> None:
    """Every movement is matched once more, as after a run that found it changed."""
    GatewayTransaction.objects.update(next_match_at=timezone.now() - timedelta(seconds=1))
