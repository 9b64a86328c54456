"""Transfers are told apart by their amount: no two awaited ones ask for the same."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from catalog.tests.builders import make_variant
from orders.models import Order, OrderStatus
from orders.tests.builders import make_cart, make_order
from payments.checkout import (
    MethodNotOffered,
    TooLittleTime,
    offer_again,
    offer_methods,
    pay_again,
    place_and_pay,
)
from payments.expiry import expire_unpaid
from payments.models import OPEN_STATES, AttemptState, PaymentAttempt
from payments.polling import poll
from payments.tests.test_checkout import order_form
from payments.tests.transfers.builders import await_transfer
from payments.transfers import amounts
from payments.transfers.amounts import NoAmountLeft, free_suffix
from shop.core.money import Money
from tests.racing import race


def awaited(order: Order, amount: int, *, seq: int, state: str = "pending") -> PaymentAttempt:
    return PaymentAttempt.objects.create(
        order=order,
        seq=seq,
        gateway="bank_transfer",
        method=f"t{seq}",
        amount_minor=amount,
        currency="IDR",
        reference=f"{order.number}-A{seq}",
        state=state,
        expires_at=timezone.now() + timedelta(hours=1),
    )


@pytest.mark.django_db
def test_a_transfer_is_placed_with_an_amount_of_its_own_and_a_day_to_pay_it() -> None:
    form = order_form(make_cart(), method="bca_transfer")
    order = place_and_pay(**form).order
    attempt = PaymentAttempt.objects.get(order=order)
    assert attempt.state == AttemptState.PENDING
    assert 1 <= attempt.suffix_minor <= 999
    assert attempt.amount_minor == order.total_minor + attempt.suffix_minor
    assert order.reserve_until - order.placed_at > timedelta(hours=23, minutes=59)
    told = {action["descriptor"]: action["value"] for action in attempt.actions}
    assert told == {
        "BANK_NAME": "BCA",
        "BANK_ACCOUNT_NUMBER": "0123456789",
        "BANK_ACCOUNT_HOLDER": "SITI RONA",
    }


@pytest.mark.django_db
@hypothesis_settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(totals=st.lists(st.integers(100_000, 101_500), min_size=2, max_size=25))
def test_whatever_the_totals_no_two_awaited_transfers_ask_for_the_same(totals: list[int]) -> None:
    with transaction.atomic():
        order = make_order()
        for seq, total in enumerate(totals, start=1):
            suffix = free_suffix(Money(total, "IDR"))
            assert 1 <= suffix <= 999
            awaited(order, total + suffix, seq=seq)
        same = (
            PaymentAttempt.objects.filter(gateway="bank_transfer", state__in=OPEN_STATES)
            .values("amount_minor")
            .annotate(number=Count("pk"))
            .filter(number__gt=1)
        )
        assert not same.exists()
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_the_database_itself_refuses_the_same_amount_twice() -> None:
    order = make_order()
    first = awaited(order, 149_123, seq=1)
    with pytest.raises(IntegrityError, match="attempt_transfer_amount_once"), transaction.atomic():
        awaited(order, 149_123, seq=2)
    PaymentAttempt.objects.filter(pk=first.pk).update(state=AttemptState.EXPIRED)
    awaited(order, 149_123, seq=2)


@pytest.mark.django_db
def test_the_last_amount_that_is_free_is_found_and_then_there_is_none() -> None:
    order = make_order()
    total = Money(200_000, "IDR")
    for suffix in range(1, 1000):
        if suffix != 417:
            awaited(order, 200_000 + suffix, seq=suffix)
    assert free_suffix(total) == 417
    awaited(order, 200_417, seq=417)
    with pytest.raises(NoAmountLeft) as refused:
        free_suffix(total)
    assert refused.value.code == "no_amount_left"
    # The amounts of the next total overlap with those: only what is above them is free.
    assert free_suffix(Money(200_001, "IDR")) == 999


@pytest.mark.django_db
def test_amounts_of_late_are_used_again_only_when_there_are_no_others() -> None:
    order = make_order()
    for suffix in range(1, 999):
        awaited(order, 200_000 + suffix, seq=suffix, state="expired")
    assert free_suffix(Money(200_000, "IDR")) == 999
    awaited(order, 200_999, seq=999)
    assert 1 <= free_suffix(Money(200_000, "IDR")) <= 998


@pytest.mark.breaks_books
@pytest.mark.django_db(transaction=True)
def test_many_who_choose_a_transfer_at_once_get_an_amount_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # So few that they do want the same one.
    monkeypatch.setattr(amounts, "SUFFIXES", range(1, 9))
    shirt = make_variant(on_hand=20)
    orders = [make_order(lines={shirt: 1}, pay_within=timedelta(hours=24)) for _ in range(1)]
    orders += [copy_of(orders[0]) for _ in range(5)]
    results = race([partial(await_transfer, order) for order in orders])
    found = [result for result in results if isinstance(result, PaymentAttempt)]
    assert len({attempt.amount_minor for attempt in found}) == 6, results


def copy_of(order: Order) -> Order:
    """Another of the same total: placing five takes too long for what is tested."""
    values = {
        field.attname: getattr(order, field.attname)
        for field in Order._meta.concrete_fields
        if field.name not in ("id", "number", "token", "holder", "cart_token")
    }
    return Order.objects.create(**values)


@pytest.mark.django_db
def test_without_an_account_of_the_shop_it_is_not_offered(settings: Settings) -> None:
    total = Money(149_000, "IDR")
    assert "bca_transfer" in [spec.code for spec in offer_methods(total=total)]
    settings.TRANSFER_ACCOUNT_HOLDER = ""
    assert "bca_transfer" not in [spec.code for spec in offer_methods(total=total)]
    with pytest.raises(MethodNotOffered):
        await_transfer()


@pytest.mark.django_db
def test_an_order_that_waits_half_an_hour_only_is_not_offered_a_transfer() -> None:
    order = make_order()
    assert "bca_transfer" not in [spec.code for spec in offer_again(order=order, rest=order.total)]
    with pytest.raises(TooLittleTime):
        pay_again(order=order, method="bca_transfer", details={})
    assert not PaymentAttempt.objects.exists()


@pytest.mark.django_db
def test_at_the_end_of_its_time_the_order_ends_though_nobody_can_be_asked() -> None:
    attempt = await_transfer()
    Order.objects.update(reserve_until=timezone.now() - timedelta(seconds=1))
    assert expire_unpaid(order_id=attempt.order_id)
    attempt.refresh_from_db()
    assert attempt.state == AttemptState.CANCELLED
    assert Order.objects.get().status == OrderStatus.EXPIRED
    # Asked about once more, nothing of it changes.
    assert poll(attempt_id=attempt.pk).state == AttemptState.CANCELLED
