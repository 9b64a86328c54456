"""The nota: what it says, as a page and as a PDF."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries
from reportlab.pdfbase.pdfmetrics import stringWidth

from catalog.tests.builders import make_product, make_seller, make_variant
from orders.models import Order, OrderStatus
from orders.order_page import find_order
from orders.receipts.crediting import credit_rest
from orders.receipts.nota import nota_of
from orders.receipts.sheet import FOOT, WIDTH, foot_lines
from orders.receipts.typefaces import is_embedded, markup
from orders.tests.builders import make_address, make_order
from orders.tests.life.builders import confirmed, send_mails
from orders.tests.promotions.builders import make_promotion
from orders.tests.receipts.builders import make_pkp, seal_all, taxed, this_year


def page_of(order: Order, client: Client) -> str:
    return sheet_at(reverse("orders:view_nota", args=[order.token]), client)


def sheet_at(url: str, client: Client) -> str:
    """What is printed of the page there."""
    answer = client.get(url)
    assert answer.status_code == 200
    sheet = answer.content.decode().split("<article", 1)[1].split("</article", 1)[0]
    text = re.sub(r"<[^>]+>", " ", sheet)
    return " ".join(text.replace("&nbsp;", " ").split())


def pdf_of(order: Order, client: Client) -> bytes:
    answer = client.get(reverse("orders:download_nota", args=[order.token]))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    return answer.content


@pytest.mark.django_db
def test_before_it_is_numbered_a_nota_goes_by_the_number_of_the_order(client: Client) -> None:
    order = confirmed()
    text = page_of(order, client)
    assert order.number in text
    assert "INV/" not in text


@pytest.mark.django_db
def test_without_tax_a_nota_shows_neither_tax_nor_tax_number(client: Client) -> None:
    seller = make_seller(tax_number="01.234.567.8-901.000")
    order = confirmed({make_variant(product=make_product(seller=seller)): 1})
    seal_all()
    text = page_of(order, client)
    assert "NPWP" not in text
    assert "DPP" not in text


@pytest.mark.django_db
def test_every_step_leads_to_the_total(client: Client) -> None:
    make_promotion("Hemat sepuluh")
    order = confirmed({make_variant(price=100_000): 1})
    text = page_of(order, client)
    assert "Hemat sepuluh −Rp10.000" in text
    assert "Rp12.000" in text
    assert "Rp102.000" in text


@pytest.mark.django_db
def test_a_nota_is_in_the_language_of_the_order(client: Client) -> None:
    order = confirmed(language="en")
    assert "Quantity × price" in page_of(order, client)


@pytest.mark.django_db
def test_money_given_back_stands_on_the_nota_with_its_credit_note(client: Client) -> None:
    order = confirmed()
    credit_rest(order_id=order.pk)
    seal_all()
    text = page_of(order, client)
    assert f"CN/{this_year()}/000001" in text
    assert f"−{order.total.format()}" in text


@pytest.mark.django_db
def test_each_seller_has_its_own_number_and_tax_on_the_nota(client: Client) -> None:
    theirs = make_variant(product=make_product(seller=make_seller("Toko Ibu")))
    order = confirmed({taxed(seller=make_pkp()): 1, theirs: 1})
    seal_all()
    text = page_of(order, client)
    assert text.count(f"INV/{this_year()}/000001") == 4
    assert "PPN · RONA" in text
    assert "PPN · Toko Ibu" not in text


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["view_nota", "download_nota"])
def test_what_is_not_paid_has_no_nota(client: Client, name: str) -> None:
    for status in (OrderStatus.PENDING, OrderStatus.EXPIRED):
        order = make_order(status=status)
        answer = client.get(reverse(f"orders:{name}", args=[order.token]))
        assert (answer.status_code, answer["Location"]) == (
            302,
            reverse("orders:view_order", args=[order.token]),
        )
    assert client.get(reverse(f"orders:{name}", args=["x" * 32])).status_code == 404


@pytest.mark.django_db
def test_a_long_order_costs_no_more_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for count in (1, 6):
        order = confirmed({make_variant(): 1 for _ in range(count)})
        with django_assert_num_queries(6):
            nota = nota_of(find_order(token=order.token))
        assert len(nota.lines) == count


@pytest.mark.django_db
def test_the_nota_is_linked_from_the_order_and_the_mail(client: Client) -> None:
    order = confirmed()
    link = reverse("orders:view_nota", args=[order.token])
    page = client.get(reverse("orders:view_order", args=[order.token])).content.decode()
    assert link in page
    send_mails()
    assert any(link in letter.body for letter in mail.outbox)


# --- PDF -----------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_pdf_is_whole_and_the_same_each_time(client: Client) -> None:
    order = confirmed({taxed(): 2})
    seal_all()
    content = pdf_of(order, client)
    assert content.startswith(b"%PDF-")
    assert content == pdf_of(order, client)
    assert len(content) < 100_000
    assert b"PlusJakartaSans" in content


@pytest.mark.django_db
def test_a_nota_of_many_sellers_goes_on_over_its_pages(client: Client) -> None:
    sellers = [make_pkp(f"Penjual {number}") for number in range(24)]
    order = confirmed({taxed(seller=seller): 1 for seller in sellers})
    seal_all()
    assert pdf_of(order, client).count(b"/Type /Page\n") > 2


@pytest.mark.parametrize(("sellers", "lines"), [(1, 1), (4, 1), (12, 3), (24, 3)])
def test_the_numbers_of_many_sellers_stay_on_the_sheet(sellers: int, lines: int) -> None:
    numbers = [f"INV/2026/{number:06}" for number in range(sellers)]
    foot = foot_lines(", ".join(numbers))
    room = WIDTH - stringWidth("Halaman 100", FOOT.fontName, FOOT.fontSize)
    assert len(foot) == lines
    assert all(stringWidth(line, FOOT.fontName, FOOT.fontSize) < room for line in foot)
    assert " ".join(foot).endswith("…" if sellers == 24 else numbers[-1])


@pytest.mark.django_db
def test_a_name_in_other_scripts_is_printed_or_said_not_to_be(client: Client) -> None:
    order = confirmed(address=make_address(recipient_name="Žofia Đặng Αθηνά 田中さん 김 <b>"))
    assert pdf_of(order, client).startswith(b"%PDF-")
    assert is_embedded("Rp149.000 − 2 × Žofia Đặng Αθηνά Ольга")
    assert not any(is_embedded(name) for name in ("田中さん", "김", "សុខា"))
    assert markup("田") == '<font name="HeiseiKakuGo-W5">田</font>'
    assert markup("សុខា") == "????"
    assert markup("a<b") == '<font name="PlusJakartaSans-Regular">a&lt;b</font>'
