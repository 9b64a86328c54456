"""Credit notes: what is taken back adds up to what was charged, tax and all."""

import pytest

from catalog.tests.builders import make_product, make_seller, make_variant
from orders.delivery import decide_parcel, mark_lost
from orders.models import (
    CreditReason,
    Invoice,
    InvoiceKind,
    Order,
    ParcelDecision,
    RefundDue,
    ReturnOutcome,
)
from orders.receipts.crediting import CreditedAlready, credit_refund, credit_rest
from orders.tests.builders import make_order
from orders.tests.life.builders import (
    ask_return,
    confirmed,
    delivered,
    receive,
    settle,
    ship,
    staff,
)
from orders.tests.receipts.builders import figures, invoice_of, make_pkp, seal_all, taxed, this_year
from tests.racing import race


def credit_notes(order: Order) -> list[Invoice]:
    return list(Invoice.objects.filter(order=order, kind=InvoiceKind.CREDIT_NOTE).order_by("pk"))


@pytest.mark.django_db
def test_goods_sent_back_are_credited_with_their_share_of_the_tax() -> None:
    order = delivered({taxed(100_001): 3})
    seal_all()
    for _one_by_one in range(3):
        goods_return = ask_return(order)
        receive(goods_return)
        settle(goods_return, ReturnOutcome.REFUND)
    assert seal_all()[1:] == [f"CN/{this_year()}/00000{number}" for number in (1, 2, 3)]
    papers = credit_notes(order)
    line = order.lines.get()
    assert {paper.refers_to for paper in papers} == {invoice_of(order)}
    assert {paper.reason for paper in papers} == {CreditReason.RETURNED}
    assert sum(paper.total_minor for paper in papers) == line.total_minor
    assert sum(paper.tax_minor for paper in papers) == line.tax_minor
    refunds = RefundDue.objects.order_by("pk").values_list("amount_minor", flat=True)
    assert [paper.total_minor for paper in papers] == list(refunds)


@pytest.mark.django_db
def test_what_is_left_of_a_cancelled_order_is_credited_to_the_last_unit() -> None:
    order = delivered({taxed(100_001): 3})
    goods_return = ask_return(order)
    receive(goods_return)
    settle(goods_return, ReturnOutcome.REFUND)
    credit_rest(order_id=order.pk)
    assert credit_rest(order_id=order.pk) == []
    # Nothing was sealed so far: the invoice comes first all the same.
    seal_all()
    papers = [figures(paper) for paper in credit_notes(order)]
    assert tuple(sum(parts) for parts in zip(*papers, strict=True)) == figures(invoice_of(order))
    assert all(paper.refers_to == invoice_of(order) for paper in credit_notes(order))


@pytest.mark.django_db
def test_an_exchange_is_not_credited() -> None:
    order = delivered()
    line = order.lines.get()
    other = make_variant(product=line.variant.product, size="L")
    goods_return = ask_return(order, exchange_for=other)
    receive(goods_return)
    settle(goods_return, ReturnOutcome.EXCHANGE)
    assert credit_notes(order) == []
    # What was sent instead was free, and so it is not credited with the order either.
    (paper,) = credit_rest(order_id=order.pk)
    assert paper.total_minor == order.total_minor


@pytest.mark.django_db
def test_a_lost_parcel_is_credited_with_its_shipping() -> None:
    order = confirmed({taxed(): 1})
    parcel = ship(order)
    mark_lost(shipment_id=parcel.pk)
    decide_parcel(shipment_id=parcel.pk, decision=ParcelDecision.REFUND, user_id=staff().pk)
    seal_all()
    (paper,) = credit_notes(order)
    assert (paper.reason, figures(paper)) == (
        CreditReason.NOT_DELIVERED,
        figures(invoice_of(order)),
    )
    assert credit_rest(order_id=order.pk) == []


@pytest.mark.django_db
def test_each_seller_credits_its_own() -> None:
    theirs = make_variant(product=make_product(seller=make_seller("Toko Ibu")), price=50_000)
    order = confirmed({taxed(seller=make_pkp()): 1, theirs: 1})
    seal_all()
    papers = credit_rest(order_id=order.pk)
    seal_all()
    for paper in papers:
        paper.refresh_from_db()
        assert paper.refers_to is not None
        assert paper.refers_to.seller_id == paper.seller_id
        assert figures(paper) == figures(paper.refers_to)
    assert sum(paper.total_minor for paper in papers) == order.total_minor


@pytest.mark.django_db
def test_a_refund_is_credited_once_and_never_beyond_what_was_sold() -> None:
    order = delivered()
    goods_return = ask_return(order)
    receive(goods_return)
    settle(goods_return, ReturnOutcome.REFUND)
    due = RefundDue.objects.get()
    assert credit_refund(due=due, reason=CreditReason.RETURNED) == credit_notes(order)
    again = RefundDue.objects.create(
        order=order,
        shipment=order.groups.get().shipments.get(),
        amount_minor=due.amount_minor,
        currency="IDR",
    )
    row = due.lines.get()
    again.lines.create(order_line=row.order_line, quantity=1, amount_minor=row.amount_minor)
    with pytest.raises(CreditedAlready):
        credit_refund(due=again, reason=CreditReason.RETURNED)
    assert len(credit_notes(order)) == 1


@pytest.mark.django_db
def test_an_order_that_was_never_paid_has_nothing_to_credit() -> None:
    assert credit_rest(order_id=make_order().pk) == []
    assert Invoice.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_an_order_is_credited_once_by_many_at_once() -> None:
    order = confirmed()
    outcomes = race([lambda: credit_rest(order_id=order.pk)] * 4)
    assert sorted(len(each) for each in outcomes if isinstance(each, list)) == [0, 0, 0, 1]
    assert [paper.total_minor for paper in credit_notes(order)] == [order.total_minor]
