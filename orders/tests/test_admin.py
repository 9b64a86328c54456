"""Staff find an order, read all of it on one page, and send what is owed."""

from typing import Any

import pytest
from django.core.paginator import Page
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from accounts.tests.builders import make_owner, make_staff
from catalog.tests.builders import make_product, make_variant
from orders.models import Order, OrderContact, OrderEvent, OrderStatus, Shipment, ShipmentLine
from orders.tests.builders import make_address, make_contact, make_order
from shop.core.admin import BoundedPaginator
from shop.core.models import OutboxMessage

LIST = "/admin/orders/order/"
pytestmark = pytest.mark.django_db


def signed_in(user: User | None = None, *, language: str = "en") -> Client:
    client = Client(headers={"Accept-Language": language})
    client.force_login(user or make_owner())
    return client


def found(client: Client, **query: str) -> list[str]:
    changelist = client.get(LIST, query).context["cl"]
    return [order.number for order in changelist.result_list]


def page_of(order: Order) -> str:
    return reverse("admin:orders_order_change", args=[order.pk])


def ship(
    client: Client, order: Order, *, number: str = "JP123", quantity: int = 1, courier: str = "JNE"
) -> Any:
    group = order.groups.get()
    prefix = f"group-{group.pk}"
    data = {f"{prefix}-courier": courier, f"{prefix}-tracking_number": number} | {
        f"{prefix}-line-{line.pk}": str(quantity) for line in group.lines.all()
    }
    url = reverse("admin:orders_order_ship", args=[order.pk, group.pk])
    return client.post(url, data)


def shipped_units(order: Order) -> dict[str, int]:
    lines = ShipmentLine.objects.filter(order_line__order=order)
    return {line.shipment.tracking_number: line.quantity for line in lines}


def test_the_newest_order_comes_first_with_its_statuses_in_words() -> None:
    old = make_order(status=OrderStatus.EXPIRED)
    new = make_order(status=OrderStatus.CONFIRMED)
    client = signed_in()
    assert found(client) == [new.number, old.number]
    text = client.get(LIST).text
    for words in ("Rp161.000", "Siti Aminah", "confirmed", "expired", "to be sent", "unpaid"):
        assert words in text


def test_the_list_costs_the_same_for_one_order_and_for_twenty() -> None:
    client = signed_in()
    shirt = make_variant(on_hand=50)
    make_order(status=OrderStatus.CONFIRMED, lines={shirt: 1})
    client.get(LIST)
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get(LIST)
    for _number in range(19):
        make_order(status=OrderStatus.CONFIRMED, lines={shirt: 1})
    with CaptureQueriesContext(connection) as twenty:
        assert len(found(client)) == 20
    assert len(twenty) == len(one)
    assert all("LIMIT" in row["sql"] for row in twenty if "COUNT(*)" in row["sql"])


def test_the_tabs_show_what_is_to_do() -> None:
    shirt = make_variant()
    unpaid = make_order(lines={shirt: 1})
    expired = make_order(status=OrderStatus.EXPIRED, lines={shirt: 1})
    owed, half, sent = (make_order(status=OrderStatus.CONFIRMED, lines={shirt: 2}) for _ in "123")
    client = signed_in()
    ship(client, half, number="JP1", quantity=1)
    ship(client, sent, number="JP2", quantity=2)
    assert found(client, show="to_ship") == [half.number, owed.number]
    assert found(client, show="awaiting_payment") == [unpaid.number]
    assert found(client, show="sent") == [sent.number]
    assert found(client, show="ended") == [expired.number]
    assert len(found(client, show="nonsense")) == 5
    assert 'To ship <b class="count">2</b>' in client.get(LIST).text


