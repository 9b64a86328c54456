"""Staff find an order by what a caller has at hand, and the search reads only what it finds."""

import pytest
from django.db import connection

from orders.admin import search
from orders.admin.search import find_orders
from orders.models import Invoice, Order, OrderContact, Shipment
from orders.tests.builders import make_address, make_contact, make_order
from orders.tests.life.builders import confirmed, ship
from orders.tests.receipts.builders import invoice_of, seal_all


def found(text: str) -> list[Order]:
    return list(find_orders(Order.objects.all(), text).order_by("pk"))


@pytest.mark.django_db
def test_an_order_is_found_by_all_that_names_it() -> None:
    address = make_address(recipient_name="Ibu Ajeng Siti", phone="081355556666")
    order = confirmed(contact=make_contact("Siti@Example.com", "081234567890"), address=address)
    # No number of an order has an I in it.
    make_order(
        contact=make_contact("budi@example.com", "081299998888"),
        address=make_address(recipient_name="Budi", phone="081299998888"),
    )
    parcel = ship(order)
    seal_all()
    by = (
        *(order.number, order.number[:4].lower(), "ajeng", "IB", "siti@example.COM"),
        *("0812-3456-7890", "7890", "0813 5555 6666", "6666"),
        *(parcel.tracking_number.lower(), invoice_of(order).reference.lower()),
    )
    assert {text: found(text) for text in by} == {text: [order] for text in by}
    assert found("nobody") == []


@pytest.mark.django_db
def test_where_very_many_fit_the_newest_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_FOUND", 2)
    names = [f"{number}@example.com" for number in range(3)]
    orders = [
        make_order(contact=make_contact(name, f"08123456789{number}"))
        for number, name in enumerate(names)
    ]
    assert found("Siti") == orders[1:]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("ajeng", "order_contact_name_part"),
        ("ra", "order_contact_name_part"),
        ("7890", "order_contact_phone_part"),
        ("081234567890", "order_contact_courier_part"),
        ("siti@example.com", "order_contact_any_email"),
    ],
)
def test_each_way_of_searching_has_an_index_that_fits_it(text: str, index: str) -> None:
    make_order()
    with connection.cursor() as cursor:
        # Few rows are read faster without any index, so that the planner has to be asked to.
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = OrderContact.objects.filter(search._contact(text)).explain()
    assert index in plan


@pytest.mark.django_db
def test_numbers_of_orders_parcels_and_invoices_are_looked_up_in_an_index() -> None:
    plans = {
        "orders_order_number": Order.objects.filter(number__startswith="R7K4"),
        "shipment_number": Shipment.objects.filter(tracking_number__iexact="JP1"),
        "invoice_reference": Invoice.objects.filter(reference="INV/2026/000001"),
    }
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert [index for index, rows in plans.items() if index not in rows.explain()] == []
