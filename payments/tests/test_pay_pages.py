"""The pay page shows what to do now, and notices by itself when that changes."""

from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from orders.models import Order, OrderStatus
from orders.settlement import close_unpaid
from orders.tests.builders import make_order
from payments.models import AttemptState, PaymentAttempt
from payments.tests.builders import pay
from shop.core.qr import SCALE, qr_png

pytestmark = pytest.mark.django_db

WEB_URL = "https://pay.example/abc"
ACCOUNT = {
    "type": "PRESENT_TO_CUSTOMER",
    "descriptor": "VIRTUAL_ACCOUNT_NUMBER",
    "value": "3816523906568",
}
WEB_PAGE = {"type": "REDIRECT_CUSTOMER", "descriptor": "WEB_URL", "value": WEB_URL}


def try_to_pay(order: Order, method: str = "bca_va", **fields: Any) -> PaymentAttempt:
    seq = PaymentAttempt.objects.filter(order=order).count() + 1
    return PaymentAttempt.objects.create(
        **{
            "order": order,
            "seq": seq,
            "gateway": "xendit",
            "method": method,
            "amount_minor": order.total_minor,
            "currency": order.currency,
            "reference": f"{order.number}-A{seq}",
            "state": AttemptState.PENDING,
            "expires_at": order.reserve_until,
        }
        | fields
    )


def pay_page(client: Client, order: Order) -> str:
    answer = client.get(f"/pay/{order.token}/")
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return answer.text


def test_a_qris_code_is_shown_as_a_picture_that_says_what_the_gateway_said(client: Client) -> None:
    order = make_order()
    code = "00020101021226" + "9" * 120
    action = {"type": "PRESENT_TO_CUSTOMER", "descriptor": "QR_STRING", "value": code}
    try_to_pay(order, "qris", actions=[action])

    page = pay_page(client, order)

    picture = client.get(f"/pay/{order.token}/qr.png")
    assert f'src="/pay/{order.token}/qr.png?of=' in page
    assert picture["Content-Type"] == "image/png"
    assert picture.content == qr_png(code)
    assert modules_of(picture.content)[4:11] == [
        [0, 0, 0, 0, 0, 0, 0],
        [0, 1, 1, 1, 1, 1, 0],
        [0, 1, 0, 0, 0, 1, 0],
        [0, 1, 0, 0, 0, 1, 0],
        [0, 1, 0, 0, 0, 1, 0],
        [0, 1, 1, 1, 1, 1, 0],
        [0, 0, 0, 0, 0, 0, 0],
    ]


def modules_of(png: bytes) -> list[list[int]]:
    """The top left corner of a code, one figure per module: 0 is dark."""
    picture = Image.open(BytesIO(png))
    side = range(SCALE // 2, 11 * SCALE, SCALE)
    return [[int(bool(picture.getpixel((x, y)))) for x in side][4:] for y in side]


def test_an_order_without_a_code_has_no_picture_of_one(client: Client) -> None:
    order = make_order()
    try_to_pay(order, actions=[ACCOUNT])
    assert client.get(f"/pay/{order.token}/qr.png").status_code == 404


def test_a_virtual_account_shows_number_amount_and_deadline(client: Client) -> None:
    order = make_order()
    try_to_pay(order, actions=[ACCOUNT])

    page = pay_page(client, order)

    assert "3816 5239 0656 8" in page
    assert 'data-copy="3816523906568"' in page
    assert f'data-copy="{order.total_minor}"' in page
    assert "WIB" in page
    assert "KlikBCA" in page


def test_dana_leads_to_its_page(client: Client) -> None:
    order = make_order()
    try_to_pay(order, "dana", actions=[WEB_PAGE])

    assert f'href="{WEB_URL}"' in pay_page(client, order)


def test_a_link_that_is_no_web_address_is_not_shown(client: Client) -> None:
    order = make_order()
    try_to_pay(order, "dana", actions=[WEB_PAGE | {"value": "javascript:alert(1)"}])

    assert "javascript:" not in pay_page(client, order)


def test_ovo_waits_for_the_phone_and_hides_most_of_its_number(client: Client) -> None:
    order = make_order()
    try_to_pay(order, "ovo", details={"phone": "+6281234567890"})

    page = pay_page(client, order)

    assert "+62 ••• 7890" in page
    assert "Bayar dengan OVO" in page


@pytest.mark.parametrize("state", [AttemptState.FAILED, AttemptState.EXPIRED])
def test_a_failed_payment_offers_other_ways(client: Client, state: AttemptState) -> None:
    order = make_order()
    try_to_pay(order, state=state)

    page = pay_page(client, order)

    assert "Pembayaran tidak berhasil" in page
    assert 'value="dana"' in page
    assert "pay_status" not in page
    assert "hx-get" not in page


def test_the_page_reloads_itself_only_when_something_changed(client: Client) -> None:
    order = make_order()
    attempt = try_to_pay(order, actions=[ACCOUNT])
    path = f"/pay/{order.token}/status/?seen=present"
    assert client.get(path).status_code == 204

    pay(attempt)

    answer = client.get(path)
    assert answer.headers["HX-Refresh"] == "true"
    assert client.get(f"/pay/{order.token}/")["Location"] == f"/orders/{order.token}/"


def test_a_closed_order_cannot_be_paid_and_says_so(client: Client) -> None:
    order = make_order()
    close_unpaid(order_id=order.pk)

    assert "Pesanan ini sudah ditutup" in pay_page(client, order)

    answer = client.post(f"/pay/{order.token}/again/", {"method": "dana"})
    assert answer["Location"] == f"/pay/{order.token}/"
    assert not PaymentAttempt.objects.exists()


def test_another_method_is_tried_and_replaces_the_first(client: Client) -> None:
    order = make_order()
    first = try_to_pay(order, actions=[ACCOUNT])

    answer = client.post(f"/pay/{order.token}/again/", {"method": "dana"})

    assert answer["Location"] == f"/pay/{order.token}/"
    first.refresh_from_db()
    assert first.cancel_requested_at is not None
    assert PaymentAttempt.objects.get(order=order, seq=2).method == "dana"


def test_another_method_must_be_chosen(client: Client) -> None:
    order = make_order()
    try_to_pay(order, state=AttemptState.FAILED)

    answer = client.post(f"/pay/{order.token}/again/", {})

    assert answer.status_code == 422
    assert "Pilih cara bayar." in answer.text
    assert PaymentAttempt.objects.count() == 1


def test_an_unknown_order_has_no_pay_page(client: Client) -> None:
    order = make_order(status=OrderStatus.PENDING)

    assert client.get(f"/pay/{order.number}/").status_code == 404