@pytest.mark.parametrize(
    "typed",
    [
        "number",
        "beginning of the number",
        "putri ayu",
        "Ayu",
        "PUTRI@example.com",
        "0813-9999 8888",
        "+62 813 9999 8888",
        "8888",
        "jp777",
    ],
)
def test_an_order_is_found_by_what_the_caller_has_at_hand(typed: str) -> None:
    make_order(status=OrderStatus.CONFIRMED)
    wanted = make_order(
        status=OrderStatus.CONFIRMED,
        contact=make_contact("putri@example.com", "081399998888"),
        address=make_address(recipient_name="Putri Ayu Lestari"),
    )
    client = signed_in()
    ship(client, wanted, number="JP777")
    typed = {
        "number": wanted.number.lower().replace("-", " "),
        "beginning of the number": wanted.number[:6],
    }.get(typed, typed)
    assert found(client, q=typed) == [wanted.number]


def test_one_page_tells_everything_of_an_order() -> None:
    product = make_product("Kemeja Kawung")
    shirt = make_variant(product=product, price=149_000, sku="KK-M", weight_grams=400)
    order = make_order(status=OrderStatus.CONFIRMED, lines={shirt: 2})
    client = signed_in()
    ship(client, order, number="JP1", quantity=1)
    text = client.get(page_of(order)).text
    for words in (
        order.number,
        "Kemeja Kawung",
        "Terakota, M",
        "KK-M",
        "Rp149.000",
        "Rp298.000",
        "Rp310.000",
        "JNE REG",
        "Siti Aminah",
        "Jl. Braga No. 12",
        "https://wa.me/6281234567890",
        "siti@example.com",
        "JP1",
        "1 × Kemeja Kawung, Terakota, M",
        "partly sent",
        "Order placed",
        "Payment received",
        "Sent with JNE, tracking number JP1",
    ):
        assert words in text, words


def test_the_page_costs_the_same_for_one_line_and_for_twenty() -> None:
    client = signed_in()
    small = make_order(status=OrderStatus.CONFIRMED)
    large = make_order(
        status=OrderStatus.CONFIRMED, lines={make_variant(weight_grams=100): 1 for _ in range(20)}
    )
    client.get(page_of(small))
    with CaptureQueriesContext(connection) as one:
        client.get(page_of(small))
    with CaptureQueriesContext(connection) as twenty:
        client.get(page_of(large))
    assert len(twenty) == len(one)


def test_an_order_whose_contact_was_erased_still_has_its_page() -> None:
    order = make_order(status=OrderStatus.CONFIRMED)
    OrderContact.objects.all().delete()
    client = signed_in()
    assert "has been erased" in client.get(page_of(order)).text
    assert found(client) == [order.number]


def test_shipping_records_the_parcel_who_sent_it_and_a_mail() -> None:
    order = make_order(status=OrderStatus.CONFIRMED)
    owner = make_owner()
    client = signed_in(owner)
    answer = client.get(page_of(order)).text
    assert 'value="JNE"' in answer
    answer = ship(client, order, number=" JP123 ")
    assert (answer.status_code, answer.headers["Location"]) == (302, page_of(order))
    shipment = Shipment.objects.get()
    assert (shipment.courier, shipment.tracking_number) == ("JNE", "JP123")
    assert (shipment.status, shipment.created_by) == ("shipped", owner)
    event = OrderEvent.objects.get(kind="shipped")
    assert (event.actor, event.user) == ("staff", owner)
    assert OutboxMessage.objects.filter(topic="order-shipped").count() == 1
    assert "Mark as sent" not in client.get(page_of(order)).text


def test_a_second_click_sends_nothing_twice() -> None:
    order = make_order(status=OrderStatus.CONFIRMED, lines={make_variant(): 2})
    client = signed_in()
    ship(client, order, quantity=1)
    again = ship(client, order, quantity=1)
    assert again.headers["Location"] == page_of(order)
    assert "recorded already" in client.get(page_of(order)).text
    assert shipped_units(order) == {"JP123": 1}


def assert_refused(client: Client, order: Order, words: str, **wrong: Any) -> None:
    before = shipped_units(order)
    answer = ship(client, order, **wrong)
    assert answer.status_code == 422
    assert words in answer.text
    assert shipped_units(order) == before


