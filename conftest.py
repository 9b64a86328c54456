"""What holds for every test: no network beyond this machine; browser tests need a browser."""

import ipaddress
import os
import socket
import ssl
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client, TransactionTestCase
from django.utils import timezone, translation
from psycopg import sql
from whitenoise.middleware import WhiteNoiseMiddleware
from xdist.scheduler import LoadScopeScheduling

from accounts.factor_sessions import note_factor
from catalog.caching.remembered import forget_own
from shop.local.chromium import PACKAGES, is_provided
from tests import kept_database
from tests.listings import forget_listings, write_listings_first

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
AGAINST_A_SHOP = (
    "tests/test_browser",
    "tests/test_clients.py",
    "tests/test_drills.py",
    "tests/test_faults.py",
    "tests/test_journeys.py",
)
NO_BROWSER = (
    f"no browser at {CHROMIUM}, or no libatomic1;"
    f" `apt-get install -y {' '.join(PACKAGES)}` as root, "
    "or CHROMIUM=/path/to/chrome, enables the browser tests"
)


def pytest_configure() -> None:
    """Give each process of a parallel run a cache of its own, as each has its own database."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    server, _, _ = str(settings.CACHES["default"]["LOCATION"]).rpartition("/")
    # 0 and 1 are what the environment names as cache and broker.
    settings.CACHES["default"]["LOCATION"] = f"{server}/{2 + int(worker) % 126}"


class _OneShop(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """What runs against a whole shop stays with one process, so that only one has to start it."""

    def _split_scope(self, nodeid: str) -> str:
        return "shop" if nodeid.startswith(AGAINST_A_SHOP) else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return _OneShop(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if is_provided():
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=NO_BROWSER))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Skipped browser tests are said aloud: a green run without them proves less."""
    skipped = sum(
        NO_BROWSER in str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])
    )
    if skipped:
        terminalreporter.section("browser tests did not run", red=True, bold=True)
        terminalreporter.line(f"{skipped} skipped: {NO_BROWSER}")


@pytest.fixture(scope="session", autouse=True)
def _only_this_machine() -> Iterator[None]:
    """A test that calls the real world is wrong even when it passes."""
    real_connect = socket.socket.connect
    real_connect_ex = socket.socket.connect_ex

    def connect(self: socket.socket, address: Any) -> None:
        _refuse_outside(self, address)
        real_connect(self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        _refuse_outside(self, address)
        return real_connect_ex(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        patch.setattr(socket.socket, "connect_ex", connect_ex)
        yield


def _refuse_outside(connection: socket.socket, address: Any) -> None:
    if connection.family == socket.AF_UNIX:
        return
    host = str(address[0])
    if host != "localhost" and not _is_loopback(host):
        raise AssertionError(f"a test tried to connect to {address}")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    """No test is shown a page, or a name in its header, that another one has made."""
    cache.clear()
    forget_own()


@pytest.fixture(scope="module", autouse=True)
def _in_the_first_language() -> None:
    """A module's addresses are not those of the language that the one before it has read in."""
    translation.deactivate()


# What migrations fill is there in every test; no test that commits may change it.
FILLED_BY_MIGRATIONS = {
    "django_content_type",
    "auth_permission",
    "orders_region",
    "orders_taxrate",
    "payments_ledgeraccount",
}


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, django_db_blocker: Any
) -> None:
    with django_db_blocker.unblock():
        kept_database.begin_with_kept()


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, pytestconfig: pytest.Config, django_db_blocker: Any
) -> Iterator[None]:
    """Tests that begin with an empty catalogue truncate it, and with it all that refers to it.

    Papers refer to orders alone, which have nothing to do with that.
    """
    with django_db_blocker.unblock():
        if not pytestconfig.getoption("reuse_db"):
            kept_database.keep()
        kept_database.keep_limits()
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgrelid::regclass FROM pg_trigger WHERE tgname LIKE '%_no_truncate'"
            " AND tgrelid <> 'orders_invoice'::regclass"
        )
        for trigger, table in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    yield
    with django_db_blocker.unblock():
        kept_database.lift_limits()


@pytest.fixture(scope="session", autouse=True)
def _static_files_found_once() -> Iterator[None]:
    """Every test client makes its own WhiteNoise, which looks at each file of the shop: 35 ms."""
    find = WhiteNoiseMiddleware.add_files_from_finders
    found: dict[str, Any] = {}

    def find_once(middleware: WhiteNoiseMiddleware) -> None:
        if not found:
            find(middleware)
            found.update(middleware.files)
        middleware.files.update(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", find_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def _staff_have_a_second_factor() -> Iterator[None]:
    """Colleagues whom a test signs in without a page have shown their factor, as the admin asks."""
    force_login = Client.force_login

    def with_factor(client: Client, user: Any, backend: str | None = None) -> None:
        force_login(client, user, backend)
        if not user.is_staff:
            return
        if user.factor_since is None:
            user.factor_since = timezone.now()
            user.save(update_fields=["factor_since"])
        session = client.session
        note_factor(session, user)
        session.save()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "force_login", with_factor)
        yield


@pytest.fixture(scope="session", autouse=True)
def _passwords_hashed_fast() -> Iterator[None]:
    """By the shop's own hasher, which is to take long wherever it keeps real passwords."""
    with pytest.MonkeyPatch.context() as patch:
        for cost, least in {"time_cost": 1, "memory_cost": 64, "parallelism": 1}.items():
            patch.setattr(Argon2PasswordHasher, cost, least)
        yield


@pytest.fixture(scope="session", autouse=True)
def _authorities_read_once() -> Iterator[None]:
    """Each HTTP client reads all certificate authorities of the world: 20 ms, for no TLS at all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", lru_cache(ssl.create_default_context))
        yield


@pytest.fixture(scope="session", autouse=True)
def _tables_emptied_fast() -> Iterator[None]:
    """After a test that commits, empty what it filled.

    Django truncates every table of the project and makes its permissions anew, which takes many
    times as long as most of these tests.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", _empty_tables)
        yield


def _empty_tables(_test: TransactionTestCase) -> None:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    tables = sorted(set(names) - FILLED_BY_MIGRATIONS)
    rows = sql.SQL("(SELECT {} FROM {} LIMIT 1)")
    delete = sql.SQL("DELETE FROM {}")
    with transaction.atomic(), connection.cursor() as cursor:
        found = [rows.format(sql.Literal(name), sql.Identifier(name)) for name in tables]
        cursor.execute(sql.SQL(" UNION ALL ").join(found))
        filled = [sql.Identifier(name) for (name,) in cursor.fetchall()]
        if filled:
            # No trigger and no foreign key: histories are append-only, and all tables go at once.
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(sql.SQL(";").join(delete.format(name) for name in filled))


@pytest.fixture(autouse=True)
def _listings_are_there_when_read(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test's transaction never commits, and listings are written before COMMIT.

    They are written when somebody looks at them: most tests sell things and look at no list.
    """
    marker = request.node.get_closest_marker("django_db")
    if marker is None or marker.kwargs.get("transaction"):
        yield
        return
    request.getfixturevalue("db")
    with connection.execute_wrapper(write_listings_first):
        yield
    forget_listings()
