"""The search page: what it says of what it looked for, and what it does where there is nothing."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import SearchMiss
from catalog.search import matching, results
from catalog.tests.builders import (
    follow_up,
    forget_pages,
    make_category,
    make_product,
    make_variant,
)
from catalog.tests.test_listing_pages import links_in, names_in, page_of

pytestmark = pytest.mark.django_db


def sell(*names: str) -> None:
    for name in names:
        make_variant(product=make_product(name))
    follow_up()


def text_of(page: str) -> str:
    main = page[page.index("<main") : page.index("</main>")]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def test_the_best_match_comes_first_and_nothing_is_for_search_engines(client: Client) -> None:
    sell("Rok Plisket", "Kemeja Linen")

    page = page_of(client, "/en/search/?q=linen")

    assert names_in(page) == ["Kemeja Linen (en)"]
    assert "Results for “linen”" in page
    assert 'value="linen"' in page
    assert '<meta name="robots" content="noindex, follow">' in page
    assert '<link rel="canonical" href="http://testserver/en/search/?q=linen">' in page
    assert 'name="sort"' not in page


def test_without_words_there_is_everything(client: Client) -> None:
    sell("Rok Plisket", "Kemeja Linen")

    page = page_of(client, "/en/search/?q=+&sort=price_asc")

    assert len(names_in(page)) == 2
    assert "<h1>All products</h1>" in page
    assert '<option value="price_asc" selected>' in page
    assert not SearchMiss.objects.exists()


def test_a_correction_is_named_and_can_be_refused(client: Client) -> None:
    sell("Kemeja Batik", "Kemeja Polos")

    page = page_of(client, "/en/search/?q=kemja+batik&size=m")

    assert names_in(page) == ["Kemeja Batik (en)"]
    assert "Showing results for <b>kemeja batik</b>." in page
    (exact,) = links_in(page, r'<a href="([^"]+)">Search instead for kemja batik</a>')
    assert exact == "/en/search/?q=kemja+batik&exact=1&size=m"
    insisted = page_of(client, "/en/search/?q=kemja&exact=1")
    assert "Nothing found for “kemja”" in insisted
    assert 'href="/en/search/?q=kemja">Search for similar words' in insisted


def test_some_of_the_words_are_better_than_none(client: Client) -> None:
    sell("Kemeja Batik", "Kaos Katun")

    page = page_of(client, "/en/search/?q=kemeja+katun")

    assert len(names_in(page)) == 2
    assert "Nothing has all of these words. These have some of them." in page
    assert not SearchMiss.objects.exists()


def test_finding_nothing_helps_and_is_recorded_once(client: Client) -> None:
    make_category("Wanita")
    sell("Kemeja Batik")

    page = page_of(client, "/en/search/?q=Traktor!")

    text = text_of(page)
    assert "Nothing found for “Traktor!”" in text
    assert "Look at the spelling." in text
    assert 'href="/en/c/wanita-en/"' in page[page.index("<main") :]
    assert re.findall(r"<h3><a[^>]*>([^<]+)", page) == ["Kemeja Batik (en)"]
    assert list(SearchMiss.objects.values_list("language", "query", "count")) == [
        ("en", "traktor", 1)
    ]


def test_filters_that_leave_nothing_are_no_miss(client: Client) -> None:
    sell("Kemeja Batik")
    make_variant(product=make_product("Kaos"), size="S")
    follow_up()

    page = page_of(client, "/en/search/?q=batik&size=s")

    assert "Remove size S: 1 product" in text_of(page)
    assert links_in(page, r'href="([^"]+)" data-swap-link>Remove size') == ["/en/search/?q=batik"]
    assert not SearchMiss.objects.exists()


def test_a_search_is_narrowed_down_by_category(client: Client) -> None:
    women = make_category("Wanita")
    make_variant(product=make_product("Kaos Satu", category=women))
    make_variant(product=make_product("Kaos Dua", category=make_category("Pria")))
    follow_up()

    everything = page_of(client, "/en/search/?q=kaos")
    page = page_of(client, "/en/search/?q=kaos&category=pria-en")

    assert '<a class="chk" href="/en/search/?q=kaos&amp;category=pria-en">' in everything
    assert names_in(page) == ["Kaos Dua (en)"]
    assert "Category: Pria (en)" in page
    assert 'href="http://testserver/search/?q=kaos&amp;category=pria"' in page
    assert '<input type="hidden" name="category" value="pria-en">' in page
    assert '<input type="hidden" name="q" value="kaos">' in page
    assert len(names_in(page_of(client, "/en/search/?q=kaos&category=nothing"))) == 2


def test_pages_of_results_keep_the_words(client: Client) -> None:
    sell(*(f"Kaos {number}" for number in range(30)))

    first = page_of(client, "/search/?q=kaos")
    (following,) = links_in(first, r'<a class="btn alt small" rel="next" href="([^"]+)"')
    second = page_of(client, following)

    assert following == "/search/?q=kaos&page=2"
    assert len(set(names_in(first)) | set(names_in(second))) == 30


def test_all_that_the_heading_promises_can_be_paged_through(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(matching, "CANDIDATES", 5)
    sell(*(f"Kaos {number}" for number in range(60)))

    pages = [page_of(client, f"/en/search/?q=kaos&page={number}") for number in (1, 2, 3)]

    assert "60 products" in pages[0]
    assert [len(names_in(page)) for page in pages] == [24, 24, 12]
    assert len({name for page in pages for name in names_in(page)}) == 60
    assert 'rel="next"' not in pages[2]
    assert "These were the best" not in pages[2]


def test_the_last_page_says_that_it_is_not_the_end_of_what_there_is(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (matching, results):
        monkeypatch.setattr(module, "CAP", 26)
    sell(*(f"Kaos {number}" for number in range(30)))

    first, second = (page_of(client, f"/en/search/?q=kaos&page={number}") for number in (1, 2))

    assert "These were the best" not in first
    assert "These were the best 26 of 27. Choose filters or more words" in second
    assert len(names_in(second)) == 2


@pytest.mark.parametrize(
    "typed", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "' OR 1"]
)
def test_what_was_typed_stays_text(client: Client, typed: str) -> None:
    sell("Kemeja Batik")

    for path in ("/search/", "/search/suggest/"):
        answer = client.get(path, {"q": typed})
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text


@pytest.mark.parametrize("typed", ["a\x00b1", "\x00", "\ud83e\uddf5", "x" * 5000, "%", "1\u202e2"])
def test_no_text_breaks_the_search(client: Client, typed: str) -> None:
    sell("Kemeja Batik")

    for path in ("/search/", "/search/suggest/"):
        assert client.get(path, {"q": typed.encode("utf-8", "replace")}).status_code == 200


def test_suggestions_come_after_two_letters(client: Client) -> None:
    make_variant(product=make_product("Kemeja Batik", category=make_category("Kemeja")))
    follow_up()

    two = client.get("/search/suggest/?q=ke")
    one = client.get("/search/suggest/?q=k")

    assert [unescape(url) for url in re.findall(r'role="option"[^>]*href="([^"]+)"', two.text)] == [
        "/search/?q=kemeja",
        "/c/kemeja/",
        "/p/kemeja-batik/",
    ]
    assert "Rp149.000" in two.text
    assert 'role="option"' not in one.text
    assert "s-maxage" in two["Cache-Control"]
    assert two["X-Robots-Tag"] == "noindex"
    assert not two.cookies


def test_more_products_need_no_more_queries(client: Client) -> None:
    def queries(path: str) -> int:
        page_of(client, path)
        forget_pages()
        with CaptureQueriesContext(connection) as captured:
            page_of(client, path)
        return len(captured)

    sell("Kemeja Satu", "Kemeja Dua")
    paths = ["/search/", "/search/?q=kemeja&size=m", "/search/suggest/?q=ke"]
    few = [queries(path) for path in paths]
    sell(*(f"Kemeja Baru {number}" for number in range(98)))

    assert [queries(path) for path in paths] == few
    assert max(few) <= 10
