"""Pages of categories: facets with counts, filters in the address, pages without script."""

import random
import re
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.listing_address import Address
from catalog.listing_page import ListingPage, show_category
from catalog.models import (
    Product,
)
from catalog.tests.builders import (
    follow_up,
    forget_pages,
    make_category,
    make_product,
    make_seller,
    make_variant,
)
from catalog.tests.shirts import make_shirts, material

pytestmark = pytest.mark.django_db


def found(client: Client, path: str) -> list[str]:
    """The names on the page, in order."""
    follow_up()
    return names_in(page_of(client, path))


def page_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.text


def names_in(page: str) -> list[str]:
    """Of the results; what is recommended below an empty list has headings of another level."""
    return [unescape(name) for name in re.findall(r'<h2><a href="/[^"]*p/[^"]*">([^<]*)</a>', page)]


def links_in(page: str, pattern: str) -> list[str]:
    return [unescape(url) for url in re.findall(pattern, page)]


def shown(path: str, language: str = "id") -> ListingPage:
    parts = urlsplit(path)
    query: dict[str, list[str]] = {}
    for name, value in parse_qsl(parts.query):
        query.setdefault(name, []).append(value)
    slug = parts.path.strip("/").split("/")[-1]
    return show_category(slug=slug, query=query, language=language, currency="IDR")


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"Kemeja Satu", "Kemeja Dua", "Kemeja Tiga"}),
        ("size=s", {"Kemeja Satu"}),
        ("size=s&size=l", {"Kemeja Satu", "Kemeja Dua"}),
        ("colour=navy", {"Kemeja Satu", "Kemeja Dua"}),
        ("colour=navy&size=m", {"Kemeja Satu"}),
        ("colour=terakota&size=m", set()),
        ("colour=terakota&colour=navy&size=m&size=l", {"Kemeja Satu", "Kemeja Dua"}),
        ("colour=navy&in_stock=1", {"Kemeja Satu"}),
        ("size=l&in_stock=1", set()),
        ("material=linen", {"Kemeja Tiga"}),
        ("material=linen&material=katun", {"Kemeja Satu", "Kemeja Dua", "Kemeja Tiga"}),
        ("material=katun&price=300000-500000", {"Kemeja Dua"}),
        ("price=0-100000&price=200000-300000", {"Kemeja Satu", "Kemeja Tiga"}),
        ("min_price=100000&max_price=300000", {"Kemeja Satu"}),
        ("max_price=Rp+90.000", {"Kemeja Tiga"}),
        ("min_price=+300,000+", {"Kemeja Dua"}),
        ("reduced=1", {"Kemeja Tiga"}),
        ("reduced=1&size=s", set()),
    ],
)
def test_any_value_of_a_facet_and_all_facets_hold(
    client: Client, query: str, names: set[str]
) -> None:
    make_shirts()

    assert set(names_in(page_of(client, f"/c/wanita/?{query}"))) == names


def test_a_seller_narrows_down_where_there_are_several(client: Client) -> None:
    make_shirts()
    page = page_of(client, "/c/wanita/")
    (code,) = re.findall(r'name="seller" value="(batik-jaya-\d+)"', page)

    assert found(client, f"/c/wanita/?seller={code}") == ["Kemeja Tiga"]


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_every_count_is_what_a_click_gives(seed: int) -> None:
    """In a small catalogue at random."""
    dice = random.Random(seed)
    parent = make_category("Wanita")
    categories = [
        parent,
        make_category("Atasan", parent=parent),
        make_category("Rok", parent=parent),
    ]
    sellers = [make_seller(), make_seller("Batik Jaya")]
    for _ in range(14):
        product = make_product(category=dice.choice(categories), seller=dice.choice(sellers))
        material(product, dice.choice(["katun", "linen"]))
        for _ in range(dice.randint(1, 3)):
            make_variant(
                product=product,
                colour=dice.choice(["terakota", "navy"]),
                size=dice.choice(["S", "M"]),
                price=dice.choice([90_000, 150_000, 250_000]),
                on_hand=dice.choice([0, 5]),
            )
    follow_up()

    chosen = ["", "?size=m", "?colour=navy&in_stock=1", "?size=s&material=katun"][seed - 1]
    page = shown(f"/c/wanita/{chosen}")

    checked = 0
    for group in page.groups:
        others = Address(page.action, chosen=page_pairs(page)).without_facet(group.code)
        for choice in group.choices:
            url = choice.url
            if group.kind not in ("link", "switch"):
                # Beside values that are chosen already, a count is of this value alone.
                url = others.adding(*choice.field).url()
            elif choice.is_chosen:
                continue
            assert choice.count == str(shown(url).listing.total), (chosen, choice)
            checked += 1
    assert checked > 5


