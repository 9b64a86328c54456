"""The wishlist: kept by a heart, found again by a cookie, and true to what the shop sells today."""

import re
from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog import wishlists
from catalog.catalogue import ProductNotFound
from catalog.models import Price, Product, StockItem, Wishlist, WishlistLine
from catalog.tests.builders import make_product, make_variant
from catalog.wishlists import WishlistFull
from tests.racing import race

pytestmark = pytest.mark.django_db

OURS = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
SCRIPT = OURS | {"X-Requested-With": "fetch"}


def make_shirt(name: str = "Kemeja Ubud", *, price: int = 259_000, on_hand: int = 3) -> Product:
    product = make_product(name)
    make_variant(product=product, price=price, on_hand=on_hand)
    return product


def press(client: Client, slug: str, *, name: str = "keep", language: str = "") -> str:
    """The heart without a script; returns where it leads."""
    answer = client.post(f"{language}/wishlist/change/", {name: slug}, headers=OURS)
    assert answer.status_code == 302
    return str(answer["Location"])


def kept() -> list[tuple[int, int]]:
    return list(WishlistLine.objects.order_by("pk").values_list("product_id", "price_minor"))


def keep(wishlist: Wishlist, slug: str) -> None:
    wishlists.keep(token=wishlist.token, slug=slug, language="id", currency="IDR")


def fill(wishlist: Wishlist, products: Iterable[Product]) -> None:
    WishlistLine.objects.bulk_create(
        WishlistLine(wishlist=wishlist, product=product, price_minor=1, currency="IDR")
        for product in products
    )


def test_a_heart_keeps_a_product_and_leads_to_the_wishlist(client: Client) -> None:
    shirt = make_shirt()

    assert press(client, "kemeja-ubud") == "/wishlist/"

    assert kept() == [(shirt.pk, 259_000)]
    page = client.get("/wishlist/").text
    assert "Kemeja Ubud" in page
    assert "Rp259.000" in page


def test_a_heart_pressed_twice_keeps_the_price_of_the_first_time(client: Client) -> None:
    shirt = make_shirt()
    press(client, "kemeja-ubud")
    Price.objects.update(amount_minor=199_000)

    press(client, "kemeja-ubud")

    assert kept() == [(shirt.pk, 259_000)]


def test_the_newest_stands_first(client: Client) -> None:
    for name in ("Kemeja", "Gamis"):
        make_shirt(name)
        press(client, name.lower())
    WishlistLine.objects.filter(product__translations__slug="kemeja").update(
        created_at=timezone.now() - timedelta(days=1)
    )

    page = client.get("/wishlist/").text

    assert page.index("Gamis") < page.index("Kemeja")


def test_the_cookie_is_signed_and_for_the_server_alone(client: Client) -> None:
    make_shirt()
    press(client, "kemeja-ubud")

    cookie = client.cookies["wishlist"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 365 * 24 * 3600

    client.cookies["wishlist"] = str(Wishlist.objects.get().token)
    assert "Kemeja Ubud" not in client.get("/wishlist/").text


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
        {},
    ],
)
def test_another_site_keeps_nothing(client: Client, headers: dict[str, str]) -> None:
    make_shirt()

    answer = client.post("/wishlist/change/", {"keep": "kemeja-ubud"}, headers=headers)

    assert answer.status_code == 403
    assert not Wishlist.objects.exists()
    assert "wishlist" not in answer.cookies


def test_a_product_is_removed_again_also_in_the_other_language(client: Client) -> None:
    make_shirt()
    press(client, "kemeja-ubud")

    assert press(client, "kemeja-ubud-en", name="drop", language="/en") == "/en/wishlist/"

    assert kept() == []
    page = client.get("/en/wishlist/").text
    assert "Nothing here yet" in page
    press(client, "kemeja-ubud-en", name="drop", language="/en")
    press(client, "\x00", name="drop")
    assert kept() == []


def test_a_slug_that_two_products_have_means_the_one_of_the_language(client: Client) -> None:
    shirt, other = make_shirt("Kemeja"), make_shirt("Gamis")
    other.translations.filter(language="en").update(slug="kemeja")
    fill(Wishlist.objects.create(), [shirt, other])

    wishlists.drop(token=Wishlist.objects.get().token, slug="kemeja", language="en")

    assert [product for product, _price in kept()] == [shirt.pk]


def test_a_lower_price_is_pointed_out_and_a_higher_one_is_not(client: Client) -> None:
    make_shirt("Kemeja", price=259_000)
    make_shirt("Gamis", price=300_000)
    press(client, "kemeja", language="")
    press(client, "gamis")
    Price.objects.filter(amount_minor=259_000).update(amount_minor=199_000)
    Price.objects.filter(amount_minor=300_000).update(amount_minor=310_000)

    page = client.get("/en/wishlist/").text

    assert "Cheaper than when you kept it (Rp259.000)" in page
    assert page.count("Cheaper than") == 1
    assert "Rp310.000" in page


