"""Money that is booked here and that the gateway does not list. T47."""

from datetime import timedelta
from functools import partial

import pytest
from django.test import Client
from django.utils import timezone

from accounts.tests.builders import make_owner
from catalog.tests.builders import make_variant, stock_of
from orders.fulfilment import pack_lines, ship_packed
from orders.holding import HeldBack
from orders.models import Order, RefundDue, Shipment
from orders.tests.builders import make_order
from orders.tests.life.builders import ship, staff
from orders.tests.life.test_staff import press
from orders.tests.test_admin import signed_in
from payments.desk.closing import close_exception
from payments.models import (
    ExceptionStep,
    GatewayTransaction,
    PaymentException,
    PaymentReceipt,
    Refund,
)
from payments.reconciling.trouble import open_phantom
from payments.tests.builders import make_attempt, make_capture, pay
from payments.tests.refunds.test_planning import right
from tests.reconciling.builders import Books, balances, match_all, read_all, reading, troubles

pytestmark = pytest.mark.django_db


@pytest.fixture
def phantom(books: Books) -> Order:
    """Booked two days and an hour ago; the gateway lists nothing of it."""
    attempt = make_attempt()
    pay(attempt)
    PaymentReceipt.objects.update(captured_at=timezone.now() - timedelta(hours=49))
    attempt.order.refresh_from_db()
    return attempt.order


def test_money_that_is_not_listed_within_two_days_is_told_once(phantom: Order) -> None:
    for new in (1, 0):
        run = read_all("nightly")
        assert run.last_counts["phantoms"] == new
    exception = PaymentException.objects.get()
    assert (exception.kind, exception.order) == ("phantom", phantom)
    assert exception.receipt == PaymentReceipt.objects.get()
    assert exception.receipt.payment_id in exception.note


def test_its_goods_stay_here_until_somebody_has_looked(phantom: Order) -> None:
    group = phantom.groups.get()
    packed = pack_lines(group_id=group.pk, actor_id=staff().pk)
    read_all("nightly")
    with pytest.raises(HeldBack):
        ship_packed(shipment_id=packed.pk, courier="jne", tracking_number="1", actor_id=staff().pk)
    packed.delete()
    with pytest.raises(HeldBack):
        ship(phantom)
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(make_owner())
    slips = client.get("/admin/orders/order/slips/", {"ids": str(phantom.pk)}).text
    assert f"1 order is held back and has no slip: {phantom.number}." in slips
    assert '<article class="slip">' not in slips
    page = client.get(f"/admin/orders/order/{phantom.pk}/change/").text
    assert "booked here, not in the gateway&#x27;s list" in page
    assert not Shipment.objects.exists()
    PaymentException.objects.update(resolved_at=timezone.now(), resolution="seen in the dashboard")
    assert ship(phantom).status == "shipped"


def test_once_it_is_listed_all_the_same_its_goods_go(phantom: Order) -> None:
    read_all("nightly")
    receipt = PaymentReceipt.objects.get()
    now = timezone.now()
    GatewayTransaction.objects.create(
        gateway="xendit",
        transaction_id="txn_late",
        kind="payment",
        state="succeeded",
        product_id=receipt.payment_id,
        is_incoming=True,
        amount_minor=receipt.amount_minor,
        fee_minor=0,
        fee_tax_minor=0,
        currency="IDR",
        created_at=now,
        updated_at=now,
        next_match_at=now,
    )
    match_all()
    exception = PaymentException.objects.get()
    assert exception.resolved_at is not None
    assert exception.resolution == "found in the gateway's list"
    assert ship(phantom).status == "shipped"


def test_nothing_is_missing_from_a_list_that_was_not_read(phantom: Order) -> None:
    read_all("hourly")
    PaymentReceipt.objects.update(captured_at=timezone.now() - timedelta(hours=75))
    read_all("nightly")
    assert troubles() == []


def test_what_came_today_may_still_be_listed(phantom: Order) -> None:
    PaymentReceipt.objects.update(captured_at=timezone.now() - timedelta(hours=47))
    assert read_all("nightly").last_counts["phantoms"] == 0


def test_after_an_outage_no_night_is_left_out(phantom: Order) -> None:
    reading("nightly")
    long_ago = timezone.now() - timedelta(days=5)
    type(reading("nightly")).objects.update(complete_until=long_ago)
    PaymentReceipt.objects.update(captured_at=long_ago)
    assert read_all("nightly").last_counts["phantoms"] == 1


@pytest.mark.parametrize("is_found", [True, False], ids=["found", "never"])
def test_an_order_is_called_off_without_giving_back_what_never_came(
    books: Books,
    is_found: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    mug = make_variant(on_hand=1)
    attempt = make_attempt(make_order(lines={mug: 1}))
    order = attempt.order
    came = pay(attempt, make_capture(50_000))
    never = pay(attempt, make_capture(order.total_minor - 50_000))
    open_phantom(never)
    press(signed_in(staff()), order, "call-off", reason="customer_asked", restock="1")
    assert stock_of(mug) == (1, 0)
    [refund] = Refund.objects.all()
    assert (refund.receipt, refund.amount_minor) == (came, 50_000)
    due = RefundDue.objects.get()
    assert (due.amount_minor, due.absent_minor) == (50_000, never.amount_minor)
    assert (balances()["refunds_payable"], balances()["suspense"]) == (
        -50_000,
        -never.amount_minor,
    )
    assert right()
    trouble = PaymentException.objects.get(kind="phantom")
    end = partial(
        close_exception, exception_id=trouble.pk, words="asked the gateway", user_id=staff().pk
    )
    if is_found:
        # Then it is owed, and a second person lets it go, once.
        for _twice in "12":
            end(kind=ExceptionStep.Kind.FOUND)
        again = Refund.objects.exclude(pk=refund.pk).get()
        assert (again.receipt, again.state) == (never, "draft")
        assert balances()["refunds_payable"] == -order.total_minor
    else:
        for _twice in "12":
            end()
        assert balances()["gateway_clearing:xendit"] == 50_000
        assert Refund.objects.count() == 1
    assert "suspense" not in balances()
    assert right()


def test_what_never_came_is_written_off_though_its_receipt_has_another_exception(
    books: Books,
) -> None:
    attempt = make_attempt()
    order = attempt.order
    never = pay(attempt, make_capture(50_000))
    pay(attempt, make_capture(order.total_minor - 50_000))
    assert troubles() == ["partial"]
    open_phantom(never)
    press(signed_in(staff()), order, "call-off", reason="customer_asked", restock="1")
    trouble = PaymentException.objects.get(kind="phantom")
    assert trouble.receipt is None
    for _twice in "12":
        close_exception(exception_id=trouble.pk, words="asked them", user_id=staff().pk)
    assert balances()["gateway_clearing:xendit"] == order.total_minor - 50_000
    assert "suspense" not in balances()
    assert right()
