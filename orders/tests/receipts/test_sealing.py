"""Numbers of invoices: one for each sale, in order, without a gap, whoever is killed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from pytest_django import Settings
from pytest_django.fixtures import DjangoAssertNumQueries

from catalog.tests.builders import make_product, make_seller, make_variant
from orders.models import Invoice, Order, OrderStatus
from orders.receipts.sealing import due_orders, seal_due
from orders.tests.builders import make_order
from orders.tests.life.builders import confirmed
from orders.tests.receipts.builders import figures, invoice_of, make_pkp, seal_all, taxed, this_year
from tests.racing import race

JAKARTA = ZoneInfo("Asia/Jakarta")


def sales(count: int) -> list[Order]:
    """Each of another person, since one person has few open orders."""
    shirt = make_variant(on_hand=count)
    return [confirmed({shirt: 1}) for _ in range(count)]


def confirmed_on(order: Order, *at: int) -> None:
    order.confirmed_at = datetime(*at, tzinfo=JAKARTA)  # type: ignore[arg-type, misc]
    order.save(update_fields=["confirmed_at"])


@pytest.mark.django_db
def test_a_sale_is_numbered_after_it_and_only_once() -> None:
    (order,) = sales(1)
    assert (Invoice.objects.count(), due_orders().count()) == (0, 1)
    assert (seal_due(), seal_due()) == (1, 0)
    paper = invoice_of(order)
    assert (paper.reference, paper.number, paper.year) == (
        f"INV/{this_year()}/000001",
        1,
        this_year(),
    )
    assert (paper.total_minor, paper.seller_name) == (order.total_minor, "RONA")
    assert not due_orders().exists()


@pytest.mark.django_db
def test_what_is_not_paid_gets_no_number() -> None:
    make_order()
    make_order(status=OrderStatus.EXPIRED)
    assert (due_orders().count(), seal_due(), Invoice.objects.count()) == (0, 0, 0)


@pytest.mark.django_db
def test_numbers_go_in_the_order_of_confirmation_and_start_anew_each_year() -> None:
    late, early, eve = sales(3)
    confirmed_on(late, 2027, 1, 1, 0, 0, 1)
    confirmed_on(early, 2026, 5, 1, 12)
    # Still the old year where the merchant is, and in UTC since five hours.
    confirmed_on(eve, 2026, 12, 31, 23, 59, 59)
    assert seal_all() == ["INV/2026/000001", "INV/2026/000002", "INV/2027/000001"]
    assert [invoice_of(order).number for order in (early, eve, late)] == [1, 2, 1]


@pytest.mark.django_db
def test_each_seller_of_an_order_writes_an_invoice_of_its_own_series() -> None:
    mine, theirs = make_pkp(), make_seller("Toko Ibu")
    lines = {taxed(seller=mine): 2, make_variant(product=make_product(seller=theirs)): 1}
    order = confirmed(lines)
    confirmed({make_variant(product=make_product(seller=theirs)): 1})
    assert seal_all() == [
        f"INV/{this_year()}/000001",
        f"INV/{this_year()}/000001",
        f"INV/{this_year()}/000002",
    ]
    papers = {paper.seller_name: paper for paper in Invoice.objects.filter(order=order)}
    assert sum(paper.total_minor for paper in papers.values()) == order.total_minor
    assert (papers["RONA"].tax_number, papers["RONA"].tax_minor) == (
        "01.234.567.8-901.000",
        order.tax_minor,
    )
    assert (papers["Toko Ibu"].tax_number, papers["Toko Ibu"].tax_minor) == ("", 0)


@pytest.mark.django_db
def test_the_tax_base_is_eleven_twelfths_of_the_price_without_tax() -> None:
    order = confirmed({taxed(149_000): 1})
    seal_all()
    # 161,000 with its shipping of 12,000: PPN 11/111 of each, rounded once for the seller.
    assert figures(invoice_of(order)) == (161_000, 132_958, 15_955)


@pytest.mark.django_db
def test_the_printed_number_stays_when_the_format_is_changed(settings: Settings) -> None:
    first, second = sales(2)
    seal_due(limit=1)
    settings.INVOICE_NUMBERS = settings.INVOICE_NUMBERS | {"invoice": "RONA-{year}-{number}"}
    seal_all()
    assert invoice_of(first).reference == f"INV/{this_year()}/000001"
    assert invoice_of(second).reference == f"RONA-{this_year()}-2"


@pytest.mark.django_db
def test_a_batch_costs_as_many_queries_as_one_order(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for count in (1, 5):
        sales(count)
        with django_assert_num_queries(11):
            assert seal_due() == count


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        lambda: Invoice.objects.update(total_minor=1),
        lambda: Invoice.objects.update(number=None, sealed_at=None, reference=""),
        lambda: Invoice.objects.all()._raw_delete("default"),
        lambda: connection.cursor().execute("TRUNCATE orders_invoice CASCADE"),
    ],
)
def test_a_sealed_invoice_cannot_be_changed(change: Callable[[], object]) -> None:
    (order,) = sales(1)
    seal_all()
    # Foreign keys are checked now, or TRUNCATE would be refused for the wrong reason.
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(DatabaseError, match=r"sealed|never deleted"), transaction.atomic():
        change()
    assert invoice_of(order).number == 1


@pytest.mark.django_db
def test_the_database_itself_refuses_a_gap() -> None:
    (order,) = sales(1)
    seal_all()
    paper = invoice_of(order)
    paper.pk, paper.number = None, 3
    paper.kind, paper.reason, paper.refers_to = "credit_note", "returned", invoice_of(order)
    with pytest.raises(DatabaseError, match="gap"), transaction.atomic():
        paper.save(force_insert=True)
    assert Invoice.objects.count() == 1


@pytest.mark.django_db
def test_an_order_that_cannot_be_invoiced_does_not_hold_up_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken, fine = sales(2)
    Order.objects.filter(pk=broken.pk).update(basket={"currency": "IDR"})
    assert seal_due() == 1
    assert invoice_of(fine).number == 1
    assert [record.message for record in caplog.records] == ["sealing_failed", "order_not_invoiced"]
    # Not again and again in every turn, but later, and once it is mended.
    assert not due_orders().exists()
    Order.objects.filter(pk=broken.pk).update(
        basket=broken.basket, invoice_retry_at=timezone.now() - timedelta(seconds=1)
    )
    assert (seal_due(), invoice_of(broken).number) == (1, 2)


# --- several loops at once -----------------------------------------------------------------------
def series() -> list[int | None]:
    return list(Invoice.objects.order_by("number").values_list("number", flat=True))


@pytest.mark.django_db(transaction=True)
def test_many_sealers_leave_no_gap_and_number_no_order_twice(settings: Settings) -> None:
    settings.OPEN_ORDER_LIMITS = dict.fromkeys(settings.OPEN_ORDER_LIMITS, 1000)
    orders = sales(24)
    for _round in range(8):
        outcomes = race([lambda: seal_due(limit=3)] * 4)
        assert [each for each in outcomes if isinstance(each, Exception)] == []
    while seal_due(limit=3):
        pass
    assert series() == list(range(1, 25))
    papers = Invoice.objects.order_by("number").values_list("order_id", flat=True)
    in_order = sorted(orders, key=lambda order: (order.confirmed_at, order.pk))
    assert list(papers) == [order.pk for order in in_order]


@pytest.mark.django_db(transaction=True)
def test_a_sealer_that_is_killed_has_given_no_number() -> None:
    first, second = sales(2)

    class Killed(BaseException):
        pass

    def be_killed() -> None:
        with transaction.atomic():
            assert seal_due(limit=1) == 1
            raise Killed

    with pytest.raises(Killed):
        be_killed()
    assert Invoice.objects.count() == 0
    seal_all()
    assert [invoice_of(order).number for order in (first, second)] == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_an_order_that_somebody_holds_is_numbered_in_the_next_turn() -> None:
    held, free = sales(2)
    with transaction.atomic():
        Order.objects.locked().get(pk=held.pk)
        (sealed,) = race([seal_due])
        assert sealed == 1
    seal_all()
    assert [invoice_of(order).number for order in (free, held)] == [1, 2]
