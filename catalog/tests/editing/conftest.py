import pytest
from django.test import Client

from catalog.tests.editing.pages import signed_in


@pytest.fixture
def staff() -> Client:
    return signed_in()
