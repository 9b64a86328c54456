"""Running the same thing in many threads at once, each on a database connection of its own."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connection

Result = TypeVar("Result")


def race(calls: Sequence[Callable[[], Result]]) -> list[Result | Exception]:
    """Start all calls at the same moment; returns each one's result or the exception it raised."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Result]) -> Result | Exception:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=30)
            return call()
        except Exception as error:  # noqa: BLE001 - handed to the test, which judges it
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def start(pool: ThreadPoolExecutor, call: Callable[[], Result]) -> "Future[Result]":
    """One call in a thread, on a database connection of its own."""

    def run() -> Result:
        try:
            return call()
        finally:
            connection.close()

    return pool.submit(run)


def wait_until_blocked() -> None:
    """Until somebody waits for a lock that this transaction holds."""
    _wait_for(
        "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted"
        " AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
    )


def wait_until_waiting(number: int) -> None:
    """Until so many wait for locks of this database, whoever holds them."""
    _wait_for(
        "SELECT count(*) = %s FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'",
        number,
    )


def _wait_for(question: str, *values: int) -> None:
    give_up_at = time.monotonic() + 30
    while time.monotonic() < give_up_at:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(question, values)
            if cursor.fetchone() == (True,):
                return
    raise AssertionError("nobody waits")
