"""The cart, as a browser fills and changes it."""

import re
from uuid import UUID

import pytest
from django.test import Client

from catalog.models import Price, Product, Variant
from catalog.tests.builders import make_product, make_variant, stock_of
from orders.models import Cart, CartLine, OrderStatus
from orders.tests.builders import make_cart, make_order

pytestmark = pytest.mark.django_db

OURS = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}


def make_shirt() -> tuple[Product, Variant]:
    product = make_product("Kemeja Ubud")
    variant = make_variant(product=product, size="M", price=259_000, on_hand=3)
    make_variant(product=product, size="L")
    return product, variant


def add(client: Client, *, headers: dict[str, str] | None = None, **fields: str) -> str:
    """Press the button; returns where it leads."""
    form = {"product": "kemeja-ubud", "colour": "terakota", "size": "m", "quantity": "1"} | fields
    answer = client.post("/cart/add/", form, headers=OURS if headers is None else headers)
    assert answer.status_code == 302
    return str(answer["Location"])


def lines() -> dict[UUID, int]:
    return dict(CartLine.objects.values_list("variant__public_id", "quantity"))


def use(client: Client, cart: Cart) -> None:
    client.cookies["cart"] = str(cart.token)


def test_what_is_added_is_in_the_cart(client: Client) -> None:
    _product, variant = make_shirt()

    assert add(client, quantity="2") == "/cart/"

    assert lines() == {variant.public_id: 2}
    page = client.get("/cart/").text
    assert "Kemeja Ubud" in page
    assert "Rp518.000" in page
    assert "Ditambahkan: Kemeja Ubud" in page


def test_the_cart_cookie_is_for_the_server_alone(client: Client) -> None:
    make_shirt()
    add(client)

    cookie = client.cookies["cart"]

    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 90 * 24 * 3600


def test_buy_now_leads_to_the_checkout(client: Client) -> None:
    make_shirt()

    assert add(client, then="checkout") == "/checkout/"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://testserver"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "null"},
        {"Origin": "http://testserver.evil.example"},
        {},
    ],
)
def test_another_site_cannot_fill_the_cart(client: Client, headers: dict[str, str]) -> None:
    make_shirt()

    form = {"product": "kemeja-ubud", "colour": "terakota", "size": "m"}
    answer = client.post("/cart/add/", form, headers=headers)

    assert answer.status_code == 403
    assert not Cart.objects.exists()
    assert "cart" not in answer.cookies


@pytest.mark.parametrize("headers", [{"Origin": "http://testserver"}, OURS])
def test_our_own_page_fills_the_cart(client: Client, headers: dict[str, str]) -> None:
    make_shirt()

    assert add(client, headers=headers) == "/cart/"


def test_without_a_size_the_page_asks_and_keeps_the_colour(client: Client) -> None:
    make_shirt()

    where = add(client, size="")

    assert where == "/p/kemeja-ubud/?colour=terakota&missing=size#option-size"
    assert not Cart.objects.exists()


@pytest.mark.parametrize(
    ("quantity", "problem"), [("4", "too_few_in_stock"), ("99999", "too_many_wanted")]
)
def test_more_than_there_is_is_refused_in_words(
    client: Client, quantity: str, problem: str
) -> None:
    make_shirt()

    where = add(client, quantity=quantity)

    assert f"problem={problem}" in where
    assert not CartLine.objects.exists()
    assert 'role="alert"' in client.get(where.partition("#")[0]).text


def test_what_is_sold_out_is_refused_as_that(client: Client) -> None:
    _product, variant = make_shirt()
    variant.stock_items.update(on_hand=0)

    where = add(client)

    assert "problem=sold_out" in where
    assert not Cart.objects.exists()
    assert "Yang ini habis." in client.get(where.partition("#")[0]).text


def test_a_quantity_is_changed_and_a_line_removed(client: Client) -> None:
    _product, variant = make_shirt()
    use(client, make_cart({variant: 1}))
    path = f"/cart/lines/{variant.public_id}/"

    client.post(path, {"quantity": "3"})
    assert lines() == {variant.public_id: 3}

    client.post(path, {"quantity": "0"})
    assert lines() == {}
    assert "Keranjang Anda kosong" in client.get("/cart/").text


def test_a_quantity_beyond_the_stock_changes_nothing_and_says_why(client: Client) -> None:
    _product, variant = make_shirt()
    use(client, make_cart({variant: 1}))

    client.post(f"/cart/lines/{variant.public_id}/", {"quantity": "4"})

    assert lines() == {variant.public_id: 1}
    assert "Sisa 3." in client.get("/cart/").text


