"""What a cart gets, and the words in which it says why it does not."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import Variant
from catalog.tests.builders import make_variant
from orders.models import Cart, Coupon, Promotion, PromotionKind
from orders.promotions import coupons
from orders.tests.builders import (
    SUMUR_BANDUNG,
    make_cart,
    make_order,
    make_rate,
)
from orders.tests.promotions.builders import make_coupon, make_promotion, with_code
from shop.api.tests.client import App, Json, answer_of, problem_of
from shop.core.throttle import Limit

pytestmark = pytest.mark.django_db


def shirt_cart(client: Client, price: int = 149_000, **fields: Any) -> tuple[Cart, Variant]:
    shirt = make_variant(price=price, **fields)
    cart = make_cart({shirt: 1})
    client.cookies["cart"] = str(cart.token)
    client.cookies["language"] = "id"
    return cart, shirt


def cart_of(cart: Cart) -> Json:
    return answer_of(App().get(f"/carts/{cart.token}"), 200)


def text(client: Client, path: str = "/cart/") -> str:
    return " ".join(client.get(path).text.split())


def enter(client: Client, code: str) -> str:
    answer = client.post("/cart/coupon/", {"code": code}, follow=True)
    return " ".join(answer.text.split())


def test_a_code_is_found_however_it_is_typed(client: Client) -> None:
    make_coupon("HALO10")
    cart, _shirt = shirt_cart(client)
    page = enter(client, " halo 10 ")
    assert "−Rp14.900" in page
    assert "Rp134.100" in page
    cart.refresh_from_db()
    assert cart.coupon_code == "HALO10"


@pytest.mark.parametrize("typed", ["HALO1O", "HALO1\x00"])
def test_an_unknown_code_changes_nothing_and_is_said(client: Client, typed: str) -> None:
    make_coupon("HALO10")
    cart, _shirt = shirt_cart(client)
    page = enter(client, typed)
    assert "Kami tidak mengenal kode ini" in page
    cart.refresh_from_db()
    assert cart.coupon_code == ""


def test_a_code_can_be_taken_out_again(client: Client) -> None:
    make_coupon("HALO10")
    cart, _shirt = shirt_cart(client)
    with_code(cart)
    client.post("/cart/coupon/", {"remove": "1"})
    assert "HALO10" not in text(client)


def test_only_so_many_codes_may_be_tried(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    make_coupon("HALO10")
    cart, _shirt = shirt_cart(client)
    monkeypatch.setattr(coupons, "TRIES", (Limit(times=3, seconds=3600),))
    for number in range(3):
        client.post("/cart/coupon/", {"code": f"TEBAK{number}"})
    assert "Terlalu banyak permintaan" in enter(client, "HALO10")
    cart.refresh_from_db()
    assert cart.coupon_code == ""


@pytest.mark.parametrize(
    ("fields", "trouble"),
    [
        ({"minimum_minor": 200_000}, "minimum"),
        ({"valid_from": timezone.now() + timedelta(days=1)}, "not_yet"),
        ({"valid_until": timezone.now() - timedelta(days=1)}, "ended"),
        ({"is_active": False}, "ended"),
        ({"currency": "USD"}, "other_currency"),
        ({"excludes_reduced": True}, None),
        ({"kind": "buy_x_get_y", "percent": 100, "buy": 1, "get": 1}, "not_enough_units"),
        ({"kind": PromotionKind.FREE_SHIPPING}, "needs_address"),
    ],
)
def test_the_cart_says_why_a_code_takes_nothing_off(
    fields: dict[str, Any], trouble: str | None
) -> None:
    dates = {"valid_from": timezone.now() - timedelta(days=9)}
    make_coupon("HALO10", **dates | fields)
    cart = with_code(make_cart({make_variant(price=149_000): 1}))
    answer = cart_of(cart)["coupon"]
    assert answer["code"] == "HALO10"
    assert (answer["trouble"] or {}).get("code") == trouble
    assert (answer["discount"]["amount"] > 0) == (trouble is None)


def test_a_code_below_its_minimum_says_how_much_is_missing(client: Client) -> None:
    make_coupon("HALO10", minimum_minor=200_000)
    cart, _shirt = shirt_cart(client)
    with_code(cart)
    assert "Tambah belanja senilai Rp51.000" in text(client)


def test_a_used_up_code_is_said_before_checkout() -> None:
    coupon = make_coupon("HALO10", max_uses=3)
    Coupon.objects.filter(pk=coupon.pk).update(uses=3)
    cart = with_code(make_cart())
    answer = cart_of(cart)
    assert answer["coupon"]["trouble"]["code"] == "used_up"
    assert answer["total"] == answer["subtotal"]


def test_a_promotion_that_is_used_up_is_no_longer_offered() -> None:
    promotion = make_promotion(max_uses=3)
    Promotion.objects.filter(pk=promotion.pk).update(uses=3)
    cart = make_cart()
    assert cart_of(cart)["discounts"] == []


def test_the_cart_names_each_promotion_with_what_it_takes_off(client: Client) -> None:
    make_promotion("Lebaran")
    shirt_cart(client)
    page = text(client)
    assert "Lebaran" in page
    assert "−Rp14.900" in page


def test_free_shipping_is_announced_while_it_is_near(client: Client) -> None:
    make_promotion("gratis ongkir", kind=PromotionKind.FREE_SHIPPING, minimum_minor=200_000)
    shirt_cart(client)
    page = text(client)
    assert "Tinggal <b>Rp51.000</b> lagi: gratis ongkir" in page
    assert '<progress max="200000" value="149000"' in page


def test_a_product_has_the_promotions_of_the_categories_above_its_own() -> None:
    shirt = make_variant(price=100_000)
    category = shirt.product.category
    category.parent = type(category).objects.create()
    category.save()
    make_promotion().categories.add(category.parent)
    make_promotion("Lain").categories.add(type(category).objects.create())
    cart = make_cart({shirt: 1})
    answer = cart_of(cart)
    assert [one["label"] for one in answer["discounts"]] == ["Hemat"]


def test_reading_a_cart_costs_the_same_for_one_promotion_as_for_ten(
    django_assert_num_queries: Any,
) -> None:
    cart = make_cart()
    app = App()
    address = f"/carts/{cart.token}"
    make_promotion("Satu").products.add(make_variant().product)
    with django_assert_num_queries(8):
        app.get(address)
    for number in range(10):
        make_promotion(f"Promo {number}", max_uses=9, kind=PromotionKind.FIXED, amount_minor=5)
    with django_assert_num_queries(8):
        app.get(address)


def test_the_app_sets_and_removes_a_code() -> None:
    make_coupon("HALO10")
    app = App()
    cart = make_cart({make_variant(price=149_000): 1})
    address = f"/carts/{cart.token}/coupon"
    answer = answer_of(app.put(address, {"code": "halo10"}), 200)
    assert answer["total"]["amount"] == 134_100
    [discount] = answer["discounts"]
    assert (discount["label"], discount["code"]) == ("Halo10", "HALO10")
    assert (discount["amount"]["amount"], discount["amount"]["formatted"]) == (14_900, "Rp14.900")
    problem_of(app.put(address, {"code": "APA"}), 422, "coupon_unknown")
    assert answer_of(app.delete(address), 200)["coupon"] is None


def test_what_is_only_removed_leaves_the_code_where_it_is() -> None:
    make_coupon("HALO10")
    cart = with_code(make_cart())
    path = f"/carts/{cart.token}/lines/{cart.lines.get().variant.public_id}"
    for quantity in (0, 1):
        answer = answer_of(App().put(path, {"quantity": quantity}), 200)
    assert answer["coupon"]["code"] == "HALO10"


def test_an_order_shows_each_step_to_its_total(client: Client) -> None:
    make_promotion("Lebaran")
    order = make_order(lines={make_variant(price=100_000): 1})
    page = text(client, f"/orders/{order.token}/")
    assert "Lebaran" in page
    assert "−Rp10.000" in page
    answer = App().get(f"/orders/{order.number}", x_order_token=order.token)
    steps = answer_of(answer, 200)["steps"]
    assert [(step["kind"], step["amount"]["amount"]) for step in steps] == [
        ("list_price", 100_000),
        ("promotion", -10_000),
        ("shipping", 12_000),
    ]


def test_a_quote_tells_the_whole_total_with_what_is_chosen() -> None:
    make_coupon("HALO10")
    make_promotion("gratis ongkir", kind=PromotionKind.FREE_SHIPPING, max_discount_minor=10_000)
    make_rate(service="REG", first_kg=12_000)
    make_rate(service="YES", first_kg=25_000)
    cart = with_code(make_cart({make_variant(price=149_000): 1}))
    address = {"address": {"region": SUMUR_BANDUNG}}
    path = f"/carts/{cart.token}/shipping-quotes"
    cheapest = answer_of(App().post(path, address), 200)
    assert {name: one["amount"] for name, one in cheapest["totals"].items()} == {
        "subtotal": 149_000,
        "discount": 14_900,
        "shipping": 12_000,
        "shipping_discount": 10_000,
        "tax": 0,
        "tax_added": 0,
        "rounding": 0,
        "total": 136_100,
    }
    [group] = cheapest["groups"]
    fast = [{"group": group["group"], "option": "jne:yes"}]
    dearer = answer_of(App().post(path, address | {"shipping": fast}), 200)
    assert dearer["chosen"] == fast
    assert dearer["totals"]["total"]["amount"] == 149_100
    gone = [{"group": group["group"], "option": "jne:oke"}]
    problem_of(App().post(path, address | {"shipping": gone}), 409, "courier_changed")


def test_a_quote_knows_who_has_used_a_code_up() -> None:
    make_coupon("HALO10", max_uses_per_customer=1)
    shirt = make_variant(price=149_000)
    make_rate()
    app = App()
    first = app.filled_cart(shirt)
    answer_of(app.put(f"/carts/{first}/coupon", {"code": "HALO10"}), 200)
    answer_of(app.place(app.order_body(first)), 201)
    second = app.filled_cart(shirt)
    answer_of(app.put(f"/carts/{second}/coupon", {"code": "HALO10"}), 200)
    asked = {"address": {"region": SUMUR_BANDUNG}, "email": "siti@example.com"}
    quote = answer_of(app.post(f"/carts/{second}/shipping-quotes", asked), 200)
    assert quote["discounts"] == []
    problem_of(app.place(app.order_body(second)), 409, "price_changed")
