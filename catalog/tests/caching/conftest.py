import logging
from collections.abc import Callable

import pytest


@pytest.fixture
def how(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """How the pages since the last call came about, as the log tells: built, kept, kept_old."""
    caplog.set_level(logging.INFO, logger="shop.request")

    def pages() -> list[str]:
        found = [vars(record)["page"] for record in caplog.records if "page" in vars(record)]
        caplog.clear()
        return found

    return pages
