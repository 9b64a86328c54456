"""`make bench-orders`: what an order costs, in the shop as it runs in production.

`--quick` proves that the bench itself works; its figures mean nothing.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from redis import Redis

from bench.orders import placing, report
from bench.orders.cells import Cell, Goods, Measured, cells, measure
from bench.orders.growth import empty_shop, on_sale, put_on_sale, seeded
from bench.orders.journeys import through_api
from bench.orders.report import Grown, Placing
from bench.orders.shop import whole_shop
from bench.report import machine, versions, write
from bench.servers import DURABLE, Servers, running

DATABASE = "bench_orders"
SECTIONS = ("journeys", "placing", "growth")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured. `turns`: few and many orders are measured one after the other."""

    orders: int = 500
    clients: Sequence[int] = (8, 64)
    skus: int = 200
    placed: int = 400
    placers: Sequence[int] = (1, 8)
    small: int = 10_000
    large: int = 1_000_000
    turns: int = 2
    warm_up: int = 60


QUICK = Sizes(
    orders=8, clients=(2,), skus=3, placed=8, placers=(1,), small=20, large=40, turns=1, warm_up=2
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.orders", description=__doc__)
    parser.add_argument("--sections", nargs="+", choices=SECTIONS, default=SECTIONS)
    parser.add_argument("--only", default="", help="journeys whose names contain this")
    parser.add_argument("--quick", action="store_true", help="a few orders of everything")
    parser.add_argument("--orders", type=int, help="so many in each cell, instead of 500")
    parser.add_argument("--keep", action="store_true", help="leave RESULTS.md as it is")
    options = parser.parse_args()
    sizes = QUICK if options.quick else Sizes()
    if options.orders:
        sizes = replace(sizes, orders=options.orders)
    with running(*DURABLE) as servers:
        rows = measure_journeys(servers, sizes, options.only) if wanted(options, 0) else []
        alone = measure_placing(servers, sizes) if wanted(options, 1) else None
        grown = measure_growth(servers, sizes) if wanted(options, 2) else None
        head = f"Measured on {datetime.now(UTC):%Y-%m-%d}. {machine()}. {used(servers)}."
    text = f"{head}\n\n{report.text(rows, alone, grown)}"
    sys.stdout.write(f"{text}\n")
    if not options.keep and not options.quick and len(options.sections) == len(SECTIONS):
        write(text, begin=report.BEGIN, end=report.END)


def wanted(options: argparse.Namespace, section: int) -> bool:
    return SECTIONS[section] in options.sections


def used(servers: Servers) -> str:
    with servers.postgres.connect() as owner:
        database = owner.info.parameter_status("server_version") or ""
    cache = Redis.from_url(servers.valkey.url(0)).info("server")["valkey_version"]
    return f"{versions(database, str(cache))}; {', '.join(DURABLE)}"


def measure_journeys(servers: Servers, sizes: Sizes, only: str) -> list[Measured]:
    empty_shop(servers, DATABASE)
    with whole_shop(servers, DATABASE) as shop:
        many = put_on_sale(shop, sizes.skus)
        hot = Goods(many.variants[:1], many.slugs[:1])
        rows = []
        for cell in cells(many, hot, sizes.clients):
            if only in cell.name:
                rows.append(measure(shop, cell, sizes.orders, warm_up=sizes.warm_up))
                tell(rows[-1])
        if wrong := shop.books_are_right():
            raise RuntimeError(wrong)
    return rows


def measure_placing(servers: Servers, sizes: Sizes) -> Placing:
    empty_shop(servers, DATABASE)
    placing.keep_keys_apart(servers, DATABASE)
    with whole_shop(servers, DATABASE) as shop:
        put_on_sale(shop, sizes.skus)
        env = shop.env
    captured = placing.capture(env)
    compared = []
    for skus in (sizes.skus, 1):
        for clients in sizes.placers:
            orders = sizes.placed // clients
            own = placing.by_shop(env, clients=clients, orders=orders, skus=skus)
            other = placing.by_pgbench(
                servers, DATABASE, captured, clients=clients, orders=2 * orders, skus=skus
            )
            compared.append(placing.Compared(skus, clients, own, other))
            sys.stderr.write(f"  {compared[-1]}\n")
    return Placing(captured["statements"], compared)


def measure_growth(servers: Servers, sizes: Sizes) -> Grown:
    """In turn: a machine that is shared is faster at one moment than at the next."""
    names = {orders: seeded(servers, orders) for orders in (sizes.small, sizes.large)}
    rows: dict[int, list[Measured]] = {orders: [] for orders in names}
    for _turn in range(sizes.turns):
        for orders, name in names.items():
            with whole_shop(servers, name) as shop:
                variants = on_sale(shop).variants
                cell = Cell(f"API, {orders:,} orders", through_api, sizes.clients[0], variants)
                row = measure(shop, cell, sizes.orders, warm_up=sizes.warm_up)
            rows[orders].append(row)
            tell(row)
    return Grown(*rows.values())


def tell(row: Measured) -> None:
    """One line while it goes on."""
    used = " ".join(f"{part} {value:.1f}" for part, value in row.used.items())
    sys.stderr.write(
        f"  {row.name}, {row.clients} clients: {row.orders} orders,"
        f" {sum(row.errors.values())} errors, {row.per_second:.1f}/s,"
        f" CPU {row.cpu:.1f} ms: {used}\n"
    )


if __name__ == "__main__":
    main()
