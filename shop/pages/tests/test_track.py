"""Finding an order again, and the pages of text."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orders.models import OrderStatus
from orders.order_page import OrderNotFound, find_order_of
from orders.tests.builders import make_contact, make_order

pytestmark = pytest.mark.django_db


def test_number_and_email_lead_to_the_order(client: Client) -> None:
    order = make_order(status=OrderStatus.CONFIRMED, contact=make_contact("siti@example.com"))

    answer = client.post(
        "/track/", {"number": f" {order.number.lower()} ", "email": "SITI@example.com"}
    )

    assert answer["Location"] == f"/orders/{order.token}/"


def test_a_wrong_number_and_a_wrong_email_get_the_same_answer(client: Client) -> None:
    order = make_order(contact=make_contact("siti@example.com"))

    wrong_email = client.post("/track/", {"number": order.number, "email": "x@example.com"})
    wrong_number = client.post("/track/", {"number": "AAAA-2222", "email": "siti@example.com"})

    for answer in (wrong_email, wrong_number):
        assert answer.status_code == 422
        assert "Tidak ada pesanan dengan nomor dan email ini" in answer.text


def test_the_manifest_names_the_shop(client: Client) -> None:
    manifest = client.get("/manifest.webmanifest").json()

    assert manifest["name"] == "RONA"
    assert manifest["start_url"] == "/"


@pytest.mark.parametrize("path", ["/how-to-order/", "/en/privacy/"])
def test_pages_of_text_answer(client: Client, path: str) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("written", ["{}", " {} ", "#{}", "({})"])
def test_a_number_is_found_however_it_is_written(written: str) -> None:
    order = make_order()
    for number in (order.number, order.number.replace("-", ""), order.number.replace("-", " – ")):
        typed = {"number": written.format(number.lower())[:20], "email": " SITI@example.com "}
        answer = Client().post("/track/", typed)
        assert answer.status_code == 302, typed


def test_who_tries_many_numbers_is_stopped_before_the_right_one() -> None:
    order = make_order()
    client = Client()
    wrong = {"number": "AAAA-2222", "email": "siti@example.com"}
    statuses = [client.post("/track/", wrong).status_code for _try in range(11)]
    assert statuses == [422] * 10 + [429]
    right = {"number": order.number, "email": "siti@example.com"}
    stopped = client.post("/track/", right)
    assert (stopped.status_code, int(stopped["Retry-After"]) <= 600) == (429, True)
    # Another network has its own count.
    assert Client(REMOTE_ADDR="203.0.113.9").post("/track/", right).status_code == 302


def test_an_unknown_number_costs_the_same_queries_as_a_wrong_mail() -> None:
    order = make_order()
    counts = []
    for typed in (("AAAA-2222", "siti@example.com"), (order.number, "x@example.com")):
        with CaptureQueriesContext(connection) as queries, pytest.raises(OrderNotFound):
            find_order_of(number=typed[0], email=typed[1])
        counts.append(len(queries))
    assert counts == [1, 1]
