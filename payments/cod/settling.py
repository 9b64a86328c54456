"""A courier's file of what it collected: read in, matched with orders, booked line by line."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.courier_codes import code_of, courier_code
from orders.models import Order, Shipment
from payments.cod.risk import GATEWAY
from payments.gateways.cod import capture_of
from payments.ledger.cod import post_handed_over
from payments.models import (
    CourierSettlement,
    LineState,
    PaymentAttempt,
    PaymentException,
    SettlementLine,
)
from payments.receipts import book_receipt
from payments.tables import DoesNotAddUp, LineUnreadable, column, hundredths, read_rows
from payments.transfers.booking import NoSuchOrder
from payments.transfers.importing import NothingNew


@dataclass(frozen=True, slots=True)
class _Columns:
    waybill: int
    collected: int
    number: int | None
    fee: int | None
    net: int | None

    @classmethod
    def of(cls, row: Sequence[str]) -> "_Columns | None":
        waybill = column(row, "awb", "waybill", "resi", "no resi", "no. resi", "tracking")
        collected = column(row, "cod", "nilai cod", "collected", "amount", "jumlah")
        if waybill is None or collected is None:
            return None
        return cls(
            waybill,
            collected,
            column(row, "order", "no order", "pesanan", "no pesanan", "reference"),
            column(row, "fee", "biaya", "charge"),
            column(row, "net", "bersih", "payout", "dibayar"),
        )


@transaction.atomic
def take_settlement(
    *, name: str, courier: str, content: bytes, user_id: int | None
) -> CourierSettlement:
    """Keep the lines that are not known yet, by courier and waybill. No money is booked.

    Raises Unreadable, LineUnreadable, DoesNotAddUp, NothingNew; then nothing has changed.
    """
    code = courier_code(courier)[:25]
    settlement = CourierSettlement.objects.create(
        name=name[:120], courier=code, uploaded_by_id=user_id
    )
    rows = _read(content, settlement, code)
    # In one order of locks: two who read in the same file wait for each other, no more.
    rows.sort(key=lambda row: row.waybill)
    SettlementLine.objects.bulk_create(rows, ignore_conflicts=True)
    settlement.known = len(rows) - settlement.lines.count()
    if settlement.known == len(rows):
        raise NothingNew(len(rows))
    settlement.save(update_fields=["known"])
    return settlement


def _read(content: bytes, settlement: CourierSettlement, courier: str) -> list[SettlementLine]:
    rows = read_rows(content, _Columns.of)
    heads = ((at, _Columns.of(row)) for at, (_line, row) in enumerate(rows))
    start, columns = next((at, head) for at, head in heads if head is not None)
    found = []
    for line, row in rows[start + 1 :]:
        cells = [cell.strip().lstrip("'").strip() for cell in row]
        if not any(cells) or cells[0].lower().startswith(("total", "jumlah")):
            continue
        found.append(_read_line(line, cells, columns, settlement, courier))
    return found


def _read_line(
    line: int, cells: list[str], columns: _Columns, settlement: CourierSettlement, courier: str
) -> SettlementLine:
    collected = _whole(line, cells, columns.collected)
    fee = _whole(line, cells, columns.fee)
    if columns.net is not None:
        text = cells[columns.net] if columns.net < len(cells) else ""
        net = _whole(line, [text.lstrip("-")], 0) * (-1 if text.startswith("-") else 1)
        if collected - fee != net:
            raise DoesNotAddUp(line)
    waybill = cells[columns.waybill] if columns.waybill < len(cells) else ""
    if not waybill or len(waybill) > 50 or not (collected or fee):
        raise LineUnreadable(line)
    number = cells[columns.number] if columns.number is not None else ""
    return SettlementLine(
        settlement=settlement,
        position=line,
        courier=courier,
        waybill=waybill.upper(),
        number=number.upper()[:12],
        collected_minor=collected,
        fee_minor=fee,
        currency=settings.DEFAULT_CURRENCY,
    )


def _whole(line: int, cells: list[str], at: int | None) -> int:
    """Whole rupiah; 0 where there is no such column. Raises LineUnreadable."""
    if at is None:
        return 0
    amount = hundredths(cells[at]) if at < len(cells) else None
    if amount is None or amount % 100:
        raise LineUnreadable(line)
    return amount // 100


class Fit(StrEnum):
    """How what a courier says goes together with what it was to collect."""

    EXACT = "exact"
    DIFFERS = "differs"
    PAID = "paid"
    FEE = "fee"
    NONE = "none"

    @property
    def says(self) -> str:
        return str(_SAYS[self])

    @property
    def is_sure(self) -> bool:
        return self in (Fit.EXACT, Fit.FEE)


_SAYS = {
    Fit.EXACT: _("What was to be collected."),
    Fit.DIFFERS: _("Not what was to be collected: booked, and an exception of the difference."),
    Fit.PAID: _("Nothing is to be collected for this order any more: booked as paid twice."),
    Fit.FEE: _("A fee only; nothing was collected."),
    Fit.NONE: _("No parcel of ours has this waybill."),
}


@dataclass(slots=True)
class Proposal:
    line: SettlementLine
    fit: Fit
    attempt: PaymentAttempt | None = None


def propose(lines: Sequence[SettlementLine]) -> list[Proposal]:
    """For each line that is to be decided whose money it is. Three queries."""
    undecided = [line for line in lines if line.state == LineState.NEW]
    parcels = Shipment.objects.annotate(code=code_of("courier")).filter(
        tracking_number__in={line.waybill for line in undecided}
        | {line.waybill.lower() for line in undecided}
    )
    by_waybill = {
        (code, number.upper()): order
        for code, number, order in parcels.values_list("code", "tracking_number", "group__order_id")
    }
    numbers = {line.number for line in undecided if line.number}
    by_number = dict(Order.objects.filter(number__in=numbers).values_list("number", "pk"))
    orders = {
        line.pk: by_waybill.get((line.courier, line.waybill)) or by_number.get(line.number)
        for line in undecided
    }
    attempts = {
        attempt.order_id: attempt
        for attempt in PaymentAttempt.objects.filter(
            gateway=GATEWAY, order__in={pk for pk in orders.values() if pk}
        ).select_related("order")
    }
    return [_proposal(line, attempts.get(orders[line.pk] or 0)) for line in undecided]


def _proposal(line: SettlementLine, attempt: PaymentAttempt | None) -> Proposal:
    if not line.collected_minor:
        return Proposal(line, Fit.FEE, attempt)
    if attempt is None:
        return Proposal(line, Fit.NONE)
    owed = attempt.order.collect_minor
    if not owed:
        return Proposal(line, Fit.PAID, attempt)
    return Proposal(line, Fit.EXACT if owed == line.collected_minor else Fit.DIFFERS, attempt)


@transaction.atomic
def book_settled(*, line_id: int, attempt_id: int | None, user_id: int | None) -> bool:
    """What a courier handed over is that order's, or nobody's that we know (an exception then).

    Returns whether this call booked it; a second changes nothing.
    """
    line = _locked(line_id)
    if line.state != LineState.NEW:
        return False
    attempt = None
    if attempt_id is not None:
        attempts = PaymentAttempt.objects.filter(gateway=GATEWAY).select_related("order")
        attempt = attempts.get(pk=attempt_id)
    post_handed_over(
        key=line.key,
        collected=line.collected,
        fee=line.fee,
        occurred_at=line.settlement.uploaded_at,
        order=attempt.order if attempt else None,
    )
    line.attempt = attempt
    if line.collected_minor:
        reference = attempt.reference if attempt else f"line-{line.pk}"
        capture = capture_of(line)
        line.receipt = book_receipt(gateway=GATEWAY, reference=reference, capture=capture)
    _decide(line, LineState.BOOKED, user_id)
    if attempt is None and line.receipt is not None:
        PaymentException.objects.filter(receipt=line.receipt).update(
            note=f"courier settlement {line.settlement_id}, line {line.position}"
        )
    return True


@transaction.atomic
def book_settled_to_order(*, line_id: int, number: str, user_id: int | None) -> bool:
    """`book_settled` for an order that staff name. Raises NoSuchOrder; nothing has changed then."""
    attempts = PaymentAttempt.objects.filter(gateway=GATEWAY, order__number=number.strip().upper())
    attempt = attempts.order_by("-seq").first()
    if attempt is None:
        raise NoSuchOrder(number.strip())
    return book_settled(line_id=line_id, attempt_id=attempt.pk, user_id=user_id)


@transaction.atomic
def set_settled_aside(*, line_id: int, user_id: int | None) -> bool:
    """No money of this shop. Returns whether the line was still open."""
    line = _locked(line_id)
    if line.state != LineState.NEW:
        return False
    _decide(line, LineState.SET_ASIDE, user_id)
    return True


def _locked(line_id: int) -> SettlementLine:
    lines = SettlementLine.objects.select_related("settlement")
    return lines.select_for_update(of=("self",), no_key=True).get(pk=line_id)


def _decide(line: SettlementLine, state: LineState, user_id: int | None) -> None:
    line.state = state
    line.decided_by_id = user_id
    line.decided_at = timezone.now()
    line.save(update_fields=["state", "attempt", "receipt", "decided_by", "decided_at"])
