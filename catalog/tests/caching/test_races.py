"""Many ask at the same moment, or a change comes while a page is built."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest
from django.db import connection
from django.test import Client

from catalog.caching import middleware, store, versions
from catalog.caching.entries import Freshness
from catalog.models import Price, Product, SizeGuide, Variant
from catalog.tests.builders import make_product, make_variant
from shop.core.cache import cache_server
from tests.racing import race
from tests.running import eventually

pytestmark = pytest.mark.django_db(transaction=True)
How = Callable[[], list[str]]
PATH = "/p/kemeja/"


def make_shirt(price: int = 149_000) -> Variant:
    return make_variant(product=make_product("Kemeja"), price=price)


def get() -> str:
    try:
        answer = Client().get(PATH)
        assert answer.status_code == 200
        return answer.text
    finally:
        connection.close()


def place() -> store.Place:
    plan = middleware.plan_of("shop.urls", "id", PATH)
    assert plan
    return plan.place("")


def get_with_patience() -> str:
    """Waits for locks as long as it takes."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 0; SET statement_timeout = 0")
    return get()


@contextmanager
def table_locked(name: str) -> Iterator[None]:
    """Nobody reads the table until the block ends."""
    parameters = {
        key: connection.get_connection_params()[key]
        for key in ("dbname", "host", "port", "user", "password")
    }
    with psycopg.connect(**parameters) as other:
        other.execute(f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE")
        yield


def waiting_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        # Of this database: other tests of the run have locks that they wait for.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT 1 FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone() is not None


def test_a_change_while_the_page_is_built_is_not_lost() -> None:
    shirt = make_shirt(price=149_000)
    guide = SizeGuide.objects.create(name="Kemeja")
    Product.objects.filter(pk=shirt.product_id).update(size_guide=guide)
    # Read after the price: the builder stops with the old price in its hand.
    with ThreadPoolExecutor(1) as pool, table_locked("catalog_measureentry"):
        built = pool.submit(get_with_patience)
        eventually(waiting_for_a_lock, what="the builder to stop")
        Price.objects.filter(variant=shirt).update(amount_minor=129_000)
        assert versions.bump(["p:kemeja"])
    assert "149.000" in built.result()

    assert "129.000" in get()


@pytest.fixture
def slow_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a page takes here, nobody loses patience."""
    monkeypatch.setattr(store, "CLAIM_MILLISECONDS", 60_000)
    monkeypatch.setattr(middleware, "WAIT_SECONDS", 60.0)


@pytest.mark.usefixtures("slow_machine")
def test_twenty_at_once_on_a_cold_page_build_it_once(how: How) -> None:
    make_shirt()
    load_what_a_process_loads_once(how)

    pages = race([get] * 20)

    assert len(set(pages)) == 1
    assert "149.000" in str(pages[0])
    seen = how()
    assert (seen.count("built"), seen.count("kept")) == (1, 19)


@pytest.mark.usefixtures("slow_machine")
def test_twenty_at_once_after_a_change_build_it_once_and_nobody_fails(how: How) -> None:
    shirt = make_shirt(price=149_000)
    get()
    Price.objects.filter(variant=shirt).update(amount_minor=129_000)
    versions.bump(["p:kemeja"])
    how()

    pages = race([get] * 20)

    assert all(isinstance(page, str) for page in pages)
    assert how().count("built") == 1
    assert "129.000" in get()


def test_a_page_whose_builder_was_killed_is_built_by_another(
    how: How, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_shirt()
    load_what_a_process_loads_once(how)
    killed = store.claim(place())
    assert killed
    assert killed.is_owner
    monkeypatch.setattr(middleware, "WAIT_SECONDS", 60.0)
    started = time.monotonic()

    pages = race([get] * 5)

    assert all(isinstance(page, str) for page in pages)
    assert time.monotonic() - started < 30
    # Not each for itself, after having waited in vain.
    assert "kept" in how()


def load_what_a_process_loads_once(how: How) -> None:
    Client().get("/en/p/kemeja-en/")
    how()


def test_who_was_too_slow_does_not_end_the_claim_of_another() -> None:
    make_shirt()
    slow = store.claim(place())
    assert slow
    eventually(lambda: not claimed(), what="the claim to expire")
    quick = store.claim(place())
    assert quick
    assert quick.is_owner

    store.give_up(place(), slow, is_broken=False)
    assert claimed()
    store.give_up(place(), quick, is_broken=False)
    assert not claimed()


def claimed() -> bool:
    return bool(cache_server().run(lambda server: server.exists(place().claim_key), 0))


def test_who_is_not_the_builder_does_not_become_it() -> None:
    first, second = store.claim(place()), store.claim(place())

    assert first
    assert second
    assert (first.is_owner, second.is_owner) == (True, False)
    assert first.versions == second.versions


def test_who_looked_before_the_page_was_built_sees_it_with_the_claim() -> None:
    make_shirt()
    assert store.find(place()).entry is None
    get()

    late = store.claim(place())

    assert late
    assert late.is_owner
    assert late.found.freshness is Freshness.FRESH
