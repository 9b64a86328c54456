from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import Settings

from payments.gateways.methods import METHODS, SPECS, chosen
from payments.tests.gateway_builders import CALLBACK_TOKENS, SECRET_KEY
from payments.tests.invariants import broken
from payments.tests.midtrans_builders import SERVER_KEYS, MidtransSimulator
from payments.tests.simulated import Simulator, running_simulator


@pytest.fixture(autouse=True)
def _whatever_happened_the_books_are_right(request: pytest.FixtureRequest) -> Iterator[None]:
    """I1 to I8 after every test that holds a database, but those which break them on purpose."""
    if request.node.get_closest_marker("django_db") is None:
        yield
        return
    request.getfixturevalue("db")
    yield
    if request.node.get_closest_marker("breaks_books") or connection.needs_rollback:
        return
    assert broken() == []


@pytest.fixture(scope="session")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    with running_simulator(tmp_path_factory.mktemp("simulator")) as running:
        yield running


@pytest.fixture
def gateway_up(simulator: Simulator, settings: Settings) -> Simulator:
    """The shop pays through the simulator."""
    settings.XENDIT_URL = simulator.url
    # Gateways send customers back to https only; the simulator admits a loopback address too.
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    settings.XENDIT_SECRET_KEY = SECRET_KEY
    settings.XENDIT_CALLBACK_TOKENS = list(CALLBACK_TOKENS)
    return simulator


@pytest.fixture
def midtrans_up(
    gateway_up: Simulator, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> MidtransSimulator:
    """All that Midtrans can collect is collected by it."""
    mine = {method: "midtrans" for gateway, method in SPECS if gateway == "midtrans"}
    for method, spec in chosen(mine).items():
        monkeypatch.setitem(METHODS, method, spec)
    at = {"url": gateway_up.url, "snap_url": gateway_up.url, "server_keys": list(SERVER_KEYS)}
    settings.MIDTRANS = settings.MIDTRANS | at
    return MidtransSimulator(gateway_up.url)


@pytest.fixture
def gateway_down(settings: Settings) -> None:
    """Nobody listens at the gateway's address."""
    settings.XENDIT_URL = "http://127.0.0.1:9"