def test_changing_the_cart_needs_the_token_of_the_form() -> None:
    _product, variant = make_shirt()
    strict = Client(enforce_csrf_checks=True)
    use(strict, make_cart({variant: 1}))

    answer = strict.post(f"/cart/lines/{variant.public_id}/", {"quantity": "0"}, headers=OURS)

    assert answer.status_code == 403
    assert lines() == {variant.public_id: 1}


def test_a_changed_price_is_said_and_a_sold_out_line_too(client: Client) -> None:
    _product, variant = make_shirt()
    use(client, make_cart({variant: 2}))
    Price.objects.filter(variant=variant).update(amount_minor=199_000)
    variant.stock_items.update(on_hand=1)

    page = client.get("/cart/").text

    assert "Harganya Rp259.000 saat Anda tambahkan, sekarang Rp199.000." in page
    assert "Sisa 1." in page


def test_the_badge_counts_and_is_kept_by_nobody(client: Client) -> None:
    _product, variant = make_shirt()
    assert client.get("/fragments/badge/").text.strip() == ""

    use(client, make_cart({variant: 3}))
    answer = client.get("/fragments/badge/")

    assert ">3<" in answer.text
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("token", ["nonsense", "7a0c6ed9-5e4b-4a0a-9a0e-2b6f1f3a5c11"])
def test_an_unknown_cart_is_an_empty_one(client: Client, token: str) -> None:
    client.cookies["cart"] = token

    answer = client.get("/cart/")

    assert answer.status_code == 200
    assert "Keranjang Anda kosong" in answer.text
    assert "no-store" in answer["Cache-Control"]


def test_an_order_is_seen_by_its_token_alone(client: Client) -> None:
    variant = make_variant(product=make_product("Kemeja Ubud"), price=259_000)
    order = make_order(status=OrderStatus.CONFIRMED, lines={variant: 2})

    answer = client.get(f"/orders/{order.token}/")

    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert order.number in answer.text
    assert "Lunas, sedang dikemas" in answer.text
    assert "Siti Aminah" in answer.text
    assert "Rp530.000" in answer.text
    assert client.get(f"/orders/{order.number}/").status_code == 404
    assert stock_of(variant) == (8, 0)


def remove(client: Client, variant: Variant) -> str:
    return str(client.post(f"/cart/lines/{variant.public_id}/", {"quantity": "0"})["Location"])


def test_a_removed_line_comes_back_with_one_button(client: Client) -> None:
    _product, variant = make_shirt()
    cart = make_cart({variant: 2})
    use(client, cart)
    address = remove(client, variant)
    assert lines() == {}
    page = client.get(address).text
    assert "Kemeja Ubud dihapus" in " ".join(page.split())
    form = re.search(r'class="alert undo".*?</form>', page, re.DOTALL)
    assert form
    assert f'action="/cart/lines/{variant.public_id}/"' in form[0]
    assert 'name="quantity" value="2"' in form[0]
    client.post(f"/cart/lines/{variant.public_id}/", {"quantity": "2"})
    assert lines() == {variant.public_id: 2}
    assert "undo" not in client.get(address).text


@pytest.mark.parametrize(
    "said",
    [
        "removed=x&quantity=1",
        "removed=00000000-0000-4000-8000-000000000000&quantity=1",
        "quantity=1",
        "removed={variant}&quantity=0",
        "removed={variant}&quantity=100",
        "removed={variant}&quantity=x",
    ],
)
def test_an_address_made_up_offers_nothing(client: Client, said: str) -> None:
    _product, variant = make_shirt()
    use(client, make_cart({make_variant(): 1}))
    answer = client.get(f"/cart/?{said.format(variant=variant.public_id)}")
    assert answer.status_code == 200
    assert "alert undo" not in answer.text


def test_sizes_of_a_limited_product_count_together(client: Client) -> None:
    product, variant = make_shirt()
    other = make_variant(product=product, size="XL", on_hand=5)
    Product.objects.filter(pk=product.pk).update(purchase_limit=2)
    use(client, make_cart({variant: 1}))
    page = client.post(f"/cart/lines/{other.public_id}/", {"quantity": "2"}, follow=True).text
    assert lines() == {variant.public_id: 1}
    assert "Paling banyak 2" in page
    client.post(f"/cart/lines/{other.public_id}/", {"quantity": "1"})
    assert lines() == {variant.public_id: 1, other.public_id: 1}


def test_what_is_short_is_taken_down_to_what_there_is_with_one_button(client: Client) -> None:
    _product, variant = make_shirt()
    use(client, make_cart({variant: 3}))
    variant.stock_items.update(on_hand=2)
    page = client.get("/cart/").text
    assert '<button class="btn alt small" type="submit" name="quantity" value="2">' in page
