"""A gateway of one's own for each scenario, which knocks at the shop by itself."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from payments.tests.gateway_builders import CALLBACK_TOKENS
from payments.tests.transfers.builders import open_account
from shop.local.simulator.tests.conftest import SECRET_KEY
from tests.scenarios.scene import Scene, opened


@pytest.fixture
def shop_url(live_server: LiveServer, settings: Settings) -> str:
    """The shop listens for real, and has the gateway's keys."""
    settings.XENDIT_SECRET_KEY = SECRET_KEY
    settings.XENDIT_CALLBACK_TOKENS = list(CALLBACK_TOKENS)
    settings.PUBLIC_URL = live_server.url
    open_account(settings)
    return str(live_server.url)


@pytest.fixture
def scene(shop_url: str, tmp_path: Path, settings: Settings) -> Iterator[Scene]:
    """Shop and gateway speak HTTP in both directions. At the end all that is still to come comes,
    the gateway's list is read, and I1 to I8 hold."""
    with opened(shop_url, tmp_path) as scene:
        settings.XENDIT_URL = scene.gateway.url
        yield scene
        scene.end()
