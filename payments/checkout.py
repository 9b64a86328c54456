"""Place and pay: the order commits with stock and a saved attempt, then the gateway is called."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import assert_never
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from orders.addresses import Address, Contact
from orders.checkout import Checkout, from_any_place, prepare
from orders.models import Order, OrderEvent, OrderStatus
from orders.placing import draft_order, finish, keys_for
from orders.settlement import confirm
from payments.cod.accepting import check_again, confirm_at_the_door, place_at_the_door
from payments.cod.risk import GATEWAY as AT_THE_DOOR
from payments.credit.giving_back import give_back_unpaid
from payments.credit.spending import (
    CreditWish,
    Tender,
    agreed_tenders,
    book,
    paid_by,
    take,
)
from payments.emails import ASK_AFTER
from payments.gateways.base import (
    Ambiguous,
    CreateRequest,
    Refused,
    RemotePayment,
    Unavailable,
)
from payments.gateways.methods import MethodSpec
from payments.gateways.registry import gateway
from payments.models import OPEN_STATES, AttemptState, PaymentAttempt
from payments.offering import AmountChanged, check_time, offered, payer_details
from payments.offering import MethodNotOffered as MethodNotOffered
from payments.offering import TooLittleTime as TooLittleTime
from payments.offering import offer_again as offer_again
from payments.offering import offer_methods as offer_methods
from payments.polling import observe
from payments.status import outstanding
from payments.transfers.amounts import free_suffix, unlike_others
from shop.core import idempotency, outbox
from shop.core.errors import DomainError
from shop.core.idempotency import RequestKey
from shop.core.kept import Kept
from shop.core.models import IdempotencyRecord
from shop.core.money import Money
from shop.core.prepared import read_prepared

log = logging.getLogger(__name__)
# A web request never waits longer for a gateway; the money loop may (polling.BACKGROUND_TIMEOUT).
WEB_TIMEOUT = 5.0
MAX_ATTEMPTS = 20
# An order of nothing is confirmed in the transaction that places it.
FREE_WINDOW = timedelta(minutes=1)


class PaymentClosed(DomainError):
    code = "payment_closed"
    message = _("This order can no longer be paid. Please order again; your cart is still there.")


class TooManyAttempts(DomainError):
    code = "too_many_attempts"
    status = 429
    message = _("Too many tries for this order. Please wait for it to end and order again.")


@dataclass(frozen=True, slots=True)
class Placed:
    """`is_new` is False for a repeat of the same request, which has done nothing again."""

    order: Order
    record_id: int
    is_new: bool


def place_and_pay(
    *,
    request: RequestKey,
    cart_token: UUID,
    contact: Contact,
    address: Address,
    shipping: Mapping[str, str],
    method: str,
    details: Mapping[str, str],
    expected_total: Money,
    language: str,
    expected_goods: str = "",
    customer_id: int | None = None,
    credit: CreditWish | None = None,
) -> Placed:
    """Place the cart as an order and ask the gateway for its money.

    The same `request` again returns the same order. `credit` pays its part at once, and the method
    has the rest; where nothing is left to pay, it needs no method and asks no gateway: the order is
    confirmed at once. Raises what `orders.checkout.prepare`, `orders.placing.place_order` and
    `payments.credit.spending.agreed_tenders` raise, MethodNotOffered, TooLittleTime, InvalidPhone,
    NoAmountLeft, KeyReused, StillWorking; then nothing has changed. After it returns, the attempt
    may be pending, failed or unknown: the pay page tells.
    """
    repeat = find_placed(request)
    if repeat is not None:
        return repeat
    wish = credit or CreditWish()
    tenders = agreed_tenders(wish, total=expected_total, cart_token=cart_token)
    rest = Money(expected_total.minor - paid_by(tenders), expected_total.currency)
    spec = offered(method, rest) if rest.minor else None
    details = payer_details(spec, details, contact) if spec else {}
    ready = partial(
        prepare,
        cart_token=cart_token,
        contact=contact,
        address=address,
        shipping=shipping,
        language=language,
        expected_total=expected_total,
        expected_goods=expected_goods,
        customer_id=customer_id,
    )

    def place(checkout: Checkout) -> tuple[Placed, PaymentAttempt | None]:
        once = partial(_place, request, checkout, spec=spec, details=details, tenders=tenders)
        return unlike_others(once)

    placed, attempt = from_any_place(ready, place)
    if attempt is not None:
        try:
            submit(attempt_id=attempt.pk, timeout=WEB_TIMEOUT)
        except DatabaseError:
            # The order stands and its attempt is saved: the money loop brings it forward.
            log.warning("submit_interrupted", exc_info=True)
    return placed


def _place(
    request: RequestKey,
    checkout: Checkout,
    *,
    spec: MethodSpec | None,
    details: dict[str, str],
    tenders: Sequence[Tender],
) -> tuple[Placed, PaymentAttempt | None]:
    """One transaction: the key, the order, its payment, its stock; or nothing at all."""
    keys = keys_for(checkout, PaymentAttempt)
    with transaction.atomic(durable=True):
        record, is_new = idempotency.claim(request, resource=str(keys.order))
        if not is_new:
            return Placed(_order_of(record), record.pk, is_new=False), None
        window = settings.PAYMENT_WINDOW[spec.code] if spec else FREE_WINDOW
        until = timezone.now() + window
        draft = draft_order(checkout=checkout, keys=keys, reserve_until=until)
        if draft.supersedes is not None:
            drop_attempts(draft.supersedes)
            give_back_unpaid(draft.supersedes, also=[each.account.pk for each in tenders])
        taken = take(draft.order, tenders)
        if spec is None:
            finish(draft)
            if taken:
                book(draft.order, taken)
            else:
                confirm(order_id=draft.order.pk, actor=OrderEvent.Actor.CUSTOMER)
            draft.order.refresh_from_db()
            return Placed(draft.order, record.pk, is_new=True), None
        check_time(spec, draft.order)
        book(draft.order, taken)
        rest = Money(draft.order.total_minor - paid_by(tenders), draft.order.currency)
        attempt = _attempt(draft.order, 1, spec, details, rest)
        [attempt.pk] = keys.others
        if spec.gateway == AT_THE_DOOR:
            place_at_the_door(draft, attempt, checkout, is_part_paid=bool(tenders))
            return Placed(draft.order, record.pk, is_new=True), None
        ask = outbox.draft_later(
            "order-placed", ASK_AFTER, key=f"order-placed:{keys.order}", order_id=keys.order
        )
        finish(draft, [attempt], [ask])
    return Placed(draft.order, record.pk, is_new=True), attempt


def find_placed(request: RequestKey) -> Placed | None:
    """What an earlier request with this key made. Raises KeyReused for another body."""
    record: IdempotencyRecord | None = _RECORD.first(scope=request.scope, key=request.key)
    if record is None:
        return None
    if record.request_hash != request.request_hash:
        raise idempotency.KeyReused
    return Placed(_order_of(record), record.pk, is_new=False)


_RECORD = Kept(
    lambda *, scope, key: IdempotencyRecord.objects.filter(scope=scope, key=key),
    scope="a scope",
    key="a key",
)


def _order_of(record: IdempotencyRecord) -> Order:
    return Order.objects.get(pk=int(record.resource))


def pay_again(*, order: Order, method: str, details: Mapping[str, str]) -> PaymentAttempt:
    """Try another method, or the same one again after a failure. A second click changes nothing.

    Raises PaymentClosed, AmountChanged, MethodNotOffered, TooLittleTime, InvalidPhone,
    TooManyAttempts, payments.transfers.amounts.NoAmountLeft.
    """
    rest = outstanding(order)
    spec = offered(method, rest)
    details = payer_details(spec, details, None)
    attempt, is_new = unlike_others(partial(_try_again, order, spec, details, rest))
    if attempt.cancel_requested_at is not None:
        raise AmountChanged
    return submit(attempt_id=attempt.pk, timeout=WEB_TIMEOUT) if is_new else attempt


def _try_again(
    order: Order, spec: MethodSpec, details: dict[str, str], rest: Money
) -> tuple[PaymentAttempt, bool]:
    """The open attempt of that method, or a new one."""
    with transaction.atomic(durable=True):
        if spec.gateway == AT_THE_DOOR:
            # Before the order, as where one is placed.
            check_again(order, rest)
        order = Order.objects.locked().get(pk=order.pk)
        if order.status != OrderStatus.PENDING or order.reserve_until <= timezone.now():
            raise PaymentClosed
        if outstanding(order) != rest:
            # Money came while this was being chosen.
            raise AmountChanged
        open_attempts = {
            attempt.method: attempt
            for attempt in PaymentAttempt.objects.locked().filter(order=order).open()
        }
        same = open_attempts.pop(spec.code, None)
        for other in open_attempts.values():
            other.cancel_requested_at = other.next_poll_at = timezone.now()
            other.save(update_fields=["cancel_requested_at", "next_poll_at"])
        if same is not None:
            if same.amount_minor - same.suffix_minor == rest.minor:
                same.cancel_requested_at = None
            else:
                # Of before a part was paid: it is ended before another one begins.
                same.cancel_requested_at = same.next_poll_at = timezone.now()
            same.save(update_fields=["cancel_requested_at", "next_poll_at"])
            return same, False
        check_time(spec, order)
        attempt = _new_attempt(order, spec, details, rest)
        if spec.gateway == AT_THE_DOOR:
            confirm_at_the_door(order, attempt)
        OrderEvent.objects.create(
            order=order,
            kind="payment_tried",
            actor=OrderEvent.Actor.CUSTOMER,
            data={"method": spec.code},
        )
    return attempt, spec.gateway != AT_THE_DOOR


def submit(*, attempt_id: int, timeout: float) -> PaymentAttempt:
    """Ask the gateway for a new attempt's money. The attempt is saved already, so that a crash in
    here is found again by its reference. Does nothing for one that was submitted before."""
    attempt = _begin(attempt_id, timeout)
    if attempt is None:
        return PaymentAttempt.objects.get(pk=attempt_id)
    outcome = gateway(attempt.gateway).create(_request_for(attempt), timeout=timeout)
    match outcome:
        case RemotePayment():
            return observe(attempt_id=attempt_id, remote=outcome)
        case Refused(code=code):
            return _record(attempt_id, AttemptState.FAILED, failure_code=code)
        case Unavailable():
            return _record(attempt_id, AttemptState.FAILED, failure_code="gateway_unavailable")
        case Ambiguous():
            # Timed out or cut off: the customer may be able to pay. Look it up, never ask twice.
            return _record(
                attempt_id, AttemptState.UNKNOWN, next_poll_at=timezone.now() + timedelta(seconds=2)
            )
        case _:
            assert_never(outcome)


def _new_attempt(
    order: Order, spec: MethodSpec, details: dict[str, str], amount: Money
) -> PaymentAttempt:
    last = PaymentAttempt.objects.filter(order=order).aggregate(last=Max("seq"))["last"] or 0
    if last >= MAX_ATTEMPTS:
        raise TooManyAttempts
    attempt = _attempt(order, last + 1, spec, details, amount)
    attempt.save(force_insert=True)
    return attempt


def _attempt(
    order: Order, seq: int, spec: MethodSpec, details: dict[str, str], amount: Money
) -> PaymentAttempt:
    suffix = free_suffix(amount) if spec.is_told_by_amount else 0
    return PaymentAttempt(
        order=order,
        seq=seq,
        gateway=spec.gateway,
        method=spec.code,
        amount_minor=amount.minor + suffix,
        suffix_minor=suffix,
        currency=amount.currency,
        reference=f"{order.number}-A{seq}",
        details=details,
        expires_at=spec.ends_at(now=timezone.now(), window_end=order.reserve_until),
        # Should this process die before it submits, the money loop does.
        next_poll_at=timezone.now() + timedelta(seconds=WEB_TIMEOUT + 5),
    )


def drop_attempts(order: Order) -> None:
    """The money loop cancels them at the gateway: their order was superseded or cancelled."""
    PaymentAttempt.objects.filter(order=order, state__in=OPEN_STATES).update(
        cancel_requested_at=Now(), next_poll_at=Now()
    )


def _begin(attempt_id: int, timeout: float) -> PaymentAttempt | None:
    """new → submitting, outside of any transaction and so committed before the call; None where
    somebody else has begun.

    new → abandoned where it was superseded before it was sent: a live request for it could only be
    paid by mistake.
    """
    now = timezone.now()
    values = {"pk": attempt_id, "now": now, "next": now + timedelta(seconds=timeout + 10)}
    attempt: PaymentAttempt
    for (state,) in read_prepared(_BEGIN, values):
        [attempt] = _WITH_ORDER.fetch(pk=attempt_id)
        return attempt if state == AttemptState.SUBMITTING else None
    return None


# One conditional statement: of two that come together one begins.
_BEGIN = """
    UPDATE payments_paymentattempt AS attempt
    SET state = CASE WHEN is_wanted THEN 'submitting' ELSE 'abandoned' END,
        submitted_at = CASE WHEN is_wanted THEN %(now)s::timestamptz END,
        next_poll_at = CASE WHEN is_wanted THEN %(next)s::timestamptz END
    FROM (
        SELECT one.id, one.cancel_requested_at IS NULL AND placed.status = 'pending' AS is_wanted
        FROM payments_paymentattempt AS one JOIN orders_order AS placed ON placed.id = one.order_id
        WHERE one.id = %(pk)s FOR NO KEY UPDATE OF one
    ) AS found
    WHERE attempt.id = found.id AND attempt.state = 'new'
    RETURNING attempt.state
