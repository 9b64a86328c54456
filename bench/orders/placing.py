"""The placing transaction alone, called in a loop, beside pgbench that runs the same SQL."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from bench.orders.script import FIRST
from bench.servers import Servers
from shop.local.places import ROOT

# Keys that are seen in the statements belong to one table each.
APART = {
    "catalog_product": 16_000_000,
    "catalog_variant": 17_000_000,
    "catalog_stockitem": 18_000_000,
    "orders_cart": 11_000_000,
    "orders_order": 12_000_000,
    "orders_fulfilmentgroup": 13_000_000,
    "orders_orderline": 14_000_000,
    "payments_paymentattempt": 15_000_000,
}
_RATE = re.compile(r"tps = ([\d.]+) \(without initial")


@dataclass(frozen=True, slots=True)
class Compared:
    """Transactions per second of the shop's own code and of pgbench."""

    skus: int
    clients: int
    own: float
    pgbench: float

    @property
    def ratio(self) -> float:
        return self.own / self.pgbench


def keep_keys_apart(servers: Servers, database: str) -> None:
    """Before anything is written: the same number never means two things."""
    with psycopg.connect(servers.owner_url(database)) as owner:
        for table, first in APART.items():
            owner.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, first])


def capture(env: Mapping[str, str]) -> dict[str, Any]:
    """The script of pgbench, how many statements it has, and the first keys of what is sold."""
    done = _loop(env, "capture")
    found: dict[str, Any] = json.loads(done.communicate()[0])
    return found


def by_shop(env: Mapping[str, str], *, clients: int, orders: int, skus: int) -> float:
    """So many processes place so many orders each, all at once."""
    loops = [_loop(env, str(orders), str(skus)) for _ in range(clients)]
    try:
        for loop in loops:
            if loop.stdout is None or loop.stdout.readline().strip() != "ready":
                raise RuntimeError("a loop did not get ready")
        for loop in loops:
            _stdin(loop, "go\n")
        seconds = [float(loop.communicate()[0]) for loop in loops]
    finally:
        for loop in loops:
            loop.kill()
    return clients * orders / max(seconds)


def by_pgbench(
    servers: Servers,
    database: str,
    captured: Mapping[str, Any],
    *,
    clients: int,
    orders: int,
    skus: int,
) -> float:
    """The same number of transactions. Raises CalledProcessError where one of them fails."""
    first = _write_carts(servers, database, clients * (orders + 1), captured, skus)
    values = {"i": 0, "first": first, "share": orders + 1, "skus": skus} | {
        f"{name}_0": pk for name, pk in captured["first"].items()
    }
    with TemporaryDirectory(prefix="bench-") as folder:
        file = Path(folder) / "placing.sql"
        file.write_text(captured["script"])
        command = [
            *(str(servers.postgres.programs / "pgbench"), "--no-vacuum", f"--client={clients}"),
            *(f"--jobs={min(clients, 2)}", f"--transactions={orders}", f"--file={file}"),
            *(f"--define={name}={value}" for name, value in values.items()),
            servers.owner_url(database),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    rate = _RATE.search(done.stdout)
    if done.returncode or rate is None:
        raise RuntimeError(done.stdout + done.stderr)
    return float(rate[1])


def _write_carts(
    servers: Servers, database: str, number: int, captured: Mapping[str, Any], skus: int
) -> int:
    """Carts with one line each, whose keys follow each other; the one before the first."""
    with psycopg.connect(servers.owner_url(database)) as owner:
        before = owner.execute("SELECT greatest(max(id), %s) FROM orders_cart", [FIRST]).fetchone()
        first = int(before[0]) if before else FIRST
        owner.execute(
            "INSERT INTO orders_cart (id, token, currency)"
            " SELECT n, ('00000000-0000-4000-8000-' || n)::uuid, 'IDR'"
            " FROM generate_series(%s::bigint, %s) AS n",
            [first + 1, first + number],
        )
        owner.execute(
            "INSERT INTO orders_cartline (cart_id, variant_id, quantity, seen_price_minor)"
            " SELECT n, %s + n %% %s, 1, 149000 FROM generate_series(%s::bigint, %s) AS n",
            [captured["first"]["variant"], skus, first + 1, first + number],
        )
    return first


def _loop(env: Mapping[str, str], *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "bench.orders.loop", *arguments],
        cwd=ROOT,
        env=env,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def _stdin(loop: "subprocess.Popen[str]", line: str) -> None:
    if loop.stdin is not None:
        loop.stdin.write(line)
        loop.stdin.flush()
