import pytest
from pytest_django import Settings


@pytest.fixture(autouse=True)
def cash_on_delivery(settings: Settings) -> None:
    settings.COD_IS_OFFERED = True
