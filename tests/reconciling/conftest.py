"""A gateway of one's own for each test: its list holds what the test did, and nothing else."""

import pytest
from django.utils import timezone
from pytest_django import Settings

from shop.local.simulator.tests.conftest import (  # noqa: F401 - fixtures by their names
    SECRET_KEY,
    Clock,
    World,
    clock,
    shop,
    start_world,
    world,
)
from tests.reconciling.builders import Books


@pytest.fixture
def books(world: World, clock: Clock, settings: Settings) -> Books:  # noqa: F811
    """The shop pays through a simulator in this process, whose clock stands still."""
    clock.moment = timezone.now()
    settings.XENDIT_URL = world.simulator.url
    settings.XENDIT_SECRET_KEY = SECRET_KEY
    return Books(world, clock)
