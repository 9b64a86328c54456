"""Staff make an order for somebody who called; the customer pays by its link."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from accounts.tests.builders import make_staff
from catalog.models import Variant
from catalog.tests.builders import make_product, make_variant, stock_of
from orders.checkout import ByStaff
from orders.models import Cart, Order, OrderEvent, OrderStatus
from orders.tests.builders import make_address, make_cart, make_checkout, make_contact, make_rate
from orders.tests.promotions.builders import make_coupon
from payments.emails import write_placed
from payments.expiry import expire_unpaid
from payments.for_customers import place_for_customer
from payments.models import PaymentAttempt
from shop.core.idempotency import RequestKey
from shop.core.models import OutboxMessage
from shop.core.money import Money
from tests.racing import race

pytestmark = pytest.mark.django_db
PATH = "/admin/orders/order/for-customer/"
PRICE, SHIPPING = 259_000, 12_000
ADDRESS = {
    "email": "siti@example.com",
    "phone": "0812 3456 7890",
    "recipient_name": "Siti Aminah",
    "street": "Jl. Braga No. 12",
    "region": "32.73.19",
    "postal_code": "40111",
    "language": "id",
    "hours": "24",
}


@pytest.fixture
def shirt() -> Variant:
    make_rate()
    return make_variant(
        product=make_product("Kemeja Ubud"), size="M", price=PRICE, on_hand=3, sku="KU-M"
    )


@pytest.fixture
def staff() -> User:
    return make_staff("orders.add_order", "orders.view_order")


@pytest.fixture
def desk(client: Client, staff: User) -> Client:
    client.force_login(staff)
    return client


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def with_goods(desk: Client, variant: Variant, **more: str) -> dict[str, str]:
    """The form once the goods are in it and the total is known."""
    page = desk.post(PATH, ADDRESS | {"add": str(variant.public_id)} | more).text
    given = ADDRESS | more | {name: hidden(page, name) for name in ("cart", "form_token")}
    page = desk.post(PATH, given | {"quote": "1"}).text
    return given | {"expected_total": hidden(page, "expected_total"), "place": "1"}


def place(desk: Client, variant: Variant, **changes: str) -> Order:
    answer = desk.post(PATH, with_goods(desk, variant) | changes)
    assert answer.status_code == 302, answer.text
    order = Order.objects.latest("pk")
    assert answer["Location"] == f"/admin/orders/order/{order.pk}/change/"
    return order


def test_only_who_may_add_orders_sees_the_page(client: Client) -> None:
    assert client.get(PATH).status_code == 302
    client.force_login(make_staff("orders.view_order"))

    assert client.get(PATH).status_code == 403
    assert PATH not in client.get("/admin/orders/order/").text


def test_the_list_of_orders_leads_to_it(desk: Client) -> None:
    assert PATH in desk.get("/admin/orders/order/").text


@pytest.mark.parametrize("words", ["ubud", "kemeja UBUD", "ku-m"])
def test_goods_are_found_by_name_and_sku_with_price_and_stock(
    desk: Client, shirt: Variant, words: str
) -> None:
    page = desk.post(PATH, {"q": words, "look": "1"}).text

    assert "Rp259.000" in page
    assert str(shirt.public_id) in page
    assert not Cart.objects.exists()


def test_searching_asks_no_more_the_more_is_found(
    desk: Client, shirt: Variant, django_assert_max_num_queries: Any
) -> None:
    for number in range(8):
        make_variant(product=make_product(f"Kemeja {number}"))

    with django_assert_max_num_queries(14):
        desk.post(PATH, {"q": "kemeja", "look": "1"})


def test_the_total_is_shown_with_its_steps_before_the_order_is_made(
    desk: Client, shirt: Variant
) -> None:
    form = with_goods(desk, shirt)

    assert form["expected_total"] == str(PRICE + SHIPPING)
    assert not Order.objects.exists()
    assert stock_of(shirt) == (3, 0)


def test_the_order_says_who_made_it_and_keeps_the_goods_as_long_as_staff_said(
    desk: Client, staff: User, shirt: Variant
) -> None:
    order = place(desk, shirt, hours="48")

    event = OrderEvent.objects.get(order=order, kind="placed")
    assert (event.actor, event.user) == (OrderEvent.Actor.STAFF, staff)
    assert order.total == Money(PRICE + SHIPPING, "IDR")
    assert order.reserve_until - order.placed_at >= timedelta(hours=47, minutes=59)
    assert stock_of(shirt) == (3, 1)
    assert not PaymentAttempt.objects.exists()


def test_the_page_of_the_order_has_the_link_to_copy_and_to_send(
    desk: Client, shirt: Variant
) -> None:
    order = place(desk, shirt)

    page = desk.get(f"/admin/orders/order/{order.pk}/change/").text

    assert f'data-copy="http://testserver/pay/{order.token}/"' in page
    assert "https://wa.me/6281234567890?text=" in page
    assert order.token in re.findall(r"wa\.me/\d+\?text=([^\"]+)", page)[0] + page


@pytest.mark.parametrize(("wish", "mails"), [({"sends_mail": "on"}, 1), ({}, 0)])
def test_the_link_is_mailed_if_wanted(
    desk: Client, shirt: Variant, wish: dict[str, str], mails: int
) -> None:
    order = place(desk, shirt, **wish)

    assert OutboxMessage.objects.filter(topic="order-placed").count() == mails
    letter = write_placed(order.pk)
    assert letter is not None
    assert letter.context["method"] == ""
    assert mail.outbox == []


def test_the_customer_chooses_how_to_pay(desk: Client, shirt: Variant) -> None:
    order = place(desk, shirt)
    customer = Client()

    page = customer.get(f"/en/pay/{order.token}/").text

    assert "Choose how to pay" in page
    assert "did not go through" not in page
    assert page.count('name="method"') == 4
    customer.post(f"/en/pay/{order.token}/again/", {"method": "bca_va"})
    attempt = PaymentAttempt.objects.get()
    assert (attempt.method, attempt.amount) == ("bca_va", order.total)


def test_what_is_not_paid_in_time_is_for_sale_again(desk: Client, shirt: Variant) -> None:
    order = place(desk, shirt)
    Order.objects.filter(pk=order.pk).update(reserve_until=timezone.now())

    assert expire_unpaid(order_id=order.pk)

    order.refresh_from_db()
    assert order.status == OrderStatus.EXPIRED
    assert stock_of(shirt) == (3, 0)


def test_the_same_form_twice_is_one_order(desk: Client, shirt: Variant) -> None:
    form = with_goods(desk, shirt)

    answers = [desk.post(PATH, form) for _ in range(2)]

    assert answers[0]["Location"] == answers[1]["Location"]
    assert Order.objects.count() == 1
    assert stock_of(shirt) == (3, 1)


@pytest.mark.parametrize(
    "changes",
    [{"hours": "73"}, {"hours": "0"}, {"email": ""}, {"region": ""}, {"expected_total": ""}],
)
def test_what_is_missing_or_too_much_is_said_and_nothing_is_made(
    desk: Client, shirt: Variant, changes: dict[str, str]
) -> None:
    answer = desk.post(PATH, with_goods(desk, shirt) | changes)

    assert answer.status_code == 422
    assert 'value="Siti Aminah"' in answer.text
    assert not Order.objects.exists()


def test_a_total_that_changed_is_shown_and_not_charged(desk: Client, shirt: Variant) -> None:
    form = with_goods(desk, shirt)

    answer = desk.post(PATH, form | {f"quantity-{shirt.public_id}": "2"})

    assert answer.status_code == 409
    assert hidden(answer.text, "expected_total") == str(2 * PRICE + SHIPPING)
    assert hidden(answer.text, "form_token") != form["form_token"]
    assert not Order.objects.exists()


def test_more_than_there_is_and_unknown_codes_are_said(desk: Client, shirt: Variant) -> None:
    form = with_goods(desk, shirt)
    del form["place"]

    more = desk.post(PATH, form | {f"quantity-{shirt.public_id}": "4"}).text
    code = desk.post(PATH, form | {"use_code": "1", "code": "NONE"}).text

    assert 'class="errornote"' in more
    assert 'class="errornote"' in code
    assert Cart.objects.get().lines.get().quantity == 1


def test_a_code_counts_for_the_total(desk: Client, shirt: Variant) -> None:
    make_coupon("HALO10")
    form = with_goods(desk, shirt)
    del form["place"]

    page = desk.post(PATH, form | {"use_code": "1", "code": "halo10"}).text

    assert Cart.objects.get().coupon_code == "HALO10"
    assert int(hidden(page, "expected_total")) < PRICE + SHIPPING


def test_too_many_unpaid_orders_are_told_and_only_who_may_goes_beyond(
    client: Client, shirt: Variant, settings: Settings
) -> None:
    settings.OPEN_ORDER_LIMITS = dict.fromkeys(settings.OPEN_ORDER_LIMITS, 1)
    client.force_login(make_staff("orders.add_order", "orders.view_order"))
    place(client, shirt)
    anyway = {"exceeds_open_orders": "on"}
    refused = client.post(PATH, with_goods(client, shirt) | anyway)
    assert refused.status_code == 409
    assert Order.objects.count() == 1

    client.force_login(
        make_staff("orders.add_order", "orders.view_order", "orders.exceed_open_orders")
    )
    assert client.post(PATH, with_goods(client, shirt)).status_code == 409
    place(client, shirt, **anyway)
    assert Order.objects.count() == 2


def test_the_limit_of_a_product_holds_for_staff_too(client: Client, shirt: Variant) -> None:
    shirt.product.purchase_limit = 1
    shirt.product.save()
    client.force_login(
        make_staff("orders.add_order", "orders.view_order", "orders.exceed_open_orders")
    )
    place(client, shirt)

    answer = client.post(PATH, with_goods(client, shirt) | {"exceeds_open_orders": "on"})

    assert answer.status_code == 409
    assert Order.objects.count() == 1


def test_the_page_of_one_order_does_not_make_another_in_its_place(
    desk: Client, shirt: Variant
) -> None:
    form = with_goods(desk, shirt)
    assert desk.post(PATH, form).status_code == 302
    order = Order.objects.get()
    # Back, and another customer's name: with the form's token of before, then with the new one.
    other = form | {"email": "budi@example.com", "phone": "081298765432"}
    again = desk.post(PATH, other)
    refused = desk.post(PATH, other | {"form_token": hidden(again.text, "form_token")})

    assert refused.status_code == 409
    assert order.number in refused.text
    order.refresh_from_db()
    assert (order.status, Order.objects.count()) == ("pending", 1)


def test_what_no_method_takes_is_not_ordered(desk: Client, shirt: Variant) -> None:
    dear = make_variant(product=shirt.product, size="XXL", price=60_000_000, on_hand=1)
    answer = desk.post(PATH, with_goods(desk, dear))
    assert answer.status_code == 409
    assert (Order.objects.count(), stock_of(dear)) == (0, (1, 0))


@pytest.mark.django_db(transaction=True)
def test_a_double_click_makes_one_order(shirt: Variant, staff: User) -> None:
    cart = make_cart({shirt: 1})
    total = make_checkout(cart).total
    option = {key: one.code for key, one in make_checkout(cart).shipping.items()}

    def click() -> Order:
        return place_for_customer(
            request=RequestKey(f"for-customer:{staff.pk}", "k-1", "same"),
            cart_token=cart.token,
            contact=make_contact(),
            address=make_address(),
            shipping=option,
            expected_total=total,
            language="id",
            by_staff=ByStaff(staff.pk),
            window=timedelta(hours=24),
            sends_mail=True,
        ).order

    found = race([click] * 4)

    assert [one for one in found if isinstance(one, Exception)] == []
    assert Order.objects.count() == 1
    assert stock_of(shirt) == (3, 1)
    assert OutboxMessage.objects.filter(topic="order-placed").count() == 1
