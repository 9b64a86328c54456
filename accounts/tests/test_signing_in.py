"""Tries at a password, many at once."""

import pytest

from accounts.signing_in import TooManySignIns, WrongSignIn, identify
from accounts.tests.builders import PASSWORD, make_user
from shop.core import throttle
from shop.core.models import ThrottleCount
from shop.core.throttle import Limit, Throttled
from tests.racing import race


@pytest.mark.django_db(transaction=True)
def test_of_twelve_guesses_at_once_eight_are_looked_at() -> None:
    make_user("siti@example.com", password=PASSWORD)

    def guess() -> None:
        identify(email="siti@example.com", password="wrong", network="192.0.2.1")

    outcomes = [type(outcome) for outcome in race([guess] * 12)]

    assert sorted(outcomes, key=str) == [TooManySignIns] * 4 + [WrongSignIn] * 8


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
