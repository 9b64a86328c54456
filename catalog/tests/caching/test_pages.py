"""A catalogue page is built once, and then handed to everybody until what it shows changes."""

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from catalog.caching import CACHE_CONTROL, versions
from catalog.caching.middleware import plan_of
from catalog.models import Price, Product, Variant
from catalog.tests.builders import make_category, make_product, make_variant
from shop.core.release import release

pytestmark = pytest.mark.django_db

How = Callable[[], list[str]]
PAGES = ["/", "/en/", "/c/wanita/", "/p/kemeja/", "/en/p/kemeja-en/", "/privacy/"]
API = ["/api/v1/products", "/api/v1/products/kemeja", "/api/v1/categories"]


def make_shirt(price: int = 149_000) -> Variant:
    return make_variant(product=make_product("Kemeja"), price=price)


def reprice(variant: Variant, amount: int) -> None:
    """As staff do it; then the follow-up of the change tells which pages show it."""
    Price.objects.filter(variant=variant).update(amount_minor=amount)
    assert versions.bump(["catalogue", "c:wanita", "p:kemeja", "p:kemeja-en"])


@pytest.mark.parametrize("path", [*PAGES, *API])
def test_a_kept_page_is_the_same_and_asks_the_database_nothing(
    client: Client, path: str, how: How
) -> None:
    make_shirt()
    built = client.get(path)

    with CaptureQueriesContext(connection) as captured:
        kept = client.get(path)

    assert how() == ["built", "kept"]
    assert (kept.status_code, len(captured)) == (200, 0)
    assert kept.content == built.content
    of_each_request = {"X-Request-Id"}
    assert {name: kept[name] for name in kept.headers if name not in of_each_request} == {
        name: built[name] for name in built.headers if name not in of_each_request
    }


