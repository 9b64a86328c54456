"""Money comes in here, and nowhere else: booked first, the order decided second."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import Now
from django.utils import timezone

from catalog.inventory import OutOfStock
from orders.models import ENDED, Order, OrderEvent
from orders.settlement import confirm_locked
from payments.emails import ask_no_more
from payments.gateways.base import RemoteCapture
from payments.late_money import Then, what_follows
from payments.ledger.cod import GATEWAY as COD
from payments.ledger.cod import post_collected, post_sent
from payments.ledger.sales import receipt_posted, sale_posted
from payments.ledger.transfers import post_suffix
from payments.models import (
    CREDIT,
    OPEN_STATES,
    AttemptState,
    LedgerTransaction,
    PaymentAttempt,
    PaymentException,
    PaymentReceipt,
    lock_order_and_attempt,
)
from payments.refunds.exceptions import refund_locked
from shop.core.errors import DomainError
from shop.core.money import Money
from shop.core.prepared import read_prepared
from shop.core.rows import Part, inserted, next_keys, saved, write_together

log = logging.getLogger(__name__)
Disposition = PaymentReceipt.Disposition
Trouble = PaymentException.Kind


# What was there before is counted without the new one: no part of a statement sees another's rows.
BOOK = """
SELECT (SELECT id FROM part_0),
    (SELECT coalesce(
            sum(amount_minor - suffix_minor - refunded_minor - refund_pending_minor - kept_minor),
            0)::bigint
        FROM payments_paymentreceipt
        WHERE order_id = %s AND currency = %s),
    EXISTS (SELECT FROM payments_paymentexception
        WHERE order_id = %s AND kind = 'partial' AND resolved_at IS NULL),
    nextval(pg_get_serial_sequence('payments_ledgertransaction', 'id')),
    nextval(pg_get_serial_sequence('payments_ledgertransaction', 'id'))