"""
_WITH_ORDER = Kept(
    lambda *, pk: PaymentAttempt.objects.select_related("order").filter(pk=pk), pk=-1
)


def _request_for(attempt: PaymentAttempt) -> CreateRequest:
    order = attempt.order
    with translation.override(order.language):
        return_url = settings.PUBLIC_URL + reverse("payments:pay", args=[order.token])
    return CreateRequest(
        reference=attempt.reference,
        method=attempt.method,
        amount=attempt.amount,
        expires_at=attempt.expires_at,
        description=f"{settings.SHOP_NAME} {order.number}",
        return_url=return_url,
        language=order.language,
        details=attempt.details,
    )


@transaction.atomic
def _record(
    attempt_id: int,
    state: AttemptState,
    *,
    failure_code: str = "",
    next_poll_at: datetime | None = None,
) -> PaymentAttempt:
    """The outcome of a submission, unless something stronger was learnt meanwhile."""
    order_id = PaymentAttempt.objects.values_list("order_id", flat=True).get(pk=attempt_id)
    Order.objects.locked().get(pk=order_id)
    attempt = PaymentAttempt.objects.locked().get(pk=attempt_id)
    if attempt.state == AttemptState.SUBMITTING:
        attempt.move_to(state)
        attempt.failure_code = failure_code
        attempt.next_poll_at = next_poll_at
        attempt.save(update_fields=["state", "failure_code", "next_poll_at"])
    return attempt
