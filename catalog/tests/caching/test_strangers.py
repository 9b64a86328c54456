"""Whatever a stranger sends, nobody else is shown it, and Valkey is not filled with it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client, override_settings
from redis import Redis

from catalog.caching.remembered import NotDeclared
from catalog.caching.store import NOT_KEPT
from catalog.caching.visitors import VisitorInSharedPage
from catalog.tests.builders import make_category, make_product, make_variant
from catalog.tests.caching import views
from shop.core.cache import cache_server

pytestmark = pytest.mark.django_db
How = Callable[[], list[str]]


@pytest.fixture
def shirt(client: Client) -> str:
    make_variant(product=make_product("Kemeja"))
    return client.get("/p/kemeja/").text


def kept() -> dict[str, Any]:
    """Path and query of each page in Valkey, and its entry."""

    def all_of(server: Redis) -> dict[str, Any]:
        keys: list[bytes] = sorted(server.scan_iter("page:*"))
        return {key.decode().split(":", 3)[3]: server.get(key) for key in keys}

    return cache_server().run(all_of, {})


def kept_pages() -> list[str]:
    return list(kept())


@pytest.mark.parametrize(
    "query",
    [
        "utm_source=mail&utm_campaign=sale",
        "fbclid=IwAR0abc",
        "x=1&y=2&z=3",
        "q=",
        "colour=",
        "&&&",
        "%00=%00",
        "%ff%fe=1",
        "a" * 4000,
        "&".join(f"p{number}=1" for number in range(300)),
    ],
)
def test_parameters_that_the_page_does_not_read_make_no_page_of_their_own(
    client: Client, shirt: str, query: str
) -> None:
    assert client.get(f"/p/kemeja/?{query}").text == shirt
    assert kept_pages() == ["/p/kemeja/?"]


def test_the_order_of_parameters_makes_no_other_page(client: Client, how: How) -> None:
    make_variant(product=make_product("Kemeja"))
    for query in ("sort=price_asc&page=1", "page=1&utm_source=x&sort=price_asc"):
        client.get(f"/c/wanita/?{query}")

    assert how() == ["built", "kept"]
    assert kept_pages() == ["/c/wanita/?page=1&sort=price_asc"]


def test_links_of_a_kept_page_have_nothing_of_who_asked_first(client: Client) -> None:
    for _ in range(25):
        make_variant(product=make_product())

    page = client.get("/c/wanita/?utm_source=attacker&page=2&evil=%22%3E%3Cscript%3E").text

    assert "attacker" not in page
    assert "evil" not in page
    assert 'href="/c/wanita/"' in page


@pytest.mark.parametrize(
    "query",
    [
        "colour=" + "x" * 201,
        "&".join(f"colour={number}" for number in range(13)),
        "colour=%00",
        "colour=a%0d%0aSet-Cookie:x=1",
        "colour=" + "%F0%9F%91%95" * 100,
    ],
)
def test_what_nobody_asks_for_by_hand_is_shown_and_not_kept(
    client: Client, shirt: str, query: str
) -> None:
    for _ in range(2):
        assert client.get(f"/p/kemeja/?{query}").status_code == 200
    assert kept_pages() == ["/p/kemeja/?"]


def test_too_many_parameters_are_refused_as_everywhere(client: Client, shirt: str) -> None:
    query = "&".join(f"p{number}=1" for number in range(1001))

    assert client.get(f"/p/kemeja/?{query}").status_code == 400


def test_the_variant_and_the_choice_have_pages_of_their_own(client: Client, shirt: str) -> None:
    chosen = client.get("/p/kemeja/?colour=terakota&size=m").text

    assert "checked" in chosen
    assert kept_pages() == ["/p/kemeja/?", "/p/kemeja/?colour=terakota&size=m"]


@pytest.mark.parametrize("path", ["/", "/en/", "/c/wanita/", "/p/kemeja/", "/api/v1/products"])
def test_headers_of_a_stranger_are_in_nobodys_page(client: Client, path: str) -> None:
    make_variant(product=make_product("Kemeja"))
    poison = {
        "Host": "localhost",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "/evil",
        "X-Forwarded-For": "203.0.113.9",
        "Forwarded": "host=evil.example",
        "X-Original-Url": "/evil",
        "X-Rewrite-Url": "/evil",
        "X-Http-Method-Override": "POST",
        "Accept-Language": "en;q=0.9, evil",
        "Cookie": "session=evil; csrf=evil; cart=evil; django_language=en",
        "Authorization": "Bearer evil",
        "User-Agent": "evil",
        "Referer": "https://evil.example/",
        "Origin": "https://evil.example",
        "HX-Request": "true",
        "HX-Target": "evil",
        "X-Requested-With": "evil",
        "Range": "bytes=0-10",
    }
    if path.startswith("/api/"):
        poison["Accept-Language"] = "id"

    poisoned = client.get(path, headers=poison)
    kept = client.get(path, headers={"Accept-Language": "id"})

    assert poisoned.status_code == 200
    assert poisoned.content == kept.content
    assert b"evil" not in kept.content
    assert b"localhost" not in kept.content


def test_a_forged_host_is_refused_cold_and_warm(client: Client) -> None:
    make_variant(product=make_product("Kemeja"))
    forged = {"Host": "evil.example"}

    assert client.get("/p/kemeja/", headers=forged).status_code == 400
    assert kept_pages() == []
    client.get("/p/kemeja/")
    assert client.get("/p/kemeja/", headers=forged).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/p/kemeja/%00",
        "/p/kemeja%00/",
        "/p/%6bemeja/../kemeja/",
        "//p/kemeja/",
        "/p/kemeja/;x=1",
        "/p/%ff%fe/",
        "/p/" + "x" * 400 + "/",
        "/P/kemeja/",
    ],
)
def test_an_odd_path_is_not_another_name_of_a_page(client: Client, shirt: str, path: str) -> None:
    assert client.get(path).status_code in (301, 404)
    assert kept_pages() == ["/p/kemeja/?"]


@pytest.mark.parametrize(
    "path", ["/p/%6b%65meja/", "/p/kemeja%2f", "http://evil.example/p/kemeja/"]
)
def test_a_path_written_differently_is_the_same_page(client: Client, shirt: str, path: str) -> None:
    assert client.get(path).text == shirt
    assert kept_pages() == ["/p/kemeja/?"]


def test_only_reading_is_answered_from_what_is_kept(client: Client, shirt: str) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert client.generic(method, "/p/kemeja/").status_code == 405


@override_settings(DEBUG=True)
def test_who_writes_templates_sees_each_change(client: Client, how: How) -> None:
    make_category()
    for _ in range(2):
        client.get("/c/wanita/")

    assert how() == ["built", "built"]
    assert kept_pages() == []


here = override_settings(ROOT_URLCONF=views.__name__)


@here
@pytest.mark.parametrize("mistake", views.MISTAKES)
def test_a_page_that_looks_at_its_visitor_stops_the_test(client: Client, mistake: str) -> None:
    with pytest.raises(VisitorInSharedPage):
        client.get(f"/{mistake}/")
    assert kept_pages() == []


@here
@override_settings(STRICT_SHARED_PAGES=False)
@pytest.mark.parametrize("mistake", views.MISTAKES)
def test_on_a_server_it_is_shown_and_said_and_harms_no_session(
    client: Client, mistake: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = client.get(f"/{mistake}/")

    assert answer.status_code == 200
    assert not answer.cookies
    assert answer["Cache-Control"] == "no-store"
    assert "visitor_in_shared_page" in caplog.messages
    assert kept() == {f"/{mistake}/?": NOT_KEPT}


@here
@pytest.mark.parametrize(
    ("page", "status"),
    [("large", 200), ("streamed", 200), ("private", 200), ("broken", 503), ("elsewhere", 302)],
)
def test_what_is_too_large_or_for_nobody_else_is_not_kept(
    client: Client, page: str, status: int, how: How
) -> None:
    for _ in range(2):
        assert client.get(f"/{page}/").status_code == status
    assert how() == ["built", "built"]
    assert kept() == {f"/{page}/?": NOT_KEPT}


@here
def test_where_a_page_has_moved_to_is_kept(client: Client, how: How) -> None:
    for _ in range(2):
        answer = client.get("/moved/")
        assert (answer.status_code, answer["Location"]) == (301, "/p/new/")
        # A browser must not believe it for ever.
        assert "max-age=0" in answer["Cache-Control"]
    assert how() == ["built", "kept"]


@here
def test_a_page_names_all_that_it_shows(client: Client) -> None:
    with pytest.raises(NotDeclared):
        client.get("/undeclared/")
