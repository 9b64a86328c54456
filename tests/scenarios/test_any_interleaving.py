"""T52. `make drill-money` plays thousands of steps, with a seed for every few hundred."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, seed
from hypothesis import settings as of_hypothesis
from hypothesis.stateful import run_state_machine_as_test
from pytest_django import Settings

from tests.scenarios import machine
from tests.scenarios.scene import Scene, opened

STEPS = int(os.environ.get("DRILL_MONEY_STEPS", "50"))
SEED = int(os.environ.get("DRILL_MONEY_SEED", "1"))
OF_ONE_LIFE = 25


@pytest.mark.django_db(transaction=True)
def test_t52_any_interleaving(shop_url: str, settings: Settings) -> None:
    settings.OPEN_ORDER_LIMITS = dict.fromkeys(settings.OPEN_ORDER_LIMITS, 1000)

    @contextmanager
    def gateways() -> Iterator[Scene]:
        with TemporaryDirectory() as directory, opened(shop_url, Path(directory)) as scene:
            settings.XENDIT_URL = scene.gateway.url
            yield scene

    machine.Interleavings.gateways = staticmethod(gateways)
    machine.steps_taken = 0
    print(f"seed {SEED}: {STEPS} steps")  # noqa: T201 - shown where it fails
    try:
        run_state_machine_as_test(
            seed(SEED)(machine.Interleavings),
            settings=of_hypothesis(
                max_examples=max(1, STEPS // OF_ONE_LIFE),
                stateful_step_count=OF_ONE_LIFE,
                deadline=None,
                database=None,
                # Shown as it was met: to make it smaller takes minutes with a database.
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        print(f"\nseed {SEED}: taken {machine.steps_taken}")  # noqa: T201
