from collections.abc import Iterator

import pytest

from tests.running import RunningShop, running_shop


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    """One running shop for all journeys; its lease is short, so that crashes heal soon."""
    directory = tmp_path_factory.mktemp("journey")
    variables = {"OUTBOX_LEASE_SECONDS": "3", "TRUSTED_PROXIES": "127.0.0.1/32"}
    with running_shop(directory, **variables) as running:
        yield running