def page_pairs(page: ListingPage) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, value) for name, value in parse_qsl(urlsplit(page.canonical).query) if name != "page"
    )


def test_values_that_would_leave_nothing_are_not_offered(client: Client) -> None:
    make_shirts()

    page = page_of(client, "/c/wanita/?material=linen")

    assert re.findall(r'name="(?:size|colour)" value="(\w+)"', page) == ["gading", "m"]


def test_applied_filters_are_links_to_the_list_without_them(client: Client) -> None:
    make_shirts()
    path = "/c/wanita/?colour=navy&colour=gading&max_price=300000&in_stock=1&sort=price_asc"

    page = page_of(client, path)

    pills = links_in(page, r'<a class="chip on" href="([^"]+)" data-swap-link')
    assert [dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)) for url in pills] == [
        {"colour": "gading", "in_stock": "1", "max_price": "300000", "sort": "price_asc"},
        {"colour": "navy", "in_stock": "1", "max_price": "300000", "sort": "price_asc"},
        {"colour": "navy", "in_stock": "1", "sort": "price_asc"},
        {"colour": "navy", "max_price": "300000", "sort": "price_asc"},
    ]
    assert len(parse_qsl(urlsplit(pills[3]).query)) == 4
    (clear,) = links_in(page, r'<a class="clear" href="([^"]+)"')
    assert clear == "/c/wanita/?sort=price_asc"
    assert names_in(page_of(client, clear)) == ["Kemeja Tiga", "Kemeja Satu", "Kemeja Dua"]


def test_the_price_fields_show_what_is_really_asked_for(client: Client) -> None:
    make_shirts()

    page = page_of(client, "/c/wanita/?min_price=99.999&max_price=251000")

    assert 'name="min_price"' in page
    assert re.findall(r'name="m\w\w_price"[^>]* value="(\d*)"', page) == ["95000", "260000"]
    swapped = page_of(client, "/c/wanita/?min_price=300000&max_price=100000")
    assert re.findall(r'name="m\w\w_price"[^>]* value="(\d*)"', swapped) == ["100000", "300000"]


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("price_asc", ["Kemeja Tiga", "Kemeja Satu", "Kemeja Dua"]),
        ("price_desc", ["Kemeja Dua", "Kemeja Satu", "Kemeja Tiga"]),
        ("best_selling", ["Kemeja Satu", "Kemeja Tiga", "Kemeja Dua"]),
        ("discount", ["Kemeja Tiga", "Kemeja Dua", "Kemeja Satu"]),
        ("newest", ["Kemeja Tiga", "Kemeja Dua", "Kemeja Satu"]),
        ("nonsense", ["Kemeja Tiga", "Kemeja Dua", "Kemeja Satu"]),
    ],
)
def test_the_list_is_sorted_as_asked(client: Client, sort: str, names: list[str]) -> None:
    make_shirts()
    Product.objects.filter(translations__slug="kemeja-satu").update(sold_count=9)
    Product.objects.filter(translations__slug="kemeja-tiga").update(sold_count=4)

    assert names_in(page_of(client, f"/c/wanita/?sort={sort}")) == names


def test_pages_follow_each_other_by_links_and_keep_the_choice(client: Client) -> None:
    for number in range(50):
        make_variant(product=make_product(f"Kaos {number}"), colour="navy")
    make_variant(product=make_product("Lain"), colour="terakota")
    follow_up()

    path, seen = "/c/wanita/?colour=navy&sort=price_asc&utm_source=mail", []
    while path:
        page = page_of(client, path)
        seen.append(names_in(page))
        assert "utm_source" not in page[page.index("<main") :]
        path = next(iter(links_in(page, r'<a class="btn alt small" rel="next" href="([^"]+)"')), "")
        assert not path or path.startswith("/c/wanita/?colour=navy&sort=price_asc&page=")

    assert [len(names) for names in seen] == [24, 24, 2]
    assert len({name for names in seen for name in names}) == 50
    middle = page_of(client, "/c/wanita/?colour=navy&sort=price_asc&page=2")
    assert links_in(middle, r'rel="prev" href="([^"]+)"')[-1].endswith(
        "?colour=navy&sort=price_asc"
    )
    assert (
        '<a href="/c/wanita/?colour=navy&amp;sort=price_asc&amp;page=2" aria-current="page">'
        in middle
    )


def test_only_the_category_itself_is_for_search_engines(client: Client) -> None:
    make_shirts()

    plain = page_of(client, "/c/wanita/?utm_source=x&sort=price_asc")
    filtered = page_of(client, "/c/wanita/?size=m&colour=navy&sort=price_asc&x=1")

    assert '<link rel="canonical" href="http://testserver/c/wanita/">' in plain
    assert "noindex" not in plain
    assert 'href="http://testserver/c/wanita/?colour=navy&amp;size=m">' in filtered
    assert '<meta name="robots" content="noindex, follow">' in filtered


