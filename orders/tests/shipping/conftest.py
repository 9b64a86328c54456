from collections.abc import Iterator

import pytest
from pytest_django import Settings

from orders.shipping import sources
from orders.tests.shipping.couriers import KEY, Couriers, running_couriers


@pytest.fixture(scope="session")
def _couriers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Couriers]:
    with running_couriers(tmp_path_factory.mktemp("couriers")) as running:
        yield running


@pytest.fixture
def couriers(_couriers: Couriers, settings: Settings) -> Couriers:
    """Both APIs are well, and no client remembers what another test has seen."""
    _couriers.be("well")
    sources._known.clear()
    settings.COURIER_API_KEY = KEY
    settings.COURIER_CODES = ["jne", "jnt", "sicepat"]
    return _couriers


@pytest.fixture
def biteship(couriers: Couriers, settings: Settings) -> Couriers:
    """The shop asks Biteship."""
    settings.COURIER_RATES = "biteship"
    settings.COURIER_API_URL = couriers.url
    return couriers


@pytest.fixture
def rajaongkir(couriers: Couriers, settings: Settings) -> Couriers:
    """The shop asks RajaOngkir."""
    settings.COURIER_RATES = "rajaongkir"
    settings.COURIER_API_URL = f"{couriers.url}/api/v1"
    return couriers


@pytest.fixture(params=["biteship", "rajaongkir"])
def api(request: pytest.FixtureRequest) -> Couriers:
    """Either of them."""
    found: Couriers = request.getfixturevalue(request.param)
    return found
