"""What a list names and we do not have: the gateway is asked, and recorded as it answers."""

from enum import Enum
from typing import assert_never

from payments.gateways.base import Ambiguous, Missing, Refused, RemotePayment, Unavailable
from payments.gateways.registry import gateway
from payments.gateways.statements import RemotePaid, Statements, TransactionKind
from payments.models import GatewayTransaction, PaymentAttempt, Refund, RefundState
from payments.polling import BACKGROUND_TIMEOUT
from payments.receipts import book_receipt
from payments.reconciling.finding import receipts_of, refund_of
from payments.refunds.sending import observe_refunds, paid_through

# A list may be ahead of what the gateway shows of the payment itself.
MOST_TRIES = 6


class Shown(Enum):
    """What the gateway says of something that its list has."""

    CLEAR = "clear"
    NOT_YET = "not yet"
    NO_ANSWER = "no answer"


def ask(row: GatewayTransaction) -> Shown:
    """Learn what is missing here. Not inside a transaction; safe to repeat."""
    match row.kind:
        case TransactionKind.PAYMENT if row.is_done and not receipts_of(row):
            return _ask_payment(row)
        case TransactionKind.REFUND if row.is_done or row.is_over:
            return _ask_refund(row)
        case _:
            return Shown.CLEAR


def _ask_payment(row: GatewayTransaction) -> Shown:
    paid = _paid(row)
    match paid:
        case RemotePaid():
            for capture in paid.captures:
                book_receipt(gateway=row.gateway, reference=paid.reference, capture=capture)
            _learn_request(row.gateway, paid)
            return Shown.CLEAR if paid.captures else Shown.NOT_YET
        case Missing():
            return Shown.CLEAR
        case Refused() | Ambiguous() | Unavailable():
            return Shown.NO_ANSWER
        case _:
            assert_never(paid)


def _paid(row: GatewayTransaction) -> RemotePaid | Missing | Refused | Ambiguous | Unavailable:
    """The payment as the gateway shows it: one that gives reports only shows its transaction."""
    api = gateway(row.gateway)
    if isinstance(api, Statements):
        return api.fetch_payment(row.product_id, timeout=BACKGROUND_TIMEOUT)
    found = api.fetch(row.gateway_ref, timeout=BACKGROUND_TIMEOUT)
    if isinstance(found, RemotePayment):
        return RemotePaid(row.product_id, row.gateway_ref, found.reference, found.captures)
    return found


def _learn_request(gateway_code: str, paid: RemotePaid) -> None:
    """An attempt whose answer was lost can be refunded once the gateway's id is known."""
    PaymentAttempt.objects.filter(
        gateway=gateway_code, reference=paid.reference, gateway_ref=""
    ).update(gateway_ref=paid.gateway_ref)


def _ask_refund(row: GatewayTransaction) -> Shown:
    """Also one that we did not ask for: it is booked as such. And one that had left, and failed."""
    refund = refund_of(row)
    if row.is_done == _has_left(refund):
        return Shown.CLEAR
    attempt = refund.receipt.attempt if refund and refund.receipt else None
    paid = attempt or (paid_through(row.gateway, row.gateway_ref) if row.gateway_ref else None)
    if paid is None:
        return Shown.CLEAR
    if not isinstance(paid, PaymentAttempt):
        return Shown.NO_ANSWER
    about = row.gateway_ref or paid.gateway_ref
    listed = gateway(row.gateway).find_refunds(about, timeout=BACKGROUND_TIMEOUT)
    if isinstance(listed, Missing):
        return Shown.CLEAR
    if not isinstance(listed, list):
        return Shown.NO_ANSWER
    observe_refunds(attempt=paid, listed=listed)
    return Shown.CLEAR if row.is_done == _has_left(refund_of(row)) else Shown.NOT_YET


def _has_left(refund: Refund | None) -> bool:
    return refund is not None and refund.state == RefundState.SUCCEEDED
