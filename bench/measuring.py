"""Asks for pages one after the other, and many at once, and counts what the servers use."""

import http.client
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from redis import Redis

from bench.mix import Case
from bench.usage import cpu_seconds, family, memory_mb

# Each case takes so long one by one, and as long again with all clients at once.
SECONDS = 6.0
FEWEST_REQUESTS = 200
CLIENTS = 8
# A machine is faster at one moment than at the next: the empty view is asked for between the pages
# that are compared with it, so many of each in turn.
PAGES_IN_TURN = 40
EMPTY_IN_TURN = 100
EMPTY = "/empty"
SLOWEST_SECONDS = 30

# Seconds of web, database and cache.
Cpu = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Measured:
    """CPU in milliseconds per request; `p50`, `p95`, `p99` in milliseconds, one request at a time.

    `empty` is the CPU of the empty view in between. `per_second`: requests with CLIENTS at once,
    who run on the same machine.
    """

    name: str
    requests: int
    web: float
    database: float
    cache: float
    empty: float
    p50: float
    p95: float
    p99: float
    per_second: float

    @property
    def cpu(self) -> float:
        return self.web + self.database + self.cache

    @property
    def ratio(self) -> float:
        return self.cpu / self.empty


@dataclass(frozen=True, slots=True)
class Shop:
    """A running shop; the pids are those of the first process of each server."""

    port: int
    web_pid: int
    database_pid: int
    cache_pid: int
    cache: Redis

    def measure(self, case: Case) -> Measured:
        with ThreadPoolExecutor(CLIENTS) as pool:
            self._forget_pages(case)
            list(pool.map(self._ask_once, [*case.paths, *case.paths]))
            times, used, empty = self._one_by_one(case)
            per_second = self._all_at_once(case, pool)
        cuts = statistics.quantiles(times, n=100, method="inclusive")
        web, database, cache = (1000 * sum(part) / len(times) for part in zip(*used, strict=True))
        return Measured(
            name=case.name,
            requests=len(times),
            web=web,
            database=database,
            cache=cache,
            empty=1000 * sum(empty) / (len(empty) * EMPTY_IN_TURN),
            p50=1000 * cuts[49],
            p95=1000 * cuts[94],
            p99=1000 * cuts[98],
            per_second=per_second,
        )

    def memory_mb(self) -> float:
        """Of the largest web process."""
        return max(memory_mb(pid) for pid in family(self.web_pid)[1:])

    def _one_by_one(self, case: Case) -> tuple[list[float], list[Cpu], list[float]]:
        """Seconds that each request took; CPU of each turn; CPU of the empty view's turns."""
        times: list[float] = []
        used: list[Cpu] = []
        empty: list[float] = []
        end = time.monotonic() + SECONDS
        with _connection(self.port) as connection:
            while time.monotonic() < end or len(times) < FEWEST_REQUESTS:
                with self._counted(used):
                    times += self._turn(connection, case)
                whole: list[Cpu] = []
                with self._counted(whole):
                    for _ in range(EMPTY_IN_TURN):
                        _ask(connection, EMPTY)
                empty.append(sum(whole[0]))
        return times, used, empty

    def _turn(self, connection: http.client.HTTPConnection, case: Case) -> list[float]:
        times: list[float] = []
        while len(times) < PAGES_IN_TURN:
            self._forget_pages(case)
            for path in case.paths:
                started = time.perf_counter()
                _ask(connection, path)
                times.append(time.perf_counter() - started)
        return times

    @contextmanager
    def _counted(self, used: list[Cpu]) -> Iterator[None]:
        before = self._cpu()
        yield
        web, database, cache = (b - a for a, b in zip(before, self._cpu(), strict=True))
        used.append((web, database, cache))

    def _all_at_once(self, case: Case, pool: ThreadPoolExecutor) -> float:
        # Enough for each client, in an order in which no two ask for the same at once.
        paths = list(case.paths) * (1 if case.is_cold else 50)
        shares = [paths[n::CLIENTS] for n in range(CLIENTS)]
        done, spent = 0, 0.0
        while spent < SECONDS:
            self._forget_pages(case)
            started = time.monotonic()
            list(pool.map(self._ask_all, shares))
            spent += time.monotonic() - started
            done += len(paths)
        return done / spent

    def _ask_all(self, paths: Sequence[str]) -> None:
        with _connection(self.port) as connection:
            for path in paths:
                _ask(connection, path)

    def _ask_once(self, path: str) -> None:
        self._ask_all([path])

    def _forget_pages(self, case: Case) -> None:
        """Pages only: names of categories and facets stay known, as they do in a shop."""
        if case.is_cold:
            keys = list(self.cache.scan_iter("page:*", count=1000))
            if keys:
                self.cache.unlink(*keys)

    def _cpu(self) -> Cpu:
        return (
            cpu_seconds(self.web_pid),
            cpu_seconds(self.database_pid),
            cpu_seconds(self.cache_pid),
        )


@contextmanager
def _connection(port: int) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SLOWEST_SECONDS)
    try:
        yield connection
    finally:
        connection.close()


def _ask(connection: http.client.HTTPConnection, path: str) -> None:
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    response = connection.getresponse()
    response.read()
    if response.status != http.HTTPStatus.OK:
        raise RuntimeError(f"{path} answered {response.status}")
