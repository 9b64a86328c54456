"""`make bench`: what a page costs, in a shop of 10,000 products and in one of a million."""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from redis import Redis

from bench import report
from bench.measuring import Measured, Shop
from bench.mix import Case, cases
from bench.servers import Servers, run_python, running, web

SIZES = (10_000, 1_000_000)
HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--products", type=int, nargs="+", default=SIZES)
    parser.add_argument("--only", default="", help="cases whose names contain this")
    parser.add_argument("--keep", action="store_true", help="leave RESULTS.md as it is")
    options = parser.parse_args()
    with running() as servers:
        names = {products: seeded(servers, products) for products in options.products}
        measured: dict[int, list[Measured]] = {}
        memory: dict[int, float] = {}
        for products, name in names.items():
            asked = chosen(servers.owner_url(name), options.only)
            with shop(servers, name) as running_shop:
                measured[products] = [measure(running_shop, case) for case in asked]
                memory[products] = running_shop.memory_mb()
        text = report.tables(
            measured,
            memory,
            asked,
            date=f"{datetime.now(UTC):%Y-%m-%d}",
            database=database_version(servers.owner_url(name)),
            cache=str(cache_of(servers).info("server")["valkey_version"]),
        )
    sys.stdout.write(f"{text}\n")
    if not options.keep:
        report.write(text)


def chosen(database: str, part: str) -> list[Case]:
    """The cases asked for, and the empty view that all are compared with."""
    return [case for case in cases(database) if part in case.name or case.name == "empty view"]


def measure(running_shop: Shop, case: Case) -> Measured:
    sys.stderr.write(f"  {case.name}\n")
    found = running_shop.measure(case)
    sys.stderr.write(f"    {json.dumps(asdict(found))}\n")
    return found


@contextmanager
def shop(servers: Servers, database: str) -> Iterator[Shop]:
    cache = cache_of(servers)
    cache.flushdb()
    postmaster = servers.postgres.data / "postmaster.pid"
    with web(servers, database) as (port, pid):
        yield Shop(
            port=port,
            web_pid=pid,
            database_pid=int(postmaster.read_text().split()[0]),
            cache_pid=int(cache.info("server")["process_id"]),
            cache=cache,
        )


def cache_of(servers: Servers) -> Redis:
    return Redis.from_url(servers.valkey.url(0))


def database_version(url: str) -> str:
    with psycopg.connect(url) as connection:
        return connection.info.parameter_status("server_version") or ""


def seeded(servers: Servers, products: int) -> str:
    """The name of a database with so many products, written now unless an earlier run did."""
    name = f"bench_{products}_{fingerprint()}"
    if name in servers.databases():
        run_python(servers.environment(name, 9), "manage.py", "migrate", "--verbosity=0")
        return name
    sys.stderr.write(f"Writing {products:,} products; the next run finds them.\n")
    fresh = f"{name}_unfinished"
    servers.fresh_database(fresh)
    env = servers.environment(fresh, 9) | {"BENCH_OWNER": servers.owner_url(fresh)}
    run_python(env, "manage.py", "migrate", "--verbosity=0")
    run_python(env, "-m", "bench.seed", str(products))
    servers.rename_database(fresh, name)
    return name


def fingerprint() -> str:
    """Changes when what is written would be another."""
    written = [HERE / f"{name}.py" for name in ("frame", "products", "words")]
    derived = HERE.parent / "catalog" / "migrations" / "sql" / "listing.sql"
    sources = [*written, derived]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:8]


if __name__ == "__main__":
    main()
