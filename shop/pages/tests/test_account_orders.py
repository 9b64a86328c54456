"""The orders of an account, page by page, and the same once more."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.tests.builders import make_user
from catalog.models import StockItem, Variant
from catalog.tests.builders import make_product, make_variant
from orders.models import Cart, Order, OrderStatus
from orders.tests.builders import make_order

pytestmark = pytest.mark.django_db
PAGE = "/en/account/orders/"


@pytest.fixture
def siti() -> User:
    return make_user("siti@example.com")


@pytest.fixture
def client(siti: User) -> Client:
    client = Client()
    client.force_login(siti)
    return client


def bought(user: User, lines: dict[Variant, int] | None = None) -> Order:
    order = make_order(status=OrderStatus.CONFIRMED, lines=lines)
    Order.objects.filter(pk=order.pk).update(customer=user)
    return order


def in_cart(user: User) -> dict[str, int]:
    cart = Cart.objects.get(customer=user)
    return {line.variant.sku: line.quantity for line in cart.lines.select_related("variant")}


def numbers(client: Client, query: str = "") -> list[str]:
    page = client.get(f"{PAGE}{query}").context["page"]
    return [card.order.number for card in page.cards]


def test_an_account_without_orders_is_told_so(client: Client) -> None:
    assert "You have not ordered anything" in client.get(PAGE).text


def test_ten_on_a_page_the_newest_first_and_none_of_others(client: Client, siti: User) -> None:
    own = [bought(siti) for _number in range(12)]
    bought(make_user("budi@example.com"))
    shown = numbers(client)
    following = client.get(PAGE).context["page"].next_pk

    assert shown == [order.number for order in own[:1:-1]]
    assert numbers(client, f"?after={following}") == [own[1].number, own[0].number]
    assert numbers(client, "?after=99999999999999999999") == shown


def test_the_list_costs_the_same_for_two_orders_and_for_eight(client: Client, siti: User) -> None:
    asked: list[int] = []
    # What all pages remember is read once.
    client.get(PAGE)
    for _time in range(2):
        for _number in range(2 if not asked else 6):
            bought(siti)
        with CaptureQueriesContext(connection) as said:
            client.get(PAGE)
        asked.append(len(said))
    assert asked[0] == asked[1]


def test_the_same_once_more_goes_beside_what_is_in_the_cart(client: Client, siti: User) -> None:
    shirt, skirt = make_variant(on_hand=9, sku="SHIRT"), make_variant(on_hand=9, sku="SKIRT")
    order = bought(siti, {shirt: 2, skirt: 1})
    client.post(f"{PAGE}{order.number}/again/")
    answer = client.post(f"{PAGE}{order.number}/again/", follow=True)

    assert in_cart(siti) == {"SHIRT": 4, "SKIRT": 2}
    assert f"3 units of order {order.number} are in the cart." in answer.text


def test_what_cannot_be_had_is_named_and_holds_nothing_back(client: Client, siti: User) -> None:
    few, gone = make_variant(on_hand=5, sku="FEW"), make_variant(on_hand=5, sku="GONE")
    unpublished = make_variant(product=make_product("Rok Batik"), on_hand=5, sku="OLD")
    kept = make_variant(on_hand=5, sku="KEPT")
    order = bought(siti, {few: 3, gone: 1, unpublished: 1, kept: 1})
    StockItem.objects.filter(variant=few).update(on_hand=2, reserved=0)
    StockItem.objects.filter(variant=gone).update(on_hand=0, reserved=0)
    unpublished.product.is_published = False
    unpublished.product.save()
    answer = client.post(f"{PAGE}{order.number}/again/", follow=True)

    assert in_cart(siti) == {"FEW": 2, "KEPT": 1}
    assert "Only 2 left." in answer.text
    assert "This is sold out at the moment." in answer.text
    assert "This product is no longer sold." in answer.text
    again = client.post(f"{PAGE}{order.number}/again/")
    assert (again.status_code, in_cart(siti)) == (302, {"FEW": 2, "KEPT": 2})


def test_nothing_is_put_for_somebody_elses_order(client: Client, siti: User) -> None:
    order = bought(make_user("budi@example.com"))
    assert client.post(f"{PAGE}{order.number}/again/").status_code == 404
    assert not Cart.objects.filter(customer=siti).exists()
