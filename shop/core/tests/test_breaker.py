from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

import pytest

from shop.core.breaker import Breaker


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(failures=5, within=30.0, pause=5.0, slow=2.0, clock=clock)


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        breaker.record(is_healthy=False)


def test_four_failures_leave_it_closed_and_the_fifth_opens_it(breaker: Breaker) -> None:
    fail(breaker, 4)
    assert breaker.wait() == 0.0
    fail(breaker, 1)
    assert breaker.wait() == 5.0


def test_one_success_starts_the_count_anew(breaker: Breaker) -> None:
    fail(breaker, 4)
    breaker.record(is_healthy=True)
    fail(breaker, 4)
    assert breaker.wait() == 0.0


def test_failures_far_apart_do_not_add_up(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 4)
    clock.now += 30.1
    fail(breaker, 1)
    assert breaker.wait() == 0.0
    fail(breaker, 4)
    assert breaker.wait() == 5.0


def test_after_the_pause_one_caller_tries_and_the_others_wait(
    breaker: Breaker, clock: Clock
) -> None:
    fail(breaker, 5)
    clock.now += 4.0
    assert breaker.wait() == 1.0
    clock.now += 1.0
    assert [breaker.wait() for _ in range(3)] == [0.0, 5.0, 5.0]


def test_it_closes_for_all_when_the_one_that_tries_succeeds(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 5)
    clock.now += 5.0
    breaker.wait()
    breaker.record(is_healthy=True)
    assert [breaker.wait() for _ in range(3)] == [0.0, 0.0, 0.0]


def test_it_stays_open_for_another_pause_when_the_one_that_tries_fails(
    breaker: Breaker, clock: Clock
) -> None:
    fail(breaker, 5)
    clock.now += 5.0
    breaker.wait()
    clock.now += 3.0
    breaker.record(is_healthy=False)
    assert breaker.wait() == 5.0


def test_a_caller_that_tries_and_never_reports_back_does_not_lock_it(
    breaker: Breaker, clock: Clock
) -> None:
    fail(breaker, 5)
    clock.now += 5.0
    assert breaker.wait() == 0.0
    clock.now += 5.0
    assert breaker.wait() == 0.0


def test_of_many_threads_exactly_one_tries(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 5)
    clock.now += 5.0
    with ThreadPoolExecutor(16) as pool:
        waits = list(pool.map(lambda _: breaker.wait(), range(200)))
    assert waits.count(0.0) == 1


# --- calls that have not ended -------------------------------------------------------------------
@contextmanager
def calls_under_way(breaker: Breaker, number: int) -> Iterator[None]:
    """Each in a thread of its own, which waits for its answer; on the way out each gets one."""
    begun, answered = Barrier(number + 1, timeout=10), Barrier(number + 1, timeout=10)

    def call() -> float:
        wait = breaker.wait()
        begun.wait()
        answered.wait()
        breaker.record(is_healthy=True)
        return wait

    with ThreadPoolExecutor(number) as pool:
        calls = [pool.submit(call) for _ in range(number)]
        begun.wait()
        yield
        answered.wait()
        assert [each.result() for each in calls] == [0.0] * number


def test_those_that_wait_too_long_count_as_failures_until_they_end(
    breaker: Breaker, clock: Clock
) -> None:
    fail(breaker, 2)
    with calls_under_way(breaker, 3):
        clock.now += 1.9
        assert breaker.wait() == 0.0
        breaker.record(is_healthy=False)
        clock.now += 0.1
        assert breaker.wait() == 2.0
    assert breaker.wait() == 0.0


def test_too_few_of_them_hold_nobody_up(breaker: Breaker, clock: Clock) -> None:
    with calls_under_way(breaker, 4):
        clock.now += 2.0
        assert breaker.wait() == 0.0


def test_those_whose_thread_died_are_forgotten(breaker: Breaker, clock: Clock) -> None:
    with calls_under_way(breaker, 5):
        clock.now += 59.9
        assert breaker.wait() == 2.0
        clock.now += 0.1
        assert breaker.wait() == 0.0