def test_what_is_sold_out_is_said_and_what_is_gone_can_only_be_removed(client: Client) -> None:
    make_shirt("Kemeja")
    gone = make_shirt("Gamis")
    press(client, "kemeja")
    press(client, "gamis")
    StockItem.objects.filter(variant__product__translations__slug="kemeja").update(on_hand=0)
    gone.is_published = False
    gone.save(update_fields=["is_published"])

    page = client.get("/en/wishlist/").text

    assert 'href="/en/p/kemeja-en/"' in page
    assert "Sold out" in page
    assert 'href="/en/p/gamis-en/"' not in page
    assert "Gamis (en)" in page
    assert "No longer available" in page
    press(client, "gamis-en", name="drop", language="/en")
    assert "Gamis" not in client.get("/en/wishlist/").text


@pytest.mark.parametrize("slug", ["tidak-ada", "", "x" * 5000, "\x00"])
def test_what_is_not_sold_is_not_kept(client: Client, slug: str) -> None:
    make_shirt()

    press(client, slug)

    assert not Wishlist.objects.exists()
    assert "Produk ini sudah tidak kami jual" in client.get("/wishlist/").text


def test_nothing_is_kept_that_is_not_published(client: Client) -> None:
    make_product("Kemeja", is_published=False)

    press(client, "kemeja")

    assert not Wishlist.objects.exists()


def test_a_full_wishlist_says_so_and_stays_as_it_is(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wishlists, "MAX_LINES", 2)
    for name in ("satu", "dua", "tiga"):
        make_shirt(name)
    press(client, "satu")
    press(client, "dua")
    before = kept()

    press(client, "tiga-en", language="/en")

    assert kept() == before
    assert "Your wishlist is full: it holds 2 products" in client.get("/en/wishlist/").text
    press(client, "satu")
    assert kept() == before


def test_the_script_gets_the_new_badge_and_no_page(client: Client) -> None:
    make_shirt()

    answer = client.post("/wishlist/change/", {"keep": "kemeja-ubud"}, headers=SCRIPT)

    assert answer.status_code == 200
    assert 'data-kept="kemeja-ubud"' in answer.text
    assert answer["Cache-Control"].split(", ").count("no-store") == 1
    assert "wishlist" in answer.cookies
    answer = client.post("/wishlist/change/", {"drop": "kemeja-ubud"}, headers=SCRIPT)
    assert answer.text.strip() == ""


def test_the_script_is_refused_without_a_page_and_the_wishlist_says_why(client: Client) -> None:
    answer = client.post("/en/wishlist/change/", {"keep": "tidak-ada"}, headers=SCRIPT)

    assert (answer.status_code, answer.text) == (404, "")
    assert "We do not sell this product any more" in client.get("/en/wishlist/").text


def test_hearts_learn_what_is_kept_in_the_language_of_the_page(client: Client) -> None:
    make_shirt()
    untranslated = make_product("Gamis", languages=["id"])
    make_variant(product=untranslated)
    press(client, "kemeja-ubud")
    press(client, "gamis")

    def slugs(path: str) -> set[str]:
        answer = client.get(path)
        assert "no-store" in answer["Cache-Control"]
        found = re.search(r'data-kept="([^"]*)"', answer.text)
        return set(found[1].split()) if found else set()

    assert slugs("/fragments/wishlist/") == {"kemeja-ubud", "gamis"}
    assert slugs("/en/fragments/wishlist/") == {"kemeja-ubud-en", "gamis"}
    client.cookies.clear()
    assert slugs("/fragments/wishlist/") == set()


def test_every_card_and_every_product_has_a_heart(client: Client) -> None:
    make_shirt()
    heart = 'form="wish" name="keep" value="kemeja-ubud"'

    for path in ("/", "/c/wanita/", "/p/kemeja-ubud/"):
        page = client.get(path).text
        assert heart in page, path
        assert '<form id="wish" method="post" action="/wishlist/change/">' in page


def test_a_long_wishlist_takes_no_more_queries(client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get("/wishlist/").status_code == 200
        return len(seen)

    shirts = [make_shirt(f"Kemeja {number}") for number in range(100)]
    press(client, "kemeja-0")
    client.get("/wishlist/")
    alone = queries()
    fill(Wishlist.objects.get(), shirts[1:])

    assert queries() == alone == 4
    assert client.get("/wishlist/").text.count('name="drop"') == 100


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_make_one_line() -> None:
    shirt = make_shirt()
    wishlist = Wishlist.objects.create()

    results = race([lambda: keep(wishlist, "kemeja-ubud")] * 6)

    assert results == [None] * 6
    assert kept() == [(shirt.pk, 259_000)]


@pytest.mark.django_db(transaction=True)
def test_the_last_place_goes_to_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wishlists, "MAX_LINES", 1)
    names = [f"kemeja-{number}" for number in range(4)]
    for name in names:
        make_shirt(name)
    wishlist = Wishlist.objects.create()

    results = race([partial(keep, wishlist, name) for name in names])

    assert len(kept()) == 1
    assert sum(isinstance(each, WishlistFull) for each in results) == 3


def test_a_refusal_makes_no_wishlist() -> None:
    with pytest.raises(ProductNotFound):
        wishlists.keep(token=uuid4(), slug="tidak-ada", language="id", currency="IDR")

    assert not Wishlist.objects.exists()
