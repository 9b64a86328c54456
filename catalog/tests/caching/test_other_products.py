"""The page of a product shows cards of others, and is right about these too."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.caching import show_cards_of, versions
from catalog.caching.building import building
from catalog.caching.store import Place, claim
from catalog.inventory import receive_stock
from catalog.models import Price, Product, ProductTranslation, Variant
from catalog.tests.builders import follow_up, make_product, make_variant

pytestmark = pytest.mark.django_db
How = Callable[[], list[str]]
PAGE, ANSWER = "/p/kemeja/", "/api/v1/products/kemeja"


@pytest.fixture
def other() -> Variant:
    """What is shown beside a shirt."""
    make_variant(product=make_product("Kemeja"))
    other = make_variant(product=make_product("Kaos"), price=99_000, on_hand=7)
    follow_up()
    return other


def related(client: Client) -> list[tuple[str, int]]:
    shown = client.get(ANSWER).json()["related"]
    return [(card["name"], card["price"]["amount"]) for card in shown]


def test_a_new_price_of_another_product_is_on_the_page(client: Client, other: Variant) -> None:
    assert "99.000" in client.get(PAGE).text
    assert related(client) == [("Kaos", 99_000)]

    Price.objects.filter(variant=other).update(amount_minor=89_000)
    follow_up()

    assert "89.000" in client.get(PAGE).text
    assert "99.000" not in client.get(PAGE).text
    assert related(client) == [("Kaos", 89_000)]


@pytest.mark.parametrize("end", ["sold out", "taken back", "renamed"])
def test_what_is_no_longer_there_is_not_recommended(
    client: Client, other: Variant, end: str
) -> None:
    assert "/p/kaos/" in client.get(PAGE).text

    if end == "sold out":
        receive_stock(stock_item_id=other.stock_items.get().pk, quantity=-7, reason="broken")
    elif end == "taken back":
        Product.objects.filter(pk=other.product_id).update(is_published=False)
    else:
        ProductTranslation.objects.filter(slug="kaos").update(slug="kaos-polos")
    follow_up()

    assert "/p/kaos/" not in client.get(PAGE).text
    assert related(client) == ([("Kaos", 99_000)] if end == "renamed" else [])


def test_the_page_stays_kept_while_others_change_that_it_does_not_show(
    client: Client, other: Variant, how: How
) -> None:
    unrelated = make_variant(product=make_product("Rok"), on_hand=0)
    follow_up()
    client.get(PAGE)

    Price.objects.filter(variant=unrelated).update(amount_minor=89_000)
    # How many are left is on its own page only.
    receive_stock(stock_item_id=other.stock_items.get().pk, quantity=-3, reason="broken")
    follow_up()
    with CaptureQueriesContext(connection) as captured:
        client.get(PAGE)

    assert how() == ["built", "kept"]
    assert len(captured) == 0


def begun(name: str) -> bytes:
    page = claim(Place.of(f"page:test:{name}", ["tree"]))
    assert page
    return page.versions


def test_a_card_that_changes_after_it_was_read_is_read_again() -> None:
    """Nobody held the version of the card, so the change has left no trace on it."""
    cards = iter(["old", "new", "newer"])

    def read() -> str:
        card = next(cards)
        if card == "old":
            versions.bump(["catalogue", "c:wanita", "k:1"])
        return card

    with building(["tree"], begun("a")) as page:
        assert show_cards_of(read, lambda _found: [1]) == "new"
    assert list(page.more) == ["k:1"]


def test_a_page_whose_cards_never_rest_is_not_shown_again(client: Client, other: Variant) -> None:
    def read() -> str:
        versions.bump(["catalogue", "k:1"])
        return "a card"

    with building(["tree"], begun("b")) as page:
        assert show_cards_of(read, lambda _found: [1]) == "a card"
    cache.clear()
    with building(["tree"], begun("b")) as same:
        show_cards_of(lambda: "a card", lambda _found: [1])
    assert page.more["k:1"] != same.more["k:1"]
    assert page.more["k:1"].startswith(b"0-never")
