"""Money that couriers do not hand over: somebody is told, and the rest is written off, once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from orders.delivery import decide_parcel, mark_lost
from orders.models import Order, ParcelDecision, Shipment
from orders.tests.life.builders import staff
from payments.cod.overdue import tell_overdue
from payments.desk.keeping import write_off
from payments.ledger.adjusting import NothingToAdjust
from payments.models import AttemptState, LedgerAdjustment, PaymentException
from payments.tests.cod.builders import attempt_of, only_line
from payments.tests.cod.test_settlements import book, delivered_cod
from payments.tests.desk.builders import (
    LIST,
    all_is_right,
    balance,
    cashier,
    clerk,
    do,
    refused,
    said,
    signed_in,
    state,
    steps,
    the_one,
)
from tests.racing import start, wait_until_blocked

pytestmark = pytest.mark.django_db


def arrived(*, days: int) -> None:
    Shipment.objects.update(delivered_at=timezone.now() - timedelta(days=days))


def kept_back(amount: int) -> Order:
    """Its courier has handed over all but so much."""
    order, waybill = delivered_cod()
    book(only_line(waybill, order.total_minor - amount))
    order.refresh_from_db()
    return order


def test_what_is_not_handed_over_in_time_is_told_once_and_resolved_when_it_comes() -> None:
    order, waybill = delivered_cod()
    arrived(days=13)
    assert tell_overdue() == 0
    arrived(days=15)
    assert (tell_overdue(), tell_overdue()) == (1, 0)
    told = the_one()
    assert (told.kind, told.order) == (PaymentException.Kind.PARTIAL, order)
    page = signed_in(cashier()).get(f"{LIST}{told.pk}/change/").text
    words = f"The courier was to collect {order.total.format()} for order {order.number}"
    assert words in " ".join(page.split())
    book(only_line(waybill, order.total_minor, 5_000))
    assert (the_one().resolution, balance("cod_receivable")) == ("the rest has come", 0)
    all_is_right()


def test_what_is_not_to_be_collected_any_more_is_nobodys_work() -> None:
    delivered_cod()
    arrived(days=15)
    tell_overdue()
    parcel, user = Shipment.objects.get(), staff().pk
    mark_lost(shipment_id=parcel.pk, user_id=user)
    decide_parcel(shipment_id=parcel.pk, decision=ParcelDecision.REFUND, user_id=user)
    assert tell_overdue() == 0
    assert the_one().resolution == "nothing is to be collected any more"
    all_is_right()


@pytest.mark.parametrize("kept", ["a part", "all"])
def test_what_a_courier_keeps_is_written_off_once(kept: str) -> None:
    if kept == "a part":
        order, amount = kept_back(10_000), 10_000
    else:
        order, _waybill = delivered_cod()
        arrived(days=15)
        tell_overdue()
        amount = order.total_minor
    desk, before = signed_in(cashier()), state()
    assert refused(do(desk, "write-off", words=" "), before)
    assert do(signed_in(clerk()), "write-off", words="x").status_code == 403
    assert said(do(desk, "write-off", words="the courier went bankrupt")) == [
        f"Booked: Rp{amount:,}.".replace(",", ".")
    ]
    do(desk, "write-off", words="a second time")
    order.refresh_from_db()
    assert (order.collect_minor, balance("cod_receivable")) == (0, 0)
    assert (balance("goodwill"), the_one().resolution) == (amount, "the courier went bankrupt")
    assert steps() == ["waived"]
    assert attempt_of(order).state in (AttemptState.SUCCEEDED, AttemptState.CANCELLED)
    all_is_right()


def test_a_large_sum_is_written_off_by_two_and_not_once_some_of_it_has_come(
    settings: Settings,
) -> None:
    settings.REFUND_APPROVAL_ABOVE = {"IDR": 1_000}
    order, waybill = delivered_cod()
    arrived(days=15)
    tell_overdue()
    first = cashier()
    assert "second person" in said(do(signed_in(first), "write-off", words="lost"))[0]
    assert (balance("goodwill"), the_one().resolved_at) == (0, None)
    book(only_line(waybill, order.total_minor - 10_000))
    second = clerk("payments.view_ledgeradjustment", "payments.approve_ledgeradjustment")
    page = f"/admin/payments/ledgeradjustment/{LedgerAdjustment.objects.get().pk}/"
    before = state()
    answer = signed_in(second).post(f"{page}approve/decide/", follow=True)
    assert "has happened to this money since" in answer.text
    assert (balance("goodwill"), state()) == (0, before)
    all_is_right()


def test_an_order_that_is_not_the_couriers_cannot_be_written_off() -> None:
    order = kept_back(10_000)
    Order.objects.filter(pk=order.pk).update(collect_minor=0)
    before = state()
    assert refused(do(signed_in(cashier()), "write-off", words="x"), before)
    Order.objects.filter(pk=order.pk).update(collect_minor=10_000)
    all_is_right()


@pytest.mark.django_db(transaction=True)
def test_what_comes_while_it_is_written_off_is_not_lost_too() -> None:
    kept_back(10_000)
    pk, user = the_one().pk, cashier().pk
    order = Order.objects.get()
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            held = Order.objects.locked().get(pk=order.pk)
            written = start(pool, partial(write_off, exception_id=pk, words="x", user_id=user))
            wait_until_blocked()
            held.collect_minor = 0
            held.save(update_fields=["collect_minor"])
        with pytest.raises(NothingToAdjust):
            written.result(timeout=30)
    assert (balance("goodwill"), LedgerAdjustment.objects.count()) == (0, 0)
    Order.objects.update(collect_minor=10_000)
