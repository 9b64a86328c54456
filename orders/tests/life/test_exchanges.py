"""Another size instead: held from the approval on, sold when it is settled, sent like any order."""

from uuid import uuid4

import pytest
from django.utils import timezone

from catalog.inventory import reserve
from catalog.models import Reservation
from catalog.tests.builders import make_location, make_price, make_variant, stock_of
from orders.fulfilment import unshipped
from orders.models import (
    OrderEvent,
    RefundDue,
    Return,
    ReturnOutcome,
    ReturnReason,
)
from orders.returns.deciding import end_late_returns, end_return
from orders.returns.exchanging import ExchangeNotOffered, ExchangeSoldOut, offers_for
from orders.returns.requesting import (
    Wanted,
    request_return,
)
from orders.status import fulfilment_status
from orders.tests.life.builders import (
    approve,
    ask_return,
    deliver,
    delivered,
    left,
    receive,
    settle,
    ship,
    two_sizes,
)
from tests.racing import race

pytestmark = pytest.mark.django_db
REFUND, EXCHANGE = ReturnOutcome.REFUND, ReturnOutcome.EXCHANGE
OTHER = ReturnReason.OTHER


def test_an_exchange_is_held_sold_and_sent() -> None:
    medium, large = two_sizes()
    order = delivered({medium: 1})
    asked = ask_return(order, exchange_for=large)
    assert stock_of(large) == (10, 0)
    approve(asked)
    approve(asked)
    assert stock_of(large) == (10, 1)
    receive(asked, restock_item=medium.stock_items.get().pk)
    for _twice in "12":
        settle(asked, EXCHANGE)
    assert (stock_of(medium), stock_of(large)) == ((10, 0), (9, 0))
    order.refresh_from_db()
    new = order.lines.get(replaces__isnull=False)
    assert (new.variant, new.quantity, new.total_minor) == (large, 1, 0)
    assert (order.status, order.fulfilment) == ("confirmed", "partially_shipped")
    assert unshipped(order.groups.get()) == {new.pk: 1}
    deliver(ship(order))
    assert fulfilment_status(order=order) == "delivered"
    assert RefundDue.objects.count() == 0
    assert Reservation.objects.filter(state="held").count() == 0


def test_what_was_exchanged_can_be_given_back_for_what_was_paid_once() -> None:
    medium, large = two_sizes()
    order = delivered({medium: 1})
    settle(receive(ask_return(order, exchange_for=large)), EXCHANGE)
    deliver(ship(order))
    new = order.lines.get(replaces__isnull=False)
    again = request_return(
        order_id=order.pk, wanted=[Wanted(new.pk, 1)], outcome=REFUND, reason=OTHER
    )
    settle(receive(again), REFUND)
    assert RefundDue.objects.get().amount_minor == 149_000
    assert left(order) == []
    assert fulfilment_status(order=order) == "returned"


def test_only_the_same_product_at_the_same_price_from_the_same_place_is_offered() -> None:
    medium, large = two_sizes()
    dear = make_variant(
        product=medium.product, size="XL", location=medium.stock_items.get().location, price=199_000
    )
    make_variant(
        product=medium.product, size="S", location=medium.stock_items.get().location, on_hand=0
    )
    elsewhere = make_location(seller=medium.product.seller, city="Kota Solo")
    make_variant(product=medium.product, size="XXL", location=elsewhere)
    order = delivered({medium: 1})
    line = order.lines.select_related("variant__product", "group").get()
    (offer,) = offers_for([line], order=order)[line.pk]
    assert (offer.variant_id, offer.available) == (large.public_id, 10)
    for wrong in (dear, make_variant()):
        with pytest.raises(ExchangeNotOffered):
            ask_return(order, exchange_for=wrong)
    assert Return.objects.count() == 0


def test_what_was_sold_meanwhile_cannot_be_held() -> None:
    medium, large = two_sizes(on_hand=1)
    order = delivered({medium: 1})
    asked = ask_return(order, exchange_for=large)
    reserve(holder=uuid4(), quantities={large.stock_items.get().pk: 1}, until=timezone.now())
    with pytest.raises(ExchangeSoldOut):
        approve(asked)
    asked.refresh_from_db()
    assert (asked.state, stock_of(large)) == ("requested", (1, 1))
    approve(asked, as_refund=True)
    settle(receive(asked), REFUND)
    assert RefundDue.objects.count() == 1


def test_fewer_than_asked_are_exchanged_one_for_one() -> None:
    medium, large = two_sizes()
    order = delivered({medium: 2})
    asked = approve(ask_return(order, 2, exchange_for=large))
    assert stock_of(large) == (10, 2)
    settle(receive(asked, 1), EXCHANGE)
    assert stock_of(large) == (9, 0)


def test_money_instead_of_an_exchange_frees_what_was_held() -> None:
    medium, large = two_sizes()
    order = delivered({medium: 1})
    asked = approve(ask_return(order, exchange_for=large))
    settle(receive(asked), REFUND)
    assert stock_of(large) == (10, 0)


def test_money_was_wanted_so_nothing_can_be_exchanged() -> None:
    order = delivered()
    back = receive(ask_return(order))
    with pytest.raises(ExchangeNotOffered):
        settle(back, EXCHANGE)
    back.refresh_from_db()
    assert back.state == "received"


def test_goods_that_never_come_free_what_was_held() -> None:
    medium, large = two_sizes()
    order = delivered({medium: 1})
    asked = approve(ask_return(order, exchange_for=large))
    assert end_late_returns() == 0
    Return.objects.update(due_at=timezone.now())
    assert end_late_returns() == 1
    assert end_late_returns() == 0
    assert (stock_of(large), left(order)) == ((10, 0), [1])
    assert OrderEvent.objects.get(kind="return_cancelled").actor == "system"
    assert not end_return(return_id=asked.pk)


def test_the_price_today_decides_what_is_offered() -> None:
    medium, large = two_sizes()
    order = delivered({medium: 1})
    line = order.lines.select_related("variant__product", "group").get()
    for variant in (medium, large):
        variant.prices.all().delete()
        make_price(variant, 99_000)
    assert len(offers_for([line], order=order)[line.pk]) == 1


@pytest.mark.django_db(transaction=True)
def test_two_hands_settle_one_exchange() -> None:
    medium, large = two_sizes()
    order = delivered({medium: 1})
    back = receive(ask_return(order, exchange_for=large))

    done = race([lambda: settle(back, EXCHANGE), lambda: settle(back, REFUND)] * 2)
    assert all(isinstance(each, Return) for each in done)
    back.refresh_from_db()
    is_exchange = back.outcome == EXCHANGE
    assert stock_of(large) == ((9, 0) if is_exchange else (10, 0))
    assert order.lines.count() == (2 if is_exchange else 1)
    assert RefundDue.objects.count() == (0 if is_exchange else 1)