"""


@dataclass(frozen=True, slots=True)
class Booked:
    """A receipt that is new, how its order stood before, and keys for what is posted of it."""

    receipt: PaymentReceipt
    received_before: int
    is_any_missing: bool
    receipt_key: int
    sale_key: int


@transaction.atomic
def book_receipt(*, gateway: str, reference: str, capture: RemoteCapture) -> PaymentReceipt:
    """Book money that the gateway itself confirmed, and decide what becomes of its order.

    The only way in; safe to call from webhook, poller, page and reconciliation, any number of times
    and at once: idempotent by (gateway, payment id, capture id). Whatever became of the order, the
    receipt stands; what does not fit opens a PaymentException.
    """
    attempts = PaymentAttempt.objects.filter(gateway=gateway, reference=reference)
    attempt_pk = attempts.values_list("pk", flat=True).first()
    if attempt_pk is None:
        return book_locked(gateway=gateway, order=None, attempt=None, capture=capture)
    order, attempt = lock_order_and_attempt(attempt_pk)
    return book_locked(gateway=gateway, order=order, attempt=attempt, capture=capture)


def book_locked(
    *,
    gateway: str,
    order: Order | None,
    attempt: PaymentAttempt | None,
    capture: RemoteCapture,
    beside: Sequence[Part] = (),
) -> PaymentReceipt:
    """`book_receipt`, for a caller whose transaction holds the locks of order and attempt.

    `beside` is what else the caller has to write; it is written in any case.
    """
    receipt = PaymentReceipt(
        order=order,
        attempt=attempt,
        gateway=gateway,
        payment_id=capture.payment_id,
        capture_id=capture.capture_id,
        amount_minor=capture.amount.minor,
        currency=capture.amount.currency,
        captured_at=capture.captured_at,
    )
    booked = _book(receipt)
    if booked is None:
        if beside:
            write_together(*beside)
        return PaymentReceipt.objects.get(
            gateway=gateway, payment_id=capture.payment_id, capture_id=capture.capture_id
        )
    receipt.is_new = True
    parts = [*beside, *receipt_posted(receipt, pk=booked.receipt_key)]
    if attempt and attempt.can_move_to(AttemptState.SUCCEEDED):
        attempt.move_to(AttemptState.SUCCEEDED)
        attempt.next_poll_at = None
        parts.append(saved(attempt, "state", "next_poll_at"))
    if order:
        settle(order, booked, parts)
    else:
        _end(receipt, Disposition.UNMATCHED, parts)
        _open(Trouble.UNMATCHED, None, receipt, "no attempt with its reference")
    log.info(
        "receipt_booked",
        extra={
            "order": order.number if order else None,
            "payment": receipt.payment_id,
            "amount": receipt.amount_minor,
            "currency": receipt.currency,
            "disposition": str(receipt.disposition),
        },
    )
    return receipt


def _book(receipt: PaymentReceipt) -> Booked | None:
    """None where it is known already. One statement."""
    insert = inserted([receipt], end="ON CONFLICT DO NOTHING RETURNING id")
    about_its_order = (receipt.order_id, receipt.currency, receipt.order_id)
    [(receipt.pk, *before)] = read_prepared(
        f"WITH part_0 AS ({insert.text}) {BOOK}", [*insert.values, *about_its_order]
    )
    return Booked(receipt, *before) if receipt.pk else None


def settle(order: Order, booked: Booked, beside: Sequence[Part], *, by_staff: bool = False) -> None:
    """What a new receipt does to its order; the caller holds the order's lock. Never raises.

    `beside` is written in any case. `by_staff`: somebody has decided that late money counts.
    """
    receipt = booked.receipt
    if receipt.currency != order.currency:
        _end(receipt, Disposition.UNMATCHED, beside)
        _open(
            Trouble.WRONG_CURRENCY, order, receipt, f"{receipt.amount.format()} for {order.number}"
        )
        return
    # Also where it was called off since: its money is owed, and none can bring it back.
    if order.confirmed_at is not None:
        _settle_confirmed(order, booked, beside)
        return
    suffix = _suffix_in(receipt)
    missing = order.total_minor - booked.received_before - (receipt.amount_minor - suffix)
    if missing > 0:
        event = OrderEvent(
            order=order,
            kind="credit_used" if receipt.gateway == CREDIT else "partly_paid",
            actor=_payer(receipt),
            data={"amount": receipt.amount_minor, "missing": missing},
        )
        _end(receipt, Disposition.PARTIAL, [*beside, inserted([event])])
        # What a gift card leaves to be paid is asked for as agreed: nobody has to look into it.
        if receipt.gateway != CREDIT:
            _open(Trouble.PARTIAL, order, receipt, f"{missing} {order.currency} are missing")
        return
    then = Then.FULFIL if by_staff or order.status not in ENDED else what_follows(order, receipt)
    if then is not Then.FULFIL:
        _set_aside(order, receipt, then, beside)
        return
    receipt.disposition = Disposition.SURPLUS if missing < 0 else Disposition.APPLIED
    receipt.suffix_minor = suffix
    _settle_in_full(order, booked, beside, surplus=-missing)


def _settle_in_full(order: Order, booked: Booked, beside: Sequence[Part], *, surplus: int) -> None:
    if not _confirm(order, booked, [*beside, ask_no_more(order)]):
        return
    if surplus:
        note = f"{surplus} {order.currency} too much"
        _open(Trouble.SURPLUS, order, booked.receipt, note)
    if booked.is_any_missing:
        _rest_has_come(order)


def settle_again(order: Order, receipt: PaymentReceipt) -> None:
    """`settle` of money that was booked before, as staff have decided that it is this order's.

    The caller holds the locks of order and receipt; the receipt's exception becomes another one
    where the money does not fit.
    """
    others = PaymentReceipt.objects.filter(order=order, currency=order.currency)
    taken = F("suffix_minor") + F("refunded_minor") + F("refund_pending_minor") + F("kept_minor")
    before = others.exclude(pk=receipt.pk).aggregate(net=Sum(F("amount_minor") - taken))["net"]
    missing = PaymentException.objects.filter(order=order, kind=Trouble.PARTIAL, resolved_at=None)
    [keys] = next_keys((LedgerTransaction, 2))
    settle(order, Booked(receipt, before or 0, missing.exists(), *keys), [], by_staff=True)


def _rest_has_come(order: Order) -> None:
    PaymentException.objects.filter(order=order, kind=Trouble.PARTIAL, resolved_at=None).update(
        resolved_at=timezone.now(), resolution="the rest has come"
    )


def _settle_confirmed(order: Order, booked: Booked, beside: Sequence[Part]) -> None:
    """Money for what was confirmed before: what its courier has collected, or too much."""
    receipt = booked.receipt
    if receipt.gateway == COD and order.collect_minor:
        _collect(order, booked, beside)
        return
    _end(receipt, Disposition.DUPLICATE, beside)
    _open(Trouble.DUPLICATE, order, receipt, "the order was paid already")


def _collect(order: Order, booked: Booked, beside: Sequence[Part]) -> None:
    """Money that a courier took at the door and hands over: the order was confirmed long ago."""
    receipt = booked.receipt
    taken = min(order.collect_minor, receipt.amount_minor)
    order.collect_minor -= taken
    # Where nobody wrote down that it has left, this does.
    post_sent(order, occurred_at=receipt.captured_at)
    post_collected(receipt, Money(taken, order.currency))
    event = OrderEvent(
        order=order, kind="collected", actor=OrderEvent.Actor.COURIER, data={"amount": taken}
    )
    parts = [*beside, saved(order, "collect_minor"), inserted([event])]
    if order.collect_minor:
        _end(receipt, Disposition.PARTIAL, parts)
        _open(Trouble.PARTIAL, order, receipt, f"{order.to_collect.format()} were not handed over")
    elif taken < receipt.amount_minor:
        _end(receipt, Disposition.SURPLUS, parts)
        _open(Trouble.SURPLUS, order, receipt, "the courier handed over more than the total")
    else:
        _end(receipt, Disposition.APPLIED, parts)
    if not order.collect_minor and booked.is_any_missing:
        _rest_has_come(order)


def _suffix_in(receipt: PaymentReceipt) -> int:
    """What of the money only tells whose it is: of exactly the amount that was asked for."""
    attempt = receipt.attempt
    is_exact = attempt is not None and attempt.amount_minor == receipt.amount_minor
    return attempt.suffix_minor if attempt is not None and is_exact else 0


def _confirm(order: Order, booked: Booked, beside: Sequence[Part]) -> bool:
    """Whether its goods were there: always, unless the money comes late."""
    receipt = booked.receipt
    is_late = order.status in ENDED
    sale = sale_posted(order, occurred_at=receipt.captured_at, pk=booked.sale_key)
    try:
        with transaction.atomic(savepoint=is_late):
            if receipt.suffix_minor:
                post_suffix(receipt)
            became = saved(receipt, "disposition", "suffix_minor")
            confirm_locked(order, actor=_payer(receipt), beside=[*beside, *sale, became])
    except OutOfStock:
        order.refresh_from_db()
        # All of it goes back to the customer, its last digits too.
        receipt.suffix_minor = 0
        late = OrderEvent(order=order, kind="paid_too_late", actor=OrderEvent.Actor.GATEWAY)
        _end(receipt, Disposition.UNFULFILLABLE, [*beside, inserted([late])])
        note = "sold out before the money came"
        _open(Trouble.UNFULFILLABLE, order, receipt, note, goes_back=True)
        return False
    if is_late:
        _stop_payments_of_same_cart(order)
    return True


def _set_aside(order: Order, receipt: PaymentReceipt, then: Then, beside: Sequence[Part]) -> None:
    """Late money that does not confirm its order: by the rule of its method."""
    late = OrderEvent(order=order, kind="paid_late", actor=OrderEvent.Actor.GATEWAY)
    _end(receipt, Disposition.LATE, [*beside, inserted([late])])
    note = f"{receipt.amount.format()} came after the end of the order"
    _open(Trouble.LATE, order, receipt, note, goes_back=then is Then.GIVE_BACK)


def _payer(receipt: PaymentReceipt) -> OrderEvent.Actor:
    """Who says that the money is there."""
    is_credit = receipt.gateway == CREDIT
    return OrderEvent.Actor.CUSTOMER if is_credit else OrderEvent.Actor.GATEWAY


def _end(
    receipt: PaymentReceipt, disposition: PaymentReceipt.Disposition, beside: Sequence[Part]
) -> None:
    receipt.disposition = disposition
    write_together(*beside, saved(receipt, "disposition"))


def _stop_payments_of_same_cart(order: Order) -> None:
    """Late money may have ended its buyer's newer order, which is not to be paid any more."""
    if order.cart_token is not None:
        others = Order.objects.filter(cart_token=order.cart_token, status__in=ENDED)
        PaymentAttempt.objects.filter(
            order__in=others, state__in=OPEN_STATES, cancel_requested_at=None
        ).update(cancel_requested_at=Now(), next_poll_at=Now())


def _open(
    kind: PaymentException.Kind,
    order: Order | None,
    receipt: PaymentReceipt,
    note: str,
    *,
    goes_back: bool = False,
) -> None:
    """A receipt has one exception, which becomes another where staff have moved its money."""
    told = {"kind": kind, "order": order, "note": note, "resolved_at": None, "resolution": ""}
    exception, _is_new = PaymentException.objects.update_or_create(receipt=receipt, defaults=told)
    if goes_back:
        # Nobody has to decide: its buyer gets the money back. Where that cannot begin, somebody
        # reads the exception; the receipt stands in any case.
        with suppress(DomainError), transaction.atomic():
            refund_locked(exception, order, user_id=None)
    log.error(
        "payment_exception", extra={"kind": str(kind), "order": order.number if order else None}
    )
