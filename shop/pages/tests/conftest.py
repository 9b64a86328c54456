"""Somebody with an account, and what she may buy."""

import pytest

from accounts.models import User
from accounts.tests.builders import make_user
from catalog.models import Variant
from catalog.tests.builders import make_product, make_variant


@pytest.fixture
def siti() -> User:
    return make_user("siti@example.com")


@pytest.fixture
def mug() -> Variant:
    return make_variant(product=make_product("Cangkir"), on_hand=10)


@pytest.fixture
def bowl() -> Variant:
    return make_variant(product=make_product("Mangkuk"), on_hand=10)
