"""Catalogue pages while the cache is dead, deaf, or back with what it knew before."""

import os
import secrets
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings
from redis import Redis

from catalog.caching import versions
from catalog.models import Price, Variant
from catalog.tests.builders import make_product, make_variant
from shop.core import cache
from shop.local import ports
from shop.local.processes import end
from shop.local.valkey import Valkey
from tests.racing import race
from tests.running import eventually

PATHS = ("/", "/c/wanita/", "/p/kemeja/", "/api/v1/products", "/api/v1/products/kemeja")


class Server:
    """A cache of this test's own, which may come to harm."""

    def __init__(self, directory: Path, *, keeps_data: bool) -> None:
        directory.mkdir()
        self._valkey = Valkey(
            directory, ports.any_free(), secrets.token_urlsafe(24), keeps_data=keeps_data
        )
        self.url = self._valkey.url(0)
        self.start()

    def start(self) -> None:
        self._process: subprocess.Popen[bytes] = self._valkey.command().start()
        eventually(self._valkey.answers, what="Valkey to start")

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """A black hole: connections are taken and never answered."""
        os.kill(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._process.pid, signal.SIGCONT)

    def stop(self) -> None:
        end(self._process, grace=5)


@pytest.fixture(params=[True, False], ids=["keeps-data", "forgets"])
def server(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Server]:
    own = Server(tmp_path / "valkey", keeps_data=request.param)
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": own.url}}
    monkeypatch.setattr(cache.ForgivingRedisCache, "_away_until", 0.0)
    yield own
    own.stop()


def make_shirt() -> Variant:
    return make_variant(product=make_product("Kemeja"), price=149_000)


def reprice(shirt: Variant, amount: int) -> bool:
    """Whether Valkey was told."""
    Price.objects.filter(variant=shirt).update(amount_minor=amount)
    return versions.bump(["catalogue", "c:wanita", "p:kemeja"])


def seconds_of(call: Callable[[], object]) -> float:
    started = time.monotonic()
    call()
    return time.monotonic() - started


def prices(client: Client) -> set[str]:
    """The price on every page."""
    pages = [client.get(path).text.replace(".", "") for path in PATHS]
    return {
        price
        for page in pages
        for price in ("149000", "129000", "99000")
        if f"Rp{price}" in page or f'"amount":{price}' in page
    }


@pytest.mark.django_db
def test_with_valkey_dead_every_page_is_served_and_right(server: Server, client: Client) -> None:
    shirt = make_shirt()
    assert prices(client) == {"149000"}
    server.kill()

    assert prices(client) == {"149000"}
    assert reprice(shirt, 129_000) is False
    assert prices(client) == {"129000"}
    answer = client.get("/p/kemeja/")
    unchanged = client.get("/p/kemeja/", headers={"If-None-Match": answer["ETag"]})
    assert unchanged.status_code == 304


@pytest.mark.django_db
def test_with_valkey_deaf_only_the_first_page_waits(
    server: Server, client: Client, settings: Settings
) -> None:
    make_shirt()
    # What a process loads only once, it has loaded.
    prices(client)
    timeout: float = settings.CACHES["default"]["OPTIONS"]["socket_timeout"]
    with server.frozen():
        first = seconds_of(lambda: client.get("/p/kemeja/"))
        others = [seconds_of(partial(client.get, path)) for path in PATHS * 2]
    assert first >= timeout
    assert sorted(others)[len(others) // 2] < timeout


@pytest.mark.django_db(transaction=True)
def test_after_the_pause_one_request_tries_for_all(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    make_shirt()
    Client().get("/p/kemeja/")

    def get() -> int:
        try:
            return Client().get("/p/kemeja/").status_code
        finally:
            connection.close()

    with server.frozen():
        Client().get("/p/kemeja/")
        # The pause is over.
        monkeypatch.setattr(cache.ForgivingRedisCache, "_away_until", 0.001)
        caplog.clear()
        assert race([get] * 5) == [200] * 5
    assert caplog.messages.count("cache_away") == 1


@pytest.mark.django_db
def test_once_valkey_is_back_no_page_is_older_than_what_was_told_again(
    server: Server, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    shirt = make_shirt()
    prices(client)
    server.kill()
    assert reprice(shirt, 129_000) is False
    server.start()

    # The follow-up still has the change and tells it again; it does not sit out the pause.
    assert versions.bump(["catalogue", "c:wanita", "p:kemeja"])
    monkeypatch.setattr(cache.ForgivingRedisCache, "_away_until", 0.0)

    assert prices(client) == {"129000"}
    assert reprice(shirt, 99_000)
    # A page is built anew at most twice a second.
    eventually(lambda: prices(client) == {"99000"}, what="the new price", seconds=5)


@pytest.mark.django_db
def test_a_change_that_nobody_could_tell_is_over_with_the_page(
    server: Server, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The web could read while the follow-up could not write: a minute is the limit."""
    shirt = make_shirt()
    prices(client)
    Price.objects.filter(variant=shirt).update(amount_minor=129_000)

    def lifetimes() -> list[int]:
        def ask(redis: Redis) -> list[int]:
            return [redis.pttl(key) for key in redis.scan_iter("page:*")]

        return cache.cache_server().run(ask, [])

    assert len(lifetimes()) == len(PATHS)
    assert all(0 < milliseconds <= 60_000 for milliseconds in lifetimes())