def test_more_than_is_left_is_refused_and_says_of_what() -> None:
    shirt = make_variant(product=make_product("Kemeja Kawung"))
    order = make_order(status=OrderStatus.CONFIRMED, lines={shirt: 3})
    client = signed_in()
    ship(client, order, number="JP1", quantity=2)
    assert_refused(client, order, "left to send of “Kemeja Kawung”", number="JP2", quantity=2)
    assert 'value="JP2"' in ship(client, order, number="JP2", quantity=2).text


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"number": "  "}, "This field is required."),
        ({"quantity": 9}, "less than or equal to 1"),
        ({"quantity": 0}, "Enter how many units are in the parcel."),
    ],
)
def test_a_form_filled_in_wrongly_changes_nothing(wrong: dict[str, Any], words: str) -> None:
    assert_refused(signed_in(), make_order(status=OrderStatus.CONFIRMED), words, **wrong)


def test_an_unpaid_order_is_not_sent() -> None:
    order = make_order()
    client = signed_in()
    assert "Mark as sent" not in client.get(page_of(order)).text
    assert_refused(client, order, "This order is not confirmed")


def test_a_group_is_only_reached_through_its_own_order() -> None:
    mine, other = (make_order(status=OrderStatus.CONFIRMED) for _ in "12")
    url = reverse("admin:orders_order_ship", args=[mine.pk, other.groups.get().pk])
    assert signed_in().post(url).status_code == 404


def test_who_may_only_look_can_not_send() -> None:
    order = make_order(status=OrderStatus.CONFIRMED)
    client = signed_in(make_staff("orders.view_order"))
    page = client.get(page_of(order))
    assert page.status_code == 200
    assert "Mark as sent" not in page.text
    assert ship(client, order).status_code == 403
    assert shipped_units(order) == {}


def test_who_may_change_orders_can_send() -> None:
    order = make_order(status=OrderStatus.CONFIRMED)
    assert ship(signed_in(make_staff("orders.change_order")), order).status_code == 302
    assert shipped_units(order) == {"JP123": 1}


def test_staff_without_the_right_see_no_order() -> None:
    order = make_order()
    client = signed_in(make_staff("accounts.view_user"))
    assert client.get(LIST).status_code == 403
    assert client.get(page_of(order)).status_code == 403


def test_a_stranger_is_sent_to_the_login() -> None:
    order = make_order(status=OrderStatus.CONFIRMED)
    answer = ship(Client(), order)
    assert answer.headers["Location"].startswith("/admin/login/")
    assert shipped_units(order) == {}


def test_an_order_is_neither_added_nor_edited_nor_deleted() -> None:
    order = make_order()
    client = signed_in()
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(page_of(order), {"status": "confirmed"}).status_code == 405
    assert client.post(f"{LIST}{order.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get(f"{LIST}999999/change/").status_code == 404
    order.refresh_from_db()
    assert order.status == OrderStatus.PENDING


def test_the_list_counts_no_further_than_somebody_would_page(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(BoundedPaginator, "AT_LEAST", 3)
    monkeypatch.setattr(BoundedPaginator, "PAGES_AHEAD", 1)
    shirt = make_variant()
    contacts = [make_contact(f"p{n}@example.com", f"08123456789{n}") for n in range(5)]
    numbers = [make_order(lines={shirt: 1}, contact=contact).number for contact in contacts]
    pages = BoundedPaginator(Order.objects.order_by("-placed_at", "-id"), 1)
    assert (pages.count, pages.shown_count) == (4, "3+")
    pages = BoundedPaginator(Order.objects.order_by("-placed_at", "-id"), 1)
    pages.page_now = 5
    last: Page[Order] = pages.page(5)
    assert [order.number for order in last] == [numbers[0]]
    assert pages.shown_count == "5"


def test_the_staff_room_speaks_indonesian() -> None:
    make_order(status=OrderStatus.CONFIRMED)
    answer = signed_in(language="id").get(LIST)
    assert answer.headers["Content-Language"] == "id"
