"""I1, I3, I5, I6 of the payments specification, asked of the whole database."""

from django.db.models import F, Sum

from catalog.models import Reservation, StockItem, StockMovement
from orders.models import Order, OrderStatus
from payments.models import (
    CREDIT,
    LedgerEntry,
    LedgerTransaction,
    PaymentException,
    PaymentReceipt,
)


def check_invariants() -> None:
    """Assert what must hold after every test, whatever happened in it."""
    _ledger_balances()
    _money_has_its_place()
    _stock_is_accounted_for()


def _ledger_balances() -> None:
    sums = LedgerEntry.objects.values("transaction", "currency").annotate(total=Sum("amount_minor"))
    assert [row for row in sums if row["total"]] == []
    receipts = PaymentReceipt.objects.count()
    assert LedgerTransaction.objects.filter(kind="receipt").count() == receipts


def _money_has_its_place() -> None:
    """Every receipt is applied, or somebody can see that it is not (I7)."""
    loose = PaymentReceipt.objects.exclude(disposition=PaymentReceipt.Disposition.APPLIED)
    loose = loose.exclude(gateway=CREDIT, disposition=PaymentReceipt.Disposition.PARTIAL)
    explained = set(PaymentException.objects.values_list("receipt_id", flat=True))
    assert {receipt.pk for receipt in loose} <= explained
    owed = Order.objects.filter(status__in=[OrderStatus.CONFIRMED, OrderStatus.CLOSED])
    for order in owed:
        assert LedgerTransaction.objects.filter(external_key=f"sale:{order.pk}").count() == 1


def _stock_is_accounted_for() -> None:
    assert not StockItem.objects.filter(on_hand__lt=F("reserved")).exists()
    for item in StockItem.objects.all():
        moved = StockMovement.objects.filter(stock_item=item).aggregate(total=Sum("quantity"))
        assert item.on_hand == moved["total"]
        held = Reservation.objects.filter(stock_item=item, state=Reservation.State.HELD)
        assert item.reserved == (held.aggregate(total=Sum("quantity"))["total"] or 0)
