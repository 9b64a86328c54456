"""Totals that were rounded: what comes back is paid back to the last rupiah, and no more."""

from collections.abc import Mapping

import pytest
from pytest_django import Settings

from catalog.models import Variant
from catalog.tests.builders import make_product, make_seller, make_variant
from orders.delivery import decide_parcel, mark_lost
from orders.fulfilment import ship_lines
from orders.models import (
    Invoice,
    InvoiceKind,
    Order,
    ParcelDecision,
    PromotionKind,
    RefundDue,
    Return,
    ReturnOutcome,
    ReturnReason,
)
from orders.receipts.rounding import rounding_after
from orders.refunds_due import MoreThanWorth
from orders.returns.requesting import Wanted, request_return
from orders.returns.settling import worth_of
from orders.tests.builders import make_order
from orders.tests.life.builders import deliver, receive, settle, ship, staff
from orders.tests.promotions.builders import make_promotion
from orders.tests.receipts.builders import seal_all, taxed
from payments.books import differences
from payments.tests.builders import make_attempt, pay

pytestmark = pytest.mark.django_db
DOWN, UP = 149_970, 149_980


@pytest.fixture(autouse=True)
def _rounded(settings: Settings) -> None:
    settings.ROUND_TOTALS_TO = {"IDR": 100}


def free_shipping() -> None:
    make_promotion("Gratis Ongkir", kind=PromotionKind.FREE_SHIPPING, percent=0)


def paid(lines: Mapping[Variant, int]) -> Order:
    order = make_order(lines=lines)
    pay(make_attempt(order))
    order.refresh_from_db()
    return order


def arrived(lines: Mapping[Variant, int]) -> Order:
    order = paid(lines)
    for number, group in enumerate(order.groups.order_by("pk")):
        code = f"{order.number}-{number}"
        deliver(
            ship_lines(group_id=group.pk, courier="JNE", tracking_number=code, actor_id=staff().pk)
        )
    order.refresh_from_db()
    return order


def came_back(order: Order, units: Mapping[Variant, int]) -> Return:
    line_of = {line.variant_id: line.pk for line in order.lines.all()}
    goods_return = request_return(
        order_id=order.pk,
        wanted=[Wanted(line_of[variant.pk], quantity, None) for variant, quantity in units.items()],
        outcome=ReturnOutcome.REFUND,
        reason=ReturnReason.TOO_SMALL,
    )
    return receive(goods_return)


def given_back(order: Order, units: Mapping[Variant, int]) -> int:
    """They come back and are paid back, as much as staff see that they are worth."""
    goods_return = came_back(order, units)
    worth = worth_of(goods_return)
    settle(goods_return, ReturnOutcome.REFUND)
    due = RefundDue.objects.get(goods_return=goods_return)
    assert due.amount_minor == worth
    return worth


def papers(order: Order, kind: InvoiceKind) -> dict[int, tuple[int, int, int]]:
    """Seller → total, base and tax of all its papers of the kind together."""
    found: dict[int, tuple[int, int, int]] = {}
    for paper in Invoice.objects.filter(order=order, kind=kind):
        total, base, tax = found.get(paper.seller_id, (0, 0, 0))
        found[paper.seller_id] = (
            total + paper.total_minor,
            base + paper.base_minor,
            tax + paper.tax_minor,
        )
    return found


def assert_all_is_undone(order: Order) -> None:
    seal_all()
    assert papers(order, InvoiceKind.CREDIT_NOTE) == papers(order, InvoiceKind.INVOICE)
    assert [str(each) for each in differences()] == []


@pytest.mark.parametrize(("price", "rounding"), [(DOWN, -40), (UP, 40)])
@pytest.mark.parametrize("parts", [[2], [1, 1]])
def test_all_that_was_paid_comes_back_with_the_last_unit(
    price: int, rounding: int, parts: list[int]
) -> None:
    free_shipping()
    shirt = taxed(price)
    order = arrived({shirt: 2})
    assert order.rounding_minor == rounding
    amounts = [given_back(order, {shirt: units}) for units in parts]
    assert amounts == [*(price * units for units in parts[:-1]), price * parts[-1] + rounding]
    assert sum(amounts) == order.total_minor
    assert_all_is_undone(order)


