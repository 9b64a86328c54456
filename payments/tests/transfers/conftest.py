import pytest
from pytest_django import Settings

from payments.tests.transfers.builders import open_account


@pytest.fixture(autouse=True)
def bank_account(settings: Settings) -> None:
    open_account(settings)