def test_a_kept_page_has_every_header_that_protects(client: Client) -> None:
    make_shirt()
    client.get("/p/kemeja/")

    kept = client.get("/p/kemeja/", headers={"X-Request-Id": "the-visitor-0001"})

    assert "default-src 'none'" in kept["Content-Security-Policy"]
    assert kept["X-Frame-Options"] == "DENY"
    assert kept["X-Content-Type-Options"] == "nosniff"
    assert kept["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert kept["Cross-Origin-Opener-Policy"] == "same-origin"
    assert kept["X-Request-Id"] == "the-visitor-0001"
    assert kept["Content-Language"] == "id"
    assert kept["Cache-Control"] == CACHE_CONTROL


@pytest.mark.parametrize("path", ["/", "/c/wanita/", "/p/kemeja/", "/api/v1/products/kemeja"])
def test_a_new_price_is_on_the_page_once_the_change_is_told(client: Client, path: str) -> None:
    shirt = make_shirt(price=149_000)
    # Before and after are told apart by what both pages and API write: 149.000 or 149000.
    old = client.get(path).text.replace(".", "")
    reprice(shirt, 129_000)

    new = client.get(path).text.replace(".", "")

    assert ("149000" in old, "129000" in old) == (True, False)
    assert ("149000" in new, "129000" in new) == (False, True)


def test_a_change_elsewhere_leaves_a_page_alone(client: Client, how: How) -> None:
    make_shirt()
    client.get("/p/kemeja/")

    versions.bump(["catalogue", "c:wanita", "p:kaos"])
    client.get("/p/kemeja/")

    assert how() == ["built", "kept"]


@pytest.mark.parametrize("path", [*PAGES, *API])
def test_a_change_of_the_tree_is_a_change_of_every_page(
    client: Client, path: str, how: How
) -> None:
    make_shirt()
    client.get(path)

    versions.bump(["tree"])
    client.get(path)

    assert how() == ["built", "built"]


def test_a_new_category_is_in_every_header_at_once(client: Client) -> None:
    make_shirt()
    before = client.get("/p/kemeja/").text
    make_category("Pria")

    versions.bump(["tree"])
    after = client.get("/p/kemeja/").text

    assert ("/c/pria/" in before, "/c/pria/" in after) == (False, True)


@pytest.mark.parametrize("path", ["/p/kemeja/", "/api/v1/products/kemeja"])
def test_who_has_the_page_is_only_told_so(client: Client, path: str, how: How) -> None:
    make_shirt()
    etag = client.get(path)["ETag"]

    for tags in (etag, f'"other", {etag}', "*", etag.removeprefix("W/")):
        unchanged = client.get(path, headers={"If-None-Match": tags})

        assert (unchanged.status_code, unchanged.content) == (304, b"")
        assert unchanged["ETag"] == etag
        assert "Accept-Encoding" in unchanged["Vary"]
        assert unchanged["Cache-Control"] == CACHE_CONTROL
    assert how() == ["built", *["kept"] * 4]


def test_who_has_an_old_page_gets_the_new_one(client: Client) -> None:
    shirt = make_shirt()
    etag = client.get("/p/kemeja/")["ETag"]
    reprice(shirt, 129_000)

    new = client.get("/p/kemeja/", headers={"If-None-Match": etag})

    assert new.status_code == 200
    assert new["ETag"] != etag
    assert "129.000" in new.text


def test_a_question_for_the_headers_alone_keeps_the_whole_page(client: Client, how: How) -> None:
    make_shirt()

    head = client.head("/p/kemeja/")
    page = client.get("/p/kemeja/")

    assert how() == ["built", "kept"]
    assert head.content == b""
    assert int(head["Content-Length"]) == len(page.content) > 1000
    assert head["ETag"] == page["ETag"]


@pytest.mark.parametrize(
    ("accepts", "encoding"),
    [
        ("gzip", "gzip"),
        ("gzip, deflate, br", "gzip"),
        ("br;q=1.0, GZIP;q=0.8", "gzip"),
        ("gzip;q=0", None),
        ("gzip; q=0.0, br", None),
        ("br", None),
        ("identity", None),
        ("", None),
    ],
)
def test_a_page_is_packed_for_who_can_unpack_it(
    client: Client, accepts: str, encoding: str | None
) -> None:
    make_shirt()
    plain = client.get("/p/kemeja/")

    page = client.get("/p/kemeja/", headers={"Accept-Encoding": accepts})

    assert page.get("Content-Encoding") == encoding
    body = gzip.decompress(page.content) if encoding else page.content
    assert body == plain.content
    assert int(page["Content-Length"]) == len(page.content)
    assert page["ETag"] == plain["ETag"]
    assert page["Vary"] == "Accept-Encoding"


def test_languages_are_kept_apart(client: Client) -> None:
    make_shirt()
    for _ in range(2):
        assert 'lang="id"' in client.get("/p/kemeja/").text
        assert 'lang="en"' in client.get("/en/p/kemeja-en/").text
        for language, name in (("id", "Wanita"), ("en", "Wanita (en)")):
            answer = client.get("/api/v1/categories", headers={"Accept-Language": language})
            assert answer.json()["results"][0]["name"] == name
            assert answer["Content-Language"] == language
            assert answer["Vary"] == "Accept-Language, Accept-Encoding"


def test_a_signed_in_person_with_a_full_cart_gets_the_bytes_of_a_stranger(
    client: Client, how: How
) -> None:
    shirt = make_shirt()
    siti = Client(headers={"user-agent": "Siti's phone", "referer": "https://elsewhere.example/"})
    siti.force_login(get_user_model().objects.create_user("siti@example.com"))
    siti.post(
        "/cart/add/",
        {"product": "kemeja", "variant": str(shirt.public_id), "quantity": 1},
        headers={"sec-fetch-site": "same-origin"},
    )
    assert siti.cookies.keys() >= {"session"}

    hers = [siti.get(path) for path in PAGES]
    versions.bump(["tree"])
    strangers = [client.get(path) for path in PAGES]

    assert how()[-2 * len(PAGES) :] == ["built"] * 2 * len(PAGES)
    assert [page.content for page in hers] == [page.content for page in strangers]
    assert not any(page.cookies for page in hers)


def test_an_end_of_a_link_is_kept_for_a_moment_only_and_ends_with_the_product(
    client: Client, how: How
) -> None:
    assert [client.get("/p/kemeja/").status_code for _ in range(2)] == [404, 404]
    assert how() == ["built", "kept"]
    assert "Cache-Control" not in client.get("/p/kemeja/").headers
    make_shirt()

    versions.bump(["p:kemeja"])

    assert client.get("/p/kemeja/").status_code == 200


def test_a_refusal_of_the_api_is_kept_nowhere(client: Client, how: How) -> None:
    missing = [client.get("/api/v1/products/kemeja") for _ in range(2)]

    assert [answer.status_code for answer in missing] == [404, 404]
    assert {answer["Cache-Control"] for answer in missing} == {"no-store"}
    assert how() == ["built", "built"]
    make_shirt()
    assert client.get("/api/v1/products/kemeja").status_code == 200


def test_a_page_that_takes_goods_off_sale_is_gone_at_once(client: Client) -> None:
    make_shirt()
    client.get("/p/kemeja/")
    Product.objects.update(is_published=False)

    versions.bump(["p:kemeja"])

    assert client.get("/p/kemeja/").status_code == 404


@contextmanager
def processes_of(release_name: str) -> Iterator[None]:
    """What a process asks once, it asks anew: as after a start."""
    for known in (release, plan_of):
        known.cache_clear()
    with override_settings(SHOP_RELEASE=release_name):
        yield
    for known in (release, plan_of):
        known.cache_clear()


def test_a_new_release_is_not_shown_what_the_old_one_kept(client: Client, how: How) -> None:
    make_shirt()
    for name in ("blue", "green", "blue"):
        with processes_of(name):
            client.get("/p/kemeja/")

    assert how() == ["built", "built", "kept"]
