"""The checkout page: nothing typed is lost, nothing is bought at an unseen price."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from catalog.models import Price
from catalog.tests.builders import make_product, make_variant, stock_of
from orders.carts import set_quantity
from orders.models import Cart, CartLine, Order, OrderLine, OrderStatus, Promotion, ShippingRate
from orders.settlement import confirm
from orders.tests.builders import make_cart, make_rate
from orders.tests.promotions.builders import make_coupon, make_promotion, with_code
from payments.models import PaymentAttempt

pytestmark = pytest.mark.django_db

PRICE, SHIPPING = 259_000, 12_000
COBLONG = "32.73.02"


@pytest.fixture
def shopper(client: Client) -> Client:
    """Somebody with one shirt in the cart."""
    make_rate()
    make_rate(courier="SiCepat", service="HALU", first_kg=9_000)
    make_rate(courier="JNE", service="YES", first_kg=30_000)
    variant = make_variant(product=make_product("Kemeja Ubud"), price=PRICE, on_hand=2)
    client.cookies["cart"] = str(make_cart({variant: 1}).token)
    return client


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    assert found, name
    return found[1]


def filled(page: str, **changes: str) -> dict[str, str]:
    """The form of the page, completed the way a customer would."""
    couriers = re.findall(r'name="(shipping-[^"]+)" value="jne:reg"', page)
    return {
        "email": "ayu@example.com",
        "phone": "0812-3456 7890",
        "recipient_name": "Ayu Lestari",
        "street": "Jl. Melati 5",
        "region": COBLONG,
        "rt": "3",
        "rw": "",
        "postal_code": "40132",
        "notes": "",
        "method": "bca_va",
        "ovo_phone": "",
        "form_token": hidden(page, "form_token"),
        "expected_total": str(PRICE + SHIPPING),
        **dict.fromkeys(couriers, "jne:reg"),
    } | changes


def quoted(shopper: Client) -> str:
    return shopper.post("/checkout/", {"region": COBLONG, "quote": "1"}).text


def test_an_empty_cart_has_no_checkout(client: Client) -> None:
    answer = client.get("/checkout/")

    assert answer.status_code == 302
    assert answer["Location"] == "/cart/"


def test_the_page_is_kept_by_nobody(shopper: Client) -> None:
    assert "no-store" in shopper.get("/checkout/")["Cache-Control"]


def test_without_script_a_button_shows_the_couriers_and_keeps_what_was_typed(
    shopper: Client,
) -> None:
    first = shopper.get("/checkout/").text

    answer = shopper.post(
        "/checkout/",
        {
            "region": COBLONG,
            "street": "Jl. Melati 5",
            "form_token": hidden(first, "form_token"),
            "quote": "1",
        },
    )

    assert answer.status_code == 200
    assert "JNE REG" in answer.text
    assert 'value="Jl. Melati 5"' in answer.text
    assert 'class="summary-errors"' not in answer.text
    assert hidden(answer.text, "form_token") == hidden(first, "form_token")
    # The cheapest is chosen until the customer says otherwise.
    assert hidden(answer.text, "expected_total") == str(PRICE + 9_000)


def test_the_couriers_come_as_a_fragment_when_the_region_is_chosen(shopper: Client) -> None:
    answer = shopper.post("/checkout/shipping/", {"region": COBLONG})

    assert "JNE REG" in answer.text
    assert 'hx-swap-oob="outerHTML"' in answer.text
    assert "<html" not in answer.text
    assert "no-store" in answer["Cache-Control"]


def test_a_region_that_nobody_reaches_says_so(shopper: Client) -> None:
    answer = shopper.post("/en/checkout/shipping/", {"region": "91.03.01"})

    assert "We do not deliver this to that address" in answer.text


def test_errors_are_summed_up_and_nothing_typed_is_lost(shopper: Client) -> None:
    form = filled(quoted(shopper), email="", postal_code="4013", street="Jl. <b>Melati</b>")

    answer = shopper.post("/checkout/", form)

    assert answer.status_code == 422
    assert "<title>Kesalahan: Checkout" in answer.text
    assert '<a href="#id_email">Isi alamat email Anda.</a>' in answer.text
    assert '<a href="#id_postal_code">' in answer.text
    assert 'value="Jl. &lt;b&gt;Melati&lt;/b&gt;"' in answer.text
    assert 'value="0812-3456 7890"' in answer.text
    assert re.search(r'value="jne:reg" checked', answer.text)
    assert re.search(r'name="method" value="bca_va" checked', answer.text)
    assert not Order.objects.exists()


def test_an_order_is_placed_and_leads_to_its_payment(shopper: Client) -> None:
    answer = shopper.post("/checkout/", filled(quoted(shopper)))

    order = Order.objects.get()
    assert answer["Location"] == f"/pay/{order.token}/"
    assert order.total_minor == PRICE + SHIPPING
    assert order.language == "id"
    assert order.contact.phone == "+6281234567890"
    assert PaymentAttempt.objects.get(order=order).method == "bca_va"


def test_the_english_page_makes_an_english_order(shopper: Client) -> None:
    page = shopper.post("/en/checkout/", {"region": COBLONG, "quote": "1"}).text

    shopper.post("/en/checkout/", filled(page))

    assert Order.objects.get().language == "en"


def test_sending_the_same_form_twice_is_one_order(shopper: Client) -> None:
    form = filled(quoted(shopper))

    first = shopper.post("/checkout/", form)
    second = shopper.post("/checkout/", form)

    assert first["Location"] == second["Location"]
    assert Order.objects.count() == 1


def test_a_changed_total_is_asked_about_and_not_charged(shopper: Client) -> None:
    form = filled(quoted(shopper))
    Price.objects.update(amount_minor=300_000)

    answer = shopper.post("/checkout/", form)

    assert answer.status_code == 409
    assert "Total berubah menjadi Rp312.000" in answer.text
    assert hidden(answer.text, "expected_total") == "312000"
    assert 'value="Ayu Lestari"' in answer.text
    assert hidden(answer.text, "form_token") != form["form_token"]
    assert not Order.objects.exists()

    again = filled(answer.text, expected_total="312000")
    assert shopper.post("/checkout/", again).status_code == 302


def test_a_courier_that_is_gone_is_never_replaced_by_one_of_the_same_price(
    shopper: Client,
) -> None:
    form = filled(quoted(shopper))
    ShippingRate.objects.filter(courier="JNE").delete()
    ShippingRate.objects.update(first_kg_minor=SHIPPING)

    answer = shopper.post("/checkout/", form)

    assert answer.status_code == 409
    assert "SiCepat HALU" in answer.text
    assert hidden(answer.text, "expected_total") == str(PRICE + SHIPPING)
    assert not Order.objects.exists()


def test_the_day_of_arrival_is_said(shopper: Client, settings: Settings) -> None:
    settings.COURIER_WORKING_DAYS = [1, 2, 3, 4, 5, 6, 7]
    today = timezone.localdate()
    first, last = today + timedelta(days=3), today + timedelta(days=5)

    page = shopper.post("/en/checkout/", {"region": "32.73.19", "quote": "1"}).text

    said = re.findall(r"<small>arrives (.+?), from Kota Pekalongan\s*</small>", page)
    assert len(said) == 3
    assert re.fullmatch(rf"{first.day}.*–.*\b{last.day} {last:%B}", said[0])


def test_other_goods_of_the_same_price_are_not_ordered_unseen(shopper: Client) -> None:
    page = quoted(shopper)
    form = filled(page, goods=hidden(page, "goods"))
    old = Price.objects.get().variant
    other = make_variant(price=PRICE, on_hand=3)
    token = Cart.objects.get().token
    set_quantity(cart_token=token, variant_id=other.public_id, quantity=1)
    set_quantity(cart_token=token, variant_id=old.public_id, quantity=0)

    refused = shopper.post("/checkout/", form)
    incomplete = shopper.post("/checkout/", form | {"email": ""})

    assert (refused.status_code, incomplete.status_code) == (409, 422)
    assert "Keranjang diubah di jendela lain" in refused.text
    assert "Keranjang diubah di jendela lain" in incomplete.text
    assert not Order.objects.exists()
    assert hidden(refused.text, "goods") != form["goods"]
    form = filled(refused.text, goods=hidden(refused.text, "goods"))
    assert shopper.post("/checkout/", form).status_code == 302
    assert OrderLine.objects.get().variant == other


def test_a_total_that_changed_while_the_form_was_incomplete_is_said(shopper: Client) -> None:
    form = filled(quoted(shopper), email="")
    Price.objects.update(amount_minor=PRICE + 10_000)
    answer = shopper.post("/checkout/", form)
    assert answer.status_code == 422
    assert "Total berubah menjadi" in answer.text
    assert hidden(answer.text, "expected_total") == str(PRICE + 10_000 + SHIPPING)


def test_goods_that_are_gone_are_refused_and_nothing_is_reserved(shopper: Client) -> None:
    form = filled(quoted(shopper))
    variant = Price.objects.get().variant
    variant.stock_items.update(on_hand=0)

    answer = shopper.post("/checkout/", form)

    assert answer.status_code == 409
    assert "Ada yang lebih cepat" in answer.text
    assert 'value="Ayu Lestari"' in answer.text
    assert not Order.objects.exists()
    assert stock_of(variant) == (0, 0)


def test_pressing_the_button_before_a_total_was_seen_shows_it_first(shopper: Client) -> None:
    form = filled(shopper.get("/checkout/").text, expected_total="")

    answer = shopper.post("/checkout/", form)

    assert answer.status_code == 422
    assert "Periksa kurir dan total" in answer.text
    assert "JNE REG" in answer.text
    assert not Order.objects.exists()


def test_the_form_needs_its_token(shopper: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies["cart"] = shopper.cookies["cart"].value

    answer = strict.post("/checkout/", filled(quoted(shopper)))

    assert answer.status_code == 403
    assert "Formulir ini sudah terlalu lama" in answer.text
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"form_token": "nonsense"},
        {"expected_total": "-1"},
        {"expected_total": "x"},
        {"region": "99.99.99"},
        {"method": "cash"},
        {"phone": "12"},
    ],
)
def test_a_form_that_was_tampered_with_places_nothing(
    shopper: Client, change: dict[str, Any]
) -> None:
    answer = shopper.post("/checkout/", filled(quoted(shopper), **change))

    assert answer.status_code == 422
    assert not Order.objects.exists()


def test_a_form_sent_again_after_it_was_paid_leads_to_its_order(shopper: Client) -> None:
    form = filled(quoted(shopper))
    first = shopper.post("/checkout/", form)
    order = Order.objects.get()
    confirm(order_id=order.pk)
    assert not CartLine.objects.exists()
    again = shopper.post("/checkout/", form)
    assert again["Location"] == first["Location"]
    assert Order.objects.count() == 1


def test_what_costs_nothing_is_ordered_without_a_method(shopper: Client) -> None:
    make_coupon("GRATIS", percent=100)
    make_promotion("Ongkir", kind="free_shipping")
    with_code(Cart.objects.get(), "GRATIS")
    page = quoted(shopper)
    assert "Tidak ada yang perlu dibayar" in page
    assert 'name="method"' not in page
    answer = shopper.post("/checkout/", filled(page, method="", expected_total="0"))
    assert answer.status_code == 302
    order = Order.objects.get()
    assert (order.status, order.total_minor) == (OrderStatus.CONFIRMED, 0)
    assert shopper.get(answer["Location"], follow=True).status_code == 200


def test_a_discount_that_is_gone_needs_consent_to_the_new_total(shopper: Client) -> None:
    make_coupon("HALO10", max_uses_per_customer=1)
    with_code(Cart.objects.get())
    page = quoted(shopper)
    total = hidden(page, "expected_total")
    promotion = Promotion.objects.get()
    Promotion.objects.filter(pk=promotion.pk).update(is_active=False)
    answer = shopper.post("/checkout/", filled(page, expected_total=total))
    assert answer.status_code == 409
    assert 'value="Ayu Lestari"' in answer.text
    assert hidden(answer.text, "expected_total") != total
    assert not Order.objects.exists()
