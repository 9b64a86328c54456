"""Credit notes as papers: what they say, as a page and as a PDF, and where they are found."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from catalog.tests.builders import make_product, make_seller, make_variant
from orders.models import CreditReason, InvoiceKind, Order, ReturnOutcome
from orders.order_page import find_order
from orders.receipts.credit_note import credit_note_of
from orders.receipts.crediting import Credit, credit_rest, write_credit_notes
from orders.tests.life.builders import ask_return, confirmed, delivered, receive, settle, staff
from orders.tests.receipts.builders import make_pkp, seal_all, taxed, this_year
from orders.tests.receipts.test_nota import sheet_at


def address_of(order: Order, seq: int = 1, *, name: str = "view_credit_note") -> str:
    return reverse(f"orders:{name}", args=[order.token, seq])


def returned(order: Order) -> None:
    """One unit comes back and its money is owed."""
    goods_return = ask_return(order)
    receive(goods_return)
    settle(goods_return, ReturnOutcome.REFUND)


@pytest.mark.django_db
def test_a_credit_note_says_what_of_which_invoice_is_given_back_and_why(client: Client) -> None:
    order = delivered({taxed(100_000): 3}, language="en")
    returned(order)
    seal_all()
    paper = order.invoices.get(kind=InvoiceKind.CREDIT_NOTE)
    text = sheet_at(address_of(order), client)
    line = order.lines.get()
    assert f"Credit note CN/{this_year()}/000001 to invoice INV/{this_year()}/000001" in text
    assert f"order {order.number}" in text
    assert "Siti Aminah" in text
    assert "Reason goods returned Seller RONA NPWP 01.234.567.8-901.000" in text
    assert f"{line.product_name} {line.variant_name} · SKU {line.sku} 1 × Rp100.000" in text
    assert "Total Rp100.000" in text
    base, tax = (f"Rp{minor:,}".replace(",", ".") for minor in (paper.base_minor, paper.tax_minor))
    assert f"Tax base (DPP) {base} PPN {tax}" in text
    assert paper.tax_minor > 0


@pytest.mark.django_db
def test_before_it_is_sealed_its_number_follows_and_nothing_else_is_missing(
    client: Client,
) -> None:
    order = confirmed(language="en")
    credit_rest(order_id=order.pk)
    text = sheet_at(address_of(order), client)
    assert f"Credit note number follows order {order.number}" in text
    assert "CN/" not in text
    assert f"Total {order.total.format()}" in text
    seal_all()
    assert "number follows" not in sheet_at(address_of(order), client)


@pytest.mark.django_db
def test_shipping_and_rounding_are_lines_of_their_own_and_without_tax_there_is_none(
    client: Client,
) -> None:
    order = confirmed({make_variant(price=100_000): 1}, language="en")
    group = order.groups.get()
    taken = [Credit(12_000, group=group), Credit(-50)]
    write_credit_notes(order=order, taken=taken, reason=CreditReason.CANCELLED)
    text = sheet_at(address_of(order), client)
    assert f"Shipping {group.service_name} Rp12.000 Rounding −Rp50 Total Rp11.950" in text
    assert "DPP" not in text
    assert "NPWP" not in text


@pytest.mark.django_db
def test_a_credit_note_is_in_the_language_of_the_order(client: Client) -> None:
    """English here, at an Indonesian address."""
    order = confirmed(language="en")
    credit_rest(order_id=order.pk)
    assert not address_of(order).startswith("/en/")
    assert "Reason order cancelled" in sheet_at(address_of(order), client)


@pytest.mark.django_db
def test_each_seller_has_a_credit_note_with_its_own_number_and_invoice(client: Client) -> None:
    theirs = make_variant(product=make_product(seller=make_seller("Toko Ibu")), price=50_000)
    order = confirmed({taxed(seller=make_pkp()): 1, theirs: 1}, language="en")
    credit_rest(order_id=order.pk)
    seal_all()
    first, second = (sheet_at(address_of(order, seq), client) for seq in (1, 2))
    assert "Seller RONA NPWP" in first
    assert "Seller Toko Ibu" in second
    assert "NPWP" not in second
    assert "DPP" not in second


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["view_credit_note", "download_credit_note"])
def test_there_is_none_beyond_the_last_nor_of_another_order(client: Client, name: str) -> None:
    order, other = confirmed(), confirmed()
    credit_rest(order_id=order.pk)
    assert client.get(address_of(order, name=name)).status_code == 200
    for wrong in (address_of(order, 2, name=name), address_of(order, 0, name=name)):
        assert client.get(wrong).status_code == 404
    assert client.get(address_of(other, name=name)).status_code == 404
    assert client.get(reverse(f"orders:{name}", args=["x" * 32, 1])).status_code == 404


@pytest.mark.django_db
def test_a_long_credit_note_costs_no_more_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for count in (1, 6):
        order = confirmed({make_variant(): 1 for _ in range(count)})
        credit_rest(order_id=order.pk)
        with django_assert_num_queries(4):
            note = credit_note_of(find_order(token=order.token), seq=1)
        assert len(note.lines) == count + 1


@pytest.mark.django_db
def test_the_pdf_is_whole_and_the_same_each_time(client: Client) -> None:
    order = delivered({taxed(): 2})
    returned(order)
    for _before_and_after in range(2):
        url = address_of(order, name="download_credit_note")
        answers = [client.get(url) for _ in range(2)]
        assert answers[0]["Content-Type"] == "application/pdf"
        assert answers[0].content.startswith(b"%PDF-")
        assert answers[0].content == answers[1].content
        seal_all()


@pytest.mark.django_db
def test_credit_notes_are_linked_for_customers_and_staff(client: Client) -> None:
    order = delivered({taxed(): 2})
    returned(order)
    returned(order)
    links = [address_of(order, seq) for seq in (1, 2)]
    page = client.get(reverse("orders:view_order", args=[order.token])).content.decode()
    assert [link in page for link in links] == [True, True]
    seal_all()
    client.force_login(staff())
    for url in ("orders:view_order", "admin:orders_order_change"):
        args = [order.token if url == "orders:view_order" else order.pk]
        page = client.get(reverse(url, args=args)).content.decode()
        assert [link in page for link in links] == [True, True]
        assert [f"CN/{this_year()}/00000{seq}" in page for seq in (1, 2)] == [True, True]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["orders:view_order", "admin:orders_order_change"])
def test_more_credit_notes_on_the_page_of_an_order_need_no_more_queries(
    client: Client, name: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    order = confirmed({taxed(): 4})
    client.force_login(staff())
    url = reverse(name, args=[order.token if name == "orders:view_order" else order.pk])

    def credit(units: int) -> None:
        for _one_by_one in range(units):
            taken = [Credit(1_000, line=order.lines.get(), units=1)]
            write_credit_notes(order=order, taken=taken, reason=CreditReason.RETURNED)

    credit(1)
    client.get(url)
    with CaptureQueriesContext(connection) as with_one:
        client.get(url)
    credit(3)
    with django_assert_num_queries(len(with_one)):
        page = client.get(url).content.decode()
    assert address_of(order, 4) in page
