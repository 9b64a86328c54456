"""Finding an order again, and the pages of text."""

import pytest
from django.test import Client

from orders.models import OrderStatus
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
