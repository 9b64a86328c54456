from collections.abc import Iterator

import pytest
from pytest_django import Settings

from payments.tests.gateway_builders import CALLBACK_TOKENS, SECRET_KEY
from payments.tests.simulated import Simulator, running_simulator


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
def gateway_down(settings: Settings) -> None:
    """Nobody listens at the gateway's address."""
    settings.XENDIT_URL = "http://127.0.0.1:9"
