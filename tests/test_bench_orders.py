"""What `make bench-orders` computes and writes; that it runs at all is proved by `--quick`."""

from uuid import UUID

import pytest

from bench.orders.cells import Measured
from bench.orders.figures import percentiles
from bench.orders.journeys import WHOLE
from bench.orders.placing import Compared
from bench.orders.report import Grown, Placing, hot_ratios, text
from bench.orders.script import script


def measured(name: str, *, clients: int = 8, cpu: float = 30, seconds: float = 10) -> Measured:
    return Measured(
        name=name,
        clients=clients,
        orders=100,
        seconds=seconds,
        used={"web": cpu / 2, "postgres": cpu / 2},
        world=5,
        steps={WHOLE: [float(n) for n in range(1, 101)]},
        errors={},
    )


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], (0, 0, 0)),
        ([7], (7, 7, 7)),
        ([*range(101)], (50, 95, 99)),
    ],
)
def test_percentiles(values: list[float], expected: tuple[float, float, float]) -> None:
    assert percentiles(values) == expected


def test_a_hot_sku_is_compared_with_many_of_as_many_clients() -> None:
    rows = [
        measured("API, many SKUs", clients=8, seconds=10),
        measured("API, one hot SKU", clients=8, seconds=20),
        measured("pages, one hot SKU", clients=8),
    ]
    assert hot_ratios(rows) == [("API", 8, 0.5)]


def test_each_goal_says_whether_it_is_met() -> None:
    rows = [measured("API, many SKUs", cpu=41), measured("API, one hot SKU", cpu=39)]
    written = text(
        rows,
        Placing(13, [Compared(1, 8, own=25, pgbench=100)]),
        Grown([measured("a", cpu=10)], [measured("b", cpu=12, seconds=13)]),
    )
    assert (
        "| CPU ms per paid order, API, many SKUs, 8 clients | ≤ 40 | 41.0 | **missed** |" in written
    )
    assert "| CPU ms per paid order, API, one hot SKU, 8 clients | ≤ 40 | 39.0 | met |" in written
    assert "| statements to place an order | ≤ 12 | 13 | **missed** |" in written
    assert "| placing alone by pgbench, one hot SKU, 8 clients | ≥ 0.25 | 0.25 | met |" in written
    assert "by 10,000 | ≤ 1.2 | 1.20 | met |" in written
    assert "by 10,000 | ≤ 1.2 | 1.30 | **missed** |" in written


def test_what_belongs_to_one_order_is_another_in_each_transaction_of_the_script() -> None:
    token = UUID("cb5207db-d5f5-461e-98bc-8b6328a407df")
    written = script(
        [
            "SELECT ARRAY(SELECT nextval('a') FROM generate_series(1, 1)),"
            " ARRAY(SELECT nextval('b') FROM generate_series(1, 0))",
            "BEGIN",
            f"(369, 'order:369', 1369, '{token}', '{token.hex}'::uuid)",
            "SELECT 1 WHERE name = 'SM6M-Z5Q7-A1' AND total = 369.5",
        ],
        numbers={369: "key_0"},
        texts=[token, "SM6M-Z5Q7"],
    )
    assert written.splitlines()[-4:] == [
        "SELECT (ARRAY(SELECT nextval('a') FROM generate_series(1, 1)))[1] AS key_0,"
        " (ARRAY(SELECT nextval('b') FROM generate_series(1, 0)))[1] AS key_1 \\gset",
        "BEGIN;",
        "(:key_0, 'order' || chr(58) || ':key_0', 1369,"
        " '00000000-0000-4000-8000-:n', '00000000000040008000:n'::uuid);",
        "SELECT 1 WHERE name = ':n-A1' AND total = 369.5;",
    ]
