"""Shops with few and many orders in their tables, written once and kept."""

import hashlib
import sys
from pathlib import Path

import psycopg

from bench.orders.cells import Cell, Goods, measure
from bench.orders.copying import copy_orders
from bench.orders.journeys import through_api
from bench.orders.shop import Shop, whole_shop
from bench.servers import Servers, run_python
from drills.goods import some

# Ordered through the shop itself; all others are copies of them.
REAL = 200
SKUS = 200
UNITS = 1_000_000
CLIENTS = 8
# So many percent of all orders are still to be sent.
OPEN = 2
HERE = Path(__file__).parent


def seeded(servers: Servers, orders: int) -> str:
    """The name of a database with so many orders, written now unless an earlier run did."""
    name = f"orders_{orders}_{_fingerprint()}"
    if name in servers.databases():
        run_python(servers.environment(name, 9), "manage.py", "migrate", "--verbosity=0")
        return name
    sys.stderr.write(f"Writing {orders:,} orders; the next run finds them.\n")
    fresh = f"{name}_unfinished"
    empty_shop(servers, fresh)
    real = min(REAL, orders)
    with whole_shop(servers, fresh) as shop:
        many = put_on_sale(shop, SKUS)
        seen = measure(shop, Cell("seed", through_api, CLIENTS, many.variants), real, warm_up=0)
    if seen.errors:
        raise RuntimeError(f"orders that others are copied from failed: {seen.errors}")
    env = servers.environment(fresh, 9) | {"RETURN_WINDOW_DAYS": "0"}
    run_python(env, "-m", "bench.orders.lives", str(OPEN))
    with psycopg.connect(servers.owner_url(fresh), autocommit=True) as owner:
        copy_orders(owner, orders // real)
    servers.rename_database(fresh, name)
    return name


def empty_shop(servers: Servers, database: str) -> None:
    servers.fresh_database(database)
    run_python(servers.environment(database, 9), "manage.py", "migrate", "--verbosity=0")


def put_on_sale(shop: Shop, number: int) -> Goods:
    """So many kinds of shirts that there are plenty of."""
    shop.put_on_sale([some(UNITS)] * number)
    return on_sale(shop)


def on_sale(shop: Shop) -> Goods:
    """What a shop for benchmarks sells."""
    rows = shop.sql(
        "SELECT public_id::text, slug FROM catalog_producttranslation"
        " JOIN catalog_variant USING (product_id) ORDER BY product_id"
    )
    variants, slugs = zip(*rows, strict=True)
    return Goods(variants, slugs)


def _fingerprint() -> str:
    """Changes when what is written would be another."""
    sources = [HERE / f"{name}.py" for name in ("copying", "growth", "lives")]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:8]
