"""Money that is owed becomes refunds: from which receipt, which way, never more than came."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.tests.builders import make_owner, make_staff
from catalog.tests.builders import make_variant
from orders.calling_off import call_off, call_off_by_customer
from orders.models import CallOffReason, Order, OrderEvent, ReturnOutcome
from orders.settlement import close_unpaid
from orders.tests.builders import make_order
from orders.tests.life.builders import ask_return, deliver, receive, settle, ship, staff
from orders.tests.life.test_staff import press
from payments.books import differences
from payments.desk.keeping import keep_unclaimed
from payments.models import LedgerEntry, PaymentException, PaymentReceipt, Refund
from payments.receipts import book_receipt
from payments.refunds.deciding import (
    OwnRefund,
    RefundUnderWay,
    approve_refund,
    call_back_refund,
    send_by_bank,
)
from payments.refunds.exceptions import (
    NothingToGiveBack,
    StillAwaited,
    refund_exception,
)
from payments.refunds.transfers import (
    NotToBeTransferred,
    OwnApproval,
    record_transferred,
)
from payments.status import PaymentStatus, payment_status
from payments.tests.builders import make_attempt, make_capture, pay
from tests.racing import race

pytestmark = pytest.mark.django_db


def paid(*, method: str = "dana", units: int = 1) -> Order:
    order = make_order(lines={make_variant(on_hand=9): units})
    pay(make_attempt(order, method=method))
    order.refresh_from_db()
    return order


def refunds_of(order: Order) -> list[tuple[str, str, int]]:
    rows = Refund.objects.filter(order=order).order_by("pk")
    return list(rows.values_list("channel", "state", "amount_minor"))


def held(order: Order) -> list[tuple[int, int]]:
    """Given back and held back, of each receipt."""
    rows = PaymentReceipt.objects.filter(order=order).order_by("pk")
    return list(rows.values_list("refunded_minor", "refund_pending_minor"))


def booked(order: Order) -> dict[str, int]:
    rows = LedgerEntry.objects.filter(transaction__order=order).values_list("account_id")
    return {code: total for code, total in rows.annotate(total=Sum("amount_minor")) if total}


def right() -> bool:
    return [str(each) for each in differences()] == []


def test_a_buyers_own_cancellation_goes_back_the_way_it_came() -> None:
    order = paid()
    call_off_by_customer(order_id=order.pk)
    refund = Refund.objects.get()
    assert refunds_of(order) == [("gateway", "approved", order.total_minor)]
    assert (refund.reference, refund.reason) == (f"{order.number}-R1", "cancelled")
    assert refund.next_try_at is not None
    assert held(order) == [(0, order.total_minor)]
    assert right()


@pytest.mark.parametrize("method", ["bca_va", "ovo"])
def test_what_no_gateway_gives_back_waits_for_a_transfer_by_hand(method: str) -> None:
    order = paid(method=method)
    call_off(order_id=order.pk, reason=CallOffReason.OTHER, user_id=staff().pk)
    assert refunds_of(order) == [("bank_transfer", "awaiting_transfer", order.total_minor)]
    assert Refund.objects.get().next_try_at is None


def test_past_the_gateways_window_money_goes_back_by_hand() -> None:
    order = paid()
    PaymentReceipt.objects.update(captured_at=timezone.now() - timedelta(days=30))
    call_off_by_customer(order_id=order.pk)
    assert [channel for channel, _state, _amount in refunds_of(order)] == ["bank_transfer"]


def test_part_of_an_order_goes_back_and_the_rest_later_without_losing_a_unit() -> None:
    order = paid(units=3)
    line = order.lines.get()
    deliver(ship(order))
    for units in (1, 2):
        settle(receive(ask_return(order, units)), ReturnOutcome.REFUND)
    amounts = [amount for _channel, _state, amount in refunds_of(order)]
    assert len(amounts) == 2
    assert sum(amounts) == line.total_minor
    assert held(order) == [(0, line.total_minor)]
    assert right()


def test_of_an_order_paid_in_two_parts_both_give_back() -> None:
    order = make_order()
    part = make_capture(order.total_minor // 3)
    pay(make_attempt(order, method="bca_va"), part)
    rest = order.total_minor - part.amount.minor
    pay(make_attempt(order, method="dana", seq=2), make_capture(rest))
    call_off_by_customer(order_id=order.pk)
    assert refunds_of(order) == [
        ("gateway", "approved", rest),
        ("bank_transfer", "awaiting_transfer", part.amount.minor),
    ]
    assert held(order) == [(0, part.amount.minor), (0, rest)]


def test_the_surplus_is_given_back_and_the_goods_are_sent_all_the_same() -> None:
    order = make_order()
    pay(make_attempt(order), make_capture(order.total_minor + 5_000))
    trouble = PaymentException.objects.get()
    first, second = (
        refund_exception(exception_id=trouble.pk, user_id=staff().pk) for _twice in "12"
    )
    assert first == second
    assert refunds_of(order) == [("gateway", "approved", 5_000)]
    assert booked(order)["refunds_payable"] == -5_000
    assert "customer_funds" not in booked(order)
    assert right()


def test_of_money_that_came_twice_the_refundable_goes_back_first() -> None:
    order = make_order()
    pay(make_attempt(order, method="dana"))
    pay(make_attempt(order, method="bca_va", seq=2))
    refund_exception(exception_id=PaymentException.objects.get().pk, user_id=staff().pk)
    assert refunds_of(order) == [("gateway", "approved", order.total_minor)]
    assert held(order) == [(0, order.total_minor), (0, 0)]
    assert Refund.objects.get().reason == "duplicate"


def test_money_of_no_order_goes_back_by_hand() -> None:
    receipt = book_receipt(gateway="xendit", reference="nobody", capture=make_capture(75_000))
    [refund] = refund_exception(exception_id=PaymentException.objects.get().pk, user_id=staff().pk)
    assert (refund.order, refund.receipt, refund.channel) == (None, receipt, "bank_transfer")
    record_transferred(
        refund_id=refund.pk, paid_on=timezone.localdate(), reference="X1", user_id=staff().pk
    )
    trouble = PaymentException.objects.get()
    assert (trouble.resolution, trouble.resolved_at is None) == (
        f"given back: {refund.reference}",
        False,
    )
    assert right()


def test_part_of_a_price_is_not_given_back_while_the_rest_is_awaited() -> None:
    order = make_order()
    pay(make_attempt(order), make_capture(10_000))
    trouble = PaymentException.objects.get()
    with pytest.raises(StillAwaited):
        refund_exception(exception_id=trouble.pk, user_id=staff().pk)
    assert refunds_of(order) == []
    close_unpaid(order_id=order.pk)
    refund_exception(exception_id=trouble.pk, user_id=staff().pk)
    assert refunds_of(order) == [("gateway", "approved", 10_000)]


def test_what_is_resolved_gives_nothing_back_any_more() -> None:
    order = make_order()
    pay(make_attempt(order), make_capture(order.total_minor + 1))
    trouble = PaymentException.objects.get()
    keep_unclaimed(exception_id=trouble.pk, words="kept", user_id=staff().pk)
    with pytest.raises(NothingToGiveBack):
        refund_exception(exception_id=trouble.pk, user_id=staff().pk)
    assert (refunds_of(order), held(order)) == ([], [(0, 0)])


# --- two persons ---------------------------------------------------------------------------------
def test_a_large_refund_waits_for_a_second_person(settings: Settings) -> None:
    settings.REFUND_APPROVAL_ABOVE = {"IDR": 100_000}
    order = paid()
    asks, approves = staff(), make_owner(email="kedua@example.com")
    call_off(order_id=order.pk, reason=CallOffReason.OTHER, user_id=asks.pk)
    refund = Refund.objects.get()
    assert (refund.state, refund.next_try_at) == ("draft", None)
    with pytest.raises(OwnRefund):
        approve_refund(refund_id=refund.pk, user_id=asks.pk)
    assert [approve_refund(refund_id=refund.pk, user_id=approves.pk) for _twice in "12"] == [
        True,
        False,
    ]
    refund.refresh_from_db()
    assert (refund.state, refund.approved_by) == ("approved", approves)
    assert OrderEvent.objects.get(kind="refund_approved").user == approves


def test_the_database_knows_that_it_takes_two(settings: Settings) -> None:
    settings.REFUND_APPROVAL_ABOVE = {"IDR": 0}
    order = paid()
    call_off(order_id=order.pk, reason=CallOffReason.OTHER, user_id=staff().pk)
    with pytest.raises(IntegrityError, match="refund_two_persons"), transaction.atomic():
        Refund.objects.update(approved_by=staff())


def test_who_approved_a_transfer_does_not_make_it_too(settings: Settings) -> None:
    settings.REFUND_APPROVAL_ABOVE = {"IDR": 0}
    order = paid(method="bca_va")
    call_off_by_customer(order_id=order.pk)
    refund = Refund.objects.get()
    transferred = partial(
        record_transferred, refund_id=refund.pk, paid_on=timezone.localdate(), reference="T1"
    )
    with pytest.raises(NotToBeTransferred):
        transferred(user_id=staff().pk)
    approve_refund(refund_id=refund.pk, user_id=staff().pk)
    with pytest.raises(OwnApproval):
        transferred(user_id=staff().pk)
    assert held(order) == [(0, order.total_minor)]
    assert transferred(user_id=make_owner(email="kedua@example.com").pk)
    assert held(order) == [(order.total_minor, 0)]
    assert right()


def test_what_the_buyer_cancels_goes_back_to_its_source_however_much_it_is(
    settings: Settings,
) -> None:
    settings.REFUND_APPROVAL_ABOVE = {"IDR": 0}
    order = paid()
    call_off_by_customer(order_id=order.pk)
    assert [state for _channel, state, _amount in refunds_of(order)] == ["approved"]


def test_what_needed_nobody_on_its_way_back_needs_somebody_at_a_bank(settings: Settings) -> None:
    settings.REFUND_APPROVAL_ABOVE = {"IDR": 0}
    order = paid()
    call_off_by_customer(order_id=order.pk)
    other = send_by_bank(refund_id=Refund.objects.get().pk, user_id=staff().pk)
    assert (other.channel, other.state, other.approved_by) == ("bank_transfer", "draft", None)
    assert held(order) == [(0, order.total_minor)]


def test_who_approved_one_way_does_not_make_the_transfer_of_the_other(settings: Settings) -> None:
    settings.REFUND_APPROVAL_ABOVE = {"IDR": 0}
    order, asks = paid(), staff()
    second = make_owner(email="kedua@example.com")
    call_off(order_id=order.pk, reason=CallOffReason.OTHER, user_id=asks.pk)
    first = Refund.objects.get()
    approve_refund(refund_id=first.pk, user_id=second.pk)
    other = send_by_bank(refund_id=first.pk, user_id=second.pk)
    assert (other.state, other.approved_by) == ("awaiting_transfer", second)
    with pytest.raises(OwnApproval):
        record_transferred(
            refund_id=other.pk, paid_on=timezone.localdate(), reference="T1", user_id=second.pk
        )


def test_who_packs_does_not_approve(settings: Settings) -> None:
    settings.REFUND_APPROVAL_ABOVE = {"IDR": 0}
    order = paid()
    call_off(order_id=order.pk, reason=CallOffReason.OTHER, user_id=staff().pk)
    refund, client = Refund.objects.get(), Client()
    client.force_login(make_staff("orders.view_order", "orders.change_order"))
    for name in ("refund-approve", "refund-by-bank"):
        assert press(client, order, name, refund.pk).status_code == 403
    assert refunds_of(order) == [("gateway", "draft", order.total_minor)]


# --- other ways ----------------------------------------------------------------------------------
def test_staff_may_choose_the_bank_until_the_gateway_is_asked() -> None:
    order = paid()
    call_off_by_customer(order_id=order.pk)
    refund = Refund.objects.get()
    other = send_by_bank(refund_id=refund.pk, user_id=staff().pk)
    assert send_by_bank(refund_id=other.pk, user_id=staff().pk) == other
    assert refunds_of(order) == [
        ("gateway", "cancelled", order.total_minor),
        ("bank_transfer", "awaiting_transfer", order.total_minor),
    ]
    assert held(order) == [(0, order.total_minor)]
    Refund.objects.filter(pk=other.pk).update(channel="gateway", state="pending")
    with pytest.raises(RefundUnderWay):
        send_by_bank(refund_id=other.pk, user_id=staff().pk)
    assert Refund.objects.count() == 2


def test_a_surplus_is_called_back_and_lies_with_us_as_before() -> None:
    order = make_order()
    pay(make_attempt(order), make_capture(order.total_minor + 5_000))
    [refund] = refund_exception(exception_id=PaymentException.objects.get().pk, user_id=staff().pk)
    done = [call_back_refund(refund_id=refund.pk, user_id=staff().pk) for _twice in "12"]
    assert done == [True, False]
    assert held(order) == [(0, 0)]
    assert booked(order)["customer_funds"] == -5_000
    assert PaymentException.objects.get().resolved_at is None
    assert right()


def test_what_is_owed_for_goods_stays_owed() -> None:
    order = paid()
    call_off_by_customer(order_id=order.pk)
    with pytest.raises(RefundUnderWay):
        call_back_refund(refund_id=Refund.objects.get().pk, user_id=staff().pk)
    assert refunds_of(order) == [("gateway", "approved", order.total_minor)]


# --- what the order says -------------------------------------------------------------------------
# Breaks them: what went back is written into the column alone, without refund and postings.
@pytest.mark.breaks_books
@pytest.mark.parametrize(
    ("over", "back", "status"),
    [
        (0, 0, PaymentStatus.PAID),
        (0, 49_000, PaymentStatus.PARTIALLY_REFUNDED),
        (5_000, 5_000, PaymentStatus.PAID),
        (5_000, 4_000, PaymentStatus.OVERPAID),
        (-5_000, 4_000, PaymentStatus.PARTIALLY_REFUNDED),
    ],
)
def test_what_went_back_is_seen_in_the_payment_status(
    over: int, back: int, status: PaymentStatus
) -> None:
    order = make_order()
    pay(make_attempt(order), make_capture(order.total_minor + over))
    PaymentReceipt.objects.update(refunded_minor=back)
    assert payment_status(order=order) == status
    PaymentReceipt.objects.update(refunded_minor=order.total_minor + over)
    assert payment_status(order=order) == PaymentStatus.REFUNDED


# --- never more than came ------------------------------------------------------------------------
def test_the_database_knows_that_no_more_goes_back_than_came() -> None:
    order = paid()
    with pytest.raises(IntegrityError, match="receipt_given_back_once"), transaction.atomic():
        PaymentReceipt.objects.update(refund_pending_minor=order.total_minor + 1)


# Breaks them: it asks the CHECK alone, with digits and sums that nobody has booked.
@pytest.mark.breaks_books
@pytest.mark.parametrize("column", ["refund_pending_minor", "taken_back_minor"])
def test_the_digits_that_are_the_shops_never_go_back(column: str) -> None:
    order = paid()
    PaymentReceipt.objects.update(suffix_minor=7)
    with pytest.raises(IntegrityError, match="receipt_given_back_once"), transaction.atomic():
        PaymentReceipt.objects.update(**{column: order.total_minor - 6})
    PaymentReceipt.objects.update(**{column: order.total_minor - 7})


@pytest.mark.django_db(transaction=True)
def test_two_exceptions_of_one_order_do_not_give_back_the_same_money() -> None:
    order = make_order()
    attempt = make_attempt(order)
    pay(attempt, make_capture(order.total_minor + 5_000))
    pay(attempt)
    total = order.total_minor
    pks = PaymentException.objects.order_by("pk").values_list("pk", flat=True)
    assert len(pks) == 2
    race([partial(refund_exception, exception_id=pk, user_id=staff().pk) for pk in [*pks] * 2])
    assert sum(amount for _channel, _state, amount in refunds_of(order)) == total + 5_000
    assert sum(held_back for _back, held_back in held(order)) == total + 5_000
    assert "customer_funds" not in booked(order)


@pytest.mark.django_db(transaction=True)
def test_a_surplus_that_two_of_the_staff_give_back_goes_back_once() -> None:
    order = make_order()
    pay(make_attempt(order), make_capture(order.total_minor + 5_000))
    give = partial(
        refund_exception, exception_id=PaymentException.objects.get().pk, user_id=staff().pk
    )
    outcomes = race([give] * 4)
    assert [len(each) for each in outcomes if isinstance(each, list)] == [1, 1, 1, 1]
    assert refunds_of(order) == [("gateway", "approved", 5_000)]
    assert held(order) == [(0, 5_000)]
