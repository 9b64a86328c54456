"""The nota of an order that was paid through a gateway."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client

from orders.tests.builders import make_order
from orders.tests.receipts.builders import seal_all, taxed, this_year
from orders.tests.receipts.test_nota import page_of
from payments.money_loop import run_once
from payments.tests.builders import make_attempt, pay


@pytest.mark.django_db
def test_a_nota_says_who_sold_what_to_whom_and_how_it_was_paid(client: Client) -> None:
    order = make_order(lines={taxed(149_000): 2})
    pay(make_attempt(order))
    pay(make_attempt(order, method="ovo", seq=2))
    seal_all()
    text = page_of(order, client)
    line = order.lines.get()
    assert f"INV/{this_year()}/000001" in text
    assert f"pesanan {order.number}" in text or f"order {order.number}" in text
    assert "Siti Aminah" in text
    assert f"SKU {line.sku}" in text
    assert line.variant_name in text
    assert "2 × Rp149.000 Rp298.000" in text
    assert order.total.format() in text
    assert "NPWP 01.234.567.8-901.000" in text
    assert "PPN" in text
    assert re.search(rf"DANA, [^R]+WIB {re.escape(order.total.format())}", text)
    # What was paid a second time is owed back and is no part of the sale.
    assert "OVO" not in text
    assert "WIB" in text


@pytest.mark.django_db(transaction=True)
def test_the_money_loop_gives_the_number_and_then_has_nothing_to_do(client: Client) -> None:
    order = make_order()
    pay(make_attempt(order))
    with ThreadPoolExecutor(1) as pool:
        assert [run_once(pool), run_once(pool)] == [1, 0]
    assert f"INV/{this_year()}/000001" in page_of(order, client)