@pytest.mark.parametrize(("price", "rounding"), [(149_930, -30), (149_970, 30)])
@pytest.mark.parametrize("is_bearer_first", [True, False])
def test_of_two_sellers_one_takes_the_rounding(
    price: int, rounding: int, *, is_bearer_first: bool
) -> None:
    free_shipping()
    own = taxed(price)
    theirs = make_variant(product=make_product(seller=make_seller("Toko Ibu")), price=50_000)
    order = arrived({own: 1, theirs: 1})
    assert order.rounding_minor == rounding
    worth = {own: price + rounding, theirs: 50_000}
    for variant in (own, theirs) if is_bearer_first else (theirs, own):
        assert given_back(order, {variant: 1}) == worth[variant]
    assert_all_is_undone(order)


@pytest.mark.parametrize(("price", "rounding"), [(149_930, -30), (149_970, 30)])
def test_whose_goods_were_free_has_no_part_in_it(price: int, rounding: int) -> None:
    free_shipping()
    gift = make_product(seller=make_seller("Toko Ibu"))
    make_promotion("Hadiah", percent=100).products.add(gift)
    bag, shirt = make_variant(product=gift), taxed(price)
    order = arrived({bag: 1, shirt: 1})
    assert order.rounding_minor == rounding
    assert [given_back(order, {each: 1}) for each in (shirt, bag)] == [order.total_minor, 0]
    seal_all()
    totals = sorted(total for total, _base, _tax in papers(order, InvoiceKind.INVOICE).values())
    assert totals == [0, order.total_minor]
    assert [str(each) for each in differences()] == []


def test_shipping_stays_with_the_shop_and_the_rounding_does_not() -> None:
    shirt = taxed(DOWN)
    order = arrived({shirt: 2})
    assert (order.rounding_minor, order.shipping_minor) == (-40, 12_000)
    assert given_back(order, {shirt: 2}) == order.total_minor - 12_000
    assert [str(each) for each in differences()] == []


def test_with_a_lost_parcel_its_shipping_and_the_rounding_come_back() -> None:
    order = paid({taxed(DOWN): 2})
    parcel = ship(order)
    mark_lost(shipment_id=parcel.pk)
    decide_parcel(shipment_id=parcel.pk, decision=ParcelDecision.REFUND, user_id=staff().pk)
    assert RefundDue.objects.get().amount_minor == order.total_minor
    assert_all_is_undone(order)


@pytest.mark.parametrize(("price", "amount"), [(DOWN, 100_000), (UP, 2 * UP + 1)])
def test_staff_may_give_less_than_with_the_rounding(price: int, amount: int) -> None:
    free_shipping()
    shirt = taxed(price)
    order = arrived({shirt: 2})
    goods_return = came_back(order, {shirt: 2})
    with pytest.raises(MoreThanWorth):
        settle(
            goods_return,
            ReturnOutcome.REFUND,
            amount_minor=order.total_minor + 1,
            reason="Dicuci",
        )
    settle(goods_return, ReturnOutcome.REFUND, amount_minor=amount, reason="Sudah dicuci")
    assert RefundDue.objects.get().amount_minor == amount
    assert [str(each) for each in differences()] == []


def test_units_worth_less_than_the_rounding_never_come_to_less_than_nothing() -> None:
    # Four units of 35: 140 was rounded to 100.
    after = [rounding_after(-40, goods=140, back=35 * units, sent=0) for units in range(5)]
    assert after == [0, 0, 0, -5, -40]
    # Free goods, and shipping that was rounded: there is nothing to take it from until it is lost.
    assert [rounding_after(-40, goods=0, back=0, sent=sent) for sent in (0, 12_040)] == [0, -40]
    assert [rounding_after(40, goods=0, back=0, sent=sent) for sent in (0, 11_960)] == [0, 40]