@pytest.mark.parametrize(
    "query",
    [
        "size=xxxl&colour=",
        "price=abc&min_price=abc&max_price=-5",
        "min_price=" + "0" * 20 + "9" * 5000,
        f"max_price={10**18}",
        "page=0&sort=<script>",
        "seller=1&in_stock=yes&reduced=0",
        "%00=%00&size=%00",
    ],
)
def test_junk_in_the_address_changes_nothing(client: Client, query: str) -> None:
    make_shirts()

    page = page_of(client, f"/c/wanita/?{query}")

    assert len(names_in(page)) == 3
    assert '<link rel="canonical" href="http://testserver/c/wanita/">' in page


def test_an_empty_result_says_what_to_drop_and_what_that_gives(client: Client) -> None:
    make_shirts()

    page = page_of(client, "/en/c/wanita-en/?size=s&material=linen")

    reliefs = dict(
        re.findall(
            r'<a class="btn alt small" href="([^"]+)" data-swap-link>(Remove [^<:]+: [^<]+)<', page
        )
    )
    assert reliefs == {
        "/en/c/wanita-en/?material=linen": "Remove size S: 1 product",
        "/en/c/wanita-en/?size=s": "Remove material linen: 1 product",
    }
    assert names_in(page) == []
    assert re.findall(r"<h3><a[^>]*>([^<]+)", page) == ["Kemeja Tiga (en)", "Kemeja Satu (en)"]


def test_what_was_chosen_stays_chosen_where_nothing_is_found(client: Client) -> None:
    make_shirts()

    page = page_of(client, "/c/wanita/?size=s&material=linen&max_price=20000")

    for name, value in (("size", "s"), ("material", "linen")):
        assert re.search(rf'name="{name}" value="{value}" checked', page)
    assert re.search(r'name="max_price"[^>]* value="20000"', page)


def test_sold_out_is_never_shown_as_available(client: Client) -> None:
    make_shirts()

    page = page_of(client, "/c/wanita/?size=l")

    assert 'class="card gone"' in page


def test_a_page_speaks_one_language_and_leads_to_the_same_choice_in_the_other(
    client: Client,
) -> None:
    make_shirts()

    page = page_of(client, "/en/c/wanita-en/?colour=navy&size=m")

    assert "Colour: Navy blue" in page
    assert 'hreflang="id" href="http://testserver/c/wanita/?colour=navy&amp;size=m"' in page


def test_a_category_below_leads_back_up_and_keeps_the_filters(client: Client) -> None:
    tops = make_category("Atasan", parent=make_category("Wanita"))
    make_variant(product=make_product("Kaos", category=tops), colour="navy")
    follow_up()

    parent = page_of(client, "/c/wanita/?colour=navy")
    child = page_of(client, "/c/atasan/")

    assert '<a class="chk" href="/c/atasan/?colour=navy">' in parent
    assert '<a class="chip" href="/c/atasan/?colour=navy">Atasan</a>' in parent
    assert '<li><a href="/c/wanita/">Wanita</a></li>' in child


def test_an_address_that_moved_leads_to_the_new_one(client: Client) -> None:
    make_shirts()
    category = make_category("Wanita")
    category.translations.filter(language="id").update(slug="perempuan")
    product = Product.objects.get(translations__slug="kemeja-satu")
    product.translations.filter(language="en").update(slug="shirt-one")

    listing = client.get("/c/wanita/?size=m&page=2")
    page = client.get("/en/p/kemeja-satu-en/?size=m")

    assert (listing.status_code, listing["Location"]) == (301, "/c/perempuan/?page=2&size=m")
    assert (page.status_code, page["Location"]) == (301, "/en/p/shirt-one/?size=m")
    assert client.get("/en/c/perempuan/")["Location"] == "/en/c/wanita-en/"
    assert client.get("/p/kemeja-satu/").status_code == 200


def test_more_products_need_no_more_queries(client: Client) -> None:
    def queries(path: str) -> int:
        page_of(client, path)
        forget_pages()
        with CaptureQueriesContext(connection) as captured:
            page_of(client, path)
        return len(captured)

    make_shirts()
    paths = ["/c/wanita/", "/c/wanita/?size=m&colour=navy&in_stock=1&min_price=50000"]
    few = [queries(path) for path in paths]
    for number in range(97):
        make_variant(product=make_product(f"Kaos {number}"), colour="navy", size="M")
    follow_up()

    assert [queries(path) for path in paths] == few
    assert max(few) <= 8
