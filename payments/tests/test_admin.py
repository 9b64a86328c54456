"""Staff read the money, and change none of its records by hand."""

import hashlib

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from accounts.tests.builders import make_owner
from catalog.tests.builders import make_variant
from orders.models import Order
from orders.tests.builders import make_order
from payments.models import (
    LedgerAccount,
    LedgerTransaction,
    PaymentAttempt,
    PaymentException,
    PaymentReceipt,
    WebhookEvent,
)
from payments.tests.builders import make_attempt, make_capture, pay

MONEY = [LedgerAccount, LedgerTransaction, PaymentAttempt, PaymentReceipt, WebhookEvent]
pytestmark = pytest.mark.django_db


def signed_in(user: User | None = None) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user or make_owner())
    return client


def url_of(row: Model, page: str = "change") -> str:
    options = row._meta
    name = f"admin:{options.app_label}_{options.model_name}_{page}"
    return reverse(name, args=[row.pk])


def short_payment() -> PaymentException:
    attempt = make_attempt()
    pay(attempt, make_capture(1_000))
    return PaymentException.objects.get()


def make_webhook(body: bytes) -> WebhookEvent:
    return WebhookEvent.objects.create(
        gateway="xendit",
        event="payment.capture",
        body=body,
        body_sha256=hashlib.sha256(body).hexdigest(),
    )


def test_the_order_page_shows_attempts_and_money_received() -> None:
    order = make_order()
    make_attempt(order, method="ovo", seq=1, state="failed", failure_code="USER_DECLINED")
    paid = make_attempt(order, method="dana", seq=2)
    receipt = pay(paid)
    text = signed_in().get(url_of(order)).text
    for words in (
        "OVO",
        "USER_DECLINED",
        "DANA",
        paid.reference,
        paid.gateway_ref,
        receipt.payment_id,
        "Rp161.000",
        "applied to the order",
        "</span> paid</span>",
    ):
        assert words in text, words


def test_an_order_in_payment_trouble_has_a_tab_and_a_link() -> None:
    make_order()
    trouble = short_payment()
    client = signed_in()
    answer = client.get("/admin/orders/order/", {"show": "trouble"})
    assert [order.pk for order in answer.context["cl"].result_list] == [trouble.order_id]
    assert "partly paid" in answer.text
    order = trouble.order
    assert order is not None
    assert url_of(trouble) in client.get(url_of(order)).text


def test_the_order_list_costs_the_same_with_one_payment_and_with_ten() -> None:
    client = signed_in()
    shirt = make_variant(on_hand=20)
    pay(make_attempt(make_order(lines={shirt: 1})))
    client.get("/admin/orders/order/")
    with CaptureQueriesContext(connection) as one:
        client.get("/admin/orders/order/")
    for _number in range(9):
        pay(make_attempt(make_order(lines={shirt: 1})))
    with CaptureQueriesContext(connection) as ten:
        client.get("/admin/orders/order/")
    assert len(ten) == len(one)


@pytest.mark.parametrize("model", [*MONEY, PaymentException, Order])
def test_nothing_is_added_or_deleted_not_even_by_the_owner(model: type[Model]) -> None:
    pay(make_attempt())
    client = signed_in()
    site_admin = admin.site._registry[model]
    request = client.get("/admin/").wsgi_request
    assert not site_admin.has_add_permission(request)
    assert not site_admin.has_delete_permission(request)
    # Printing changes nothing.
    assert set(site_admin.get_actions(request)) <= {"print_slips"}


def test_every_record_can_be_read_and_none_written() -> None:
    attempt = make_attempt()
    receipt = pay(attempt)
    event = make_webhook(b'{"data": {"amount": 161000}}')
    posting = LedgerTransaction.objects.get(kind="receipt")
    client = signed_in()
    for row in (attempt, receipt, event, posting):
        assert client.get(url_of(row)).status_code == 200
        assert client.post(url_of(row), {"gateway": "other"}).status_code == 403
        assert client.get(url_of(row).split(str(row.pk))[0]).status_code == 200


def test_a_posting_shows_its_entries() -> None:
    pay(make_attempt())
    client = signed_in()
    for answer in (
        client.get("/admin/payments/ledgertransaction/"),
        client.get(url_of(LedgerTransaction.objects.get(kind="receipt"))),
    ):
        names = ("At the gateway: xendit", "Customers&#x27; money", "Money came in")
        for words in (*names, "Rp161.000", "−Rp161.000"):
            assert words.lower() in answer.text.lower()


def test_the_ledger_costs_the_same_for_one_posting_and_for_ten() -> None:
    client = signed_in()
    shirt = make_variant(on_hand=20)
    pay(make_attempt(make_order(lines={shirt: 1})))
    client.get("/admin/payments/ledgertransaction/")
    with CaptureQueriesContext(connection) as one:
        client.get("/admin/payments/ledgertransaction/")
    for _number in range(4):
        pay(make_attempt(make_order(lines={shirt: 1})))
    with CaptureQueriesContext(connection) as ten:
        client.get("/admin/payments/ledgertransaction/")
    assert len(ten) == len(one)


def test_a_webhooks_body_is_shown_as_text_and_never_run() -> None:
    client = signed_in()
    read = client.get(url_of(make_webhook(b'{"b": "<script>alert(1)</script>", "a": 1}'))).text
    assert "&quot;a&quot;: 1,\n" in read
    assert "<script>alert(1)" not in read
    assert "not json \ufffd" in client.get(url_of(make_webhook(b"not json \xff"))).text


def test_an_attempt_is_found_by_reference_and_by_the_orders_number() -> None:
    make_attempt()
    wanted = make_attempt()
    client = signed_in()
    for typed in (wanted.reference, wanted.gateway_ref, wanted.order.number):
        answer = client.get("/admin/payments/paymentattempt/", {"q": typed})
        assert [row.pk for row in answer.context["cl"].result_list] == [wanted.pk]
