"""What staff have decided about a line of a bank statement: it is booked, once."""

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models import Order
from payments.gateways.bank_transfer import capture_of
from payments.ledger.transfers import post_on_account
from payments.models import (
    AttemptState,
    LineState,
    PaymentAttempt,
    PaymentException,
    StatementLine,
)
from payments.receipts import book_receipt
from payments.transfers.amounts import GATEWAY
from shop.core.errors import DomainError

METHOD = "bca_transfer"


class NoSuchOrder(DomainError):
    code = "no_such_order"
    status = 422
    message = _("There is no order {number}: look at its number again.")

    def __init__(self, number: str) -> None:
        super().__init__(f"no order {number}", number=number)


@transaction.atomic
def book_line(*, line_id: int, attempt_id: int | None, user_id: int | None) -> bool:
    """The money of a line is of that attempt, or of none that we know (an exception then).

    What becomes of the order is decided as for any money: `payments.receipts`. Returns whether this
    call booked it; a second changes nothing.
    """
    line = _locked(line_id)
    if line.state != LineState.NEW:
        return False
    attempt = None
    if attempt_id is not None:
        attempts = PaymentAttempt.objects.filter(gateway=GATEWAY)
        attempt = attempts.select_related("order").get(pk=attempt_id)
    capture = capture_of(line)
    # Before the receipt, whose last statements take stock.
    post_on_account(
        line_key=line.key,
        amount=line.amount,
        occurred_at=capture.captured_at,
        order=attempt.order if attempt else None,
    )
    reference = attempt.reference if attempt else f"line-{line.pk}"
    receipt = book_receipt(gateway=GATEWAY, reference=reference, capture=capture)
    line.attempt, line.receipt = attempt, receipt
    _decide(line, LineState.BOOKED, user_id)
    if attempt is None:
        PaymentException.objects.filter(receipt=receipt).update(
            note=f"bank statement {line.statement_id}, line {line.position}"
        )
    return True


@transaction.atomic
def book_line_to_order(*, line_id: int, number: str, user_id: int | None) -> bool:
    """`book_line` for an order that staff name; it may never have asked for a transfer.

    Raises NoSuchOrder; then nothing has changed.
    """
    # The line before the order, as everywhere here.
    if _locked(line_id).state != LineState.NEW:
        return False
    order = Order.objects.locked().filter(number=number.strip().upper()).first()
    if order is None:
        raise NoSuchOrder(number.strip())
    attempts = PaymentAttempt.objects.filter(order=order)
    attempt = attempts.filter(gateway=GATEWAY).order_by("-seq").first() or _unasked(order)
    return book_line(line_id=line_id, attempt_id=attempt.pk, user_id=user_id)


@transaction.atomic
def set_aside(*, line_id: int, user_id: int | None) -> bool:
    """No payment of a customer, such as the owner's own money. Returns whether it was open."""
    line = _locked(line_id)
    if line.state != LineState.NEW:
        return False
    _decide(line, LineState.SET_ASIDE, user_id)
    return True


def _locked(line_id: int) -> StatementLine:
    return StatementLine.objects.select_for_update(of=("self",), no_key=True).get(pk=line_id)


def _decide(line: StatementLine, state: LineState, user_id: int | None) -> None:
    line.state = state
    line.decided_by_id = user_id
    line.decided_at = timezone.now()
    line.save(update_fields=["state", "attempt", "receipt", "decided_by", "decided_at"])


def _unasked(order: Order) -> PaymentAttempt:
    """Somebody sent money to our account who was to pay in another way, or by nothing yet."""
    last = PaymentAttempt.objects.filter(order=order).aggregate(last=Max("seq"))["last"] or 0
    reference = f"{order.number}-A{last + 1}"
    return PaymentAttempt.objects.create(
        order=order,
        seq=last + 1,
        gateway=GATEWAY,
        method=METHOD,
        amount_minor=order.total_minor,
        currency=order.currency,
        reference=reference,
        gateway_ref=reference,
        # Never awaited: its amount takes nobody's place.
        state=AttemptState.ABANDONED,
        expires_at=order.reserve_until,
    )
