"""Tries at a password, many at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import transaction

from shop.core import throttle
from shop.core.models import ThrottleCount
from shop.core.throttle import Limit, Throttled
from tests.racing import start, wait_until_waiting


@pytest.mark.django_db(transaction=True)
def test_of_twelve_tries_at_once_eight_are_looked_at() -> None:
    def count() -> None:
        throttle.count_lastingly("test", of="siti", limits=[Limit(times=8, seconds=60)])

    count()
    with ThreadPoolExecutor(11) as pool:
        with transaction.atomic():
            ThrottleCount.objects.select_for_update().get()
            others = [start(pool, count) for _ in range(11)]
            wait_until_waiting(11)
        outcomes = [other.exception(timeout=30) for other in others]

    assert [type(outcome) for outcome in outcomes].count(Throttled) == 4
    assert outcomes.count(None) == 7


@pytest.mark.django_db
def test_a_stretch_that_is_over_begins_anew_and_is_forgotten() -> None:
    def count() -> None:
        throttle.count_lastingly("test", of="siti", limits=[Limit(times=1, seconds=60)])

    count()
    with pytest.raises(Throttled) as refused:
        count()
    assert 0 < refused.value.retry_after <= 60

    ThrottleCount.objects.update(ends_at="2026-01-01T00:00:00Z")
    count()
    throttle.prune()
    assert ThrottleCount.objects.values_list("times", flat=True).get() == 1
    ThrottleCount.objects.update(ends_at="2026-01-01T00:00:00Z")
    throttle.prune()
    assert not ThrottleCount.objects.exists()
