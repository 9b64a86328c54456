"""The figures as tables, written into RESULTS.md between two marks of their own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.orders.cells import Measured
from bench.orders.figures import middle, percentiles
from bench.orders.journeys import WHOLE
from bench.orders.placing import Compared

BEGIN, END = "<!-- measured orders -->", "<!-- end of measured orders -->"
CPU_MS = 40
STATEMENTS = 12
OF_PGBENCH = 0.25
HOT = 0.7
GROWTH = 1.2
# Measured on the same kind of machine: docs of the first issues.
OTHERS = "django-oscar 983 ms per order, Saleor 1,561 ms without payment"
PARTS = ("web", "worker", "money_loop", "beat", "postgres", "valkey")


@dataclass(frozen=True, slots=True)
class Placing:
    """`statements`: of the transaction, with those that draw its keys."""

    statements: int
    compared: Sequence[Compared]


@dataclass(frozen=True, slots=True)
class Grown:
    """CPU and time of an order, of the larger shop by the smaller one."""

    small: Sequence[Measured]
    large: Sequence[Measured]

    @property
    def cpu(self) -> float:
        return middle([row.cpu for row in self.large]) / middle([row.cpu for row in self.small])

    @property
    def time(self) -> float:
        """Of orders per second, clients being as many."""
        rates = [middle([row.per_second for row in rows]) for rows in (self.small, self.large)]
        return rates[0] / rates[1]


def text(rows: Sequence[Measured], placing: Placing | None, grown: Grown | None) -> str:
    parts = []
    if rows:
        parts += [
            "### Whole journeys",
            journeys(rows),
            *_errors(rows),
            "### Each step",
            steps(rows),
        ]
    if placing:
        parts += ["### The placing transaction alone", _placing(placing)]
    if grown:
        parts += ["### Many orders in the tables", _grown(grown)]
    return "\n\n".join([goals(rows, placing, grown), *parts])


@dataclass(frozen=True, slots=True)
class Goal:
    """`value` may be `most` at most, or must be `least` at least."""

    what: str
    value: float
    most: float | None = None
    least: float | None = None
    digits: int = 2

    @property
    def row(self) -> str:
        wanted = f"≤ {self.most:g}" if self.most is not None else f"≥ {self.least:g}"
        value = f"{self.value:.{self.digits}f}"
        return f"| {self.what} | {wanted} | {value} | {'met' if self.is_met else '**missed**'} |"

    @property
    def is_met(self) -> bool:
        if self.most is not None:
            return self.value <= self.most
        return self.least is not None and self.value >= self.least


def goals(rows: Sequence[Measured], placing: Placing | None, grown: Grown | None) -> str:
    found = [*_of_journeys(rows), *_of_placing(placing), *_of_growth(grown)]
    table = ["| goal | wanted | measured | |", "|---|---:|---:|---|", *(one.row for one in found)]
    return "\n".join([*table, "", f"For comparison, on the same kind of machine: {OTHERS}."])


def _of_journeys(rows: Sequence[Measured]) -> Iterator[Goal]:
    for row in rows:
        if row.name.startswith("API"):
            what = f"CPU ms per paid order, {row.name}, {row.clients} clients"
            yield Goal(what, row.cpu, most=CPU_MS, digits=1)
    for way, clients, ratio in hot_ratios(rows):
        what = f"one hot SKU by many, orders/s, {way}, {clients} clients"
        yield Goal(what, ratio, least=HOT)


def _of_placing(placing: Placing | None) -> Iterator[Goal]:
    if placing is None:
        return
    yield Goal("statements to place an order", placing.statements, most=STATEMENTS, digits=0)
    for one in placing.compared:
        what = f"placing alone by pgbench, {_skus(one.skus)}, {_clients(one.clients)}"
        yield Goal(what, one.ratio, least=OF_PGBENCH)
    for clients, ratio in hot_placing(placing.compared):
        yield Goal(f"one hot SKU by many, placing alone, {_clients(clients)}", ratio, least=HOT)


def _of_growth(grown: Grown | None) -> Iterator[Goal]:
    if grown is not None:
        what = "1,000,000 orders in the tables by 10,000"
        yield Goal(f"CPU per order, {what}", grown.cpu, most=GROWTH)
        yield Goal(f"time per order, {what}", grown.time, most=GROWTH)


def hot_ratios(rows: Sequence[Measured]) -> list[tuple[str, int, float]]:
    """(API or pages, clients, orders per second of one hot SKU by those of many)."""
    rates = {(row.name, row.clients): row.per_second for row in rows}
    found = []
    for (name, clients), rate in rates.items():
        way, _, goods = name.partition(", ")
        many = rates.get((f"{way}, many SKUs", clients))
        if goods == "one hot SKU" and many:
            found.append((way, clients, rate / many))
    return found


def hot_placing(compared: Sequence[Compared]) -> list[tuple[int, float]]:
    many = {one.clients: one.own for one in compared if one.skus > 1}
    return [
        (one.clients, one.own / many[one.clients])
        for one in compared
        if one.skus == 1 and one.clients in many
    ]


def journeys(rows: Sequence[Measured]) -> str:
    lines = [
        "| | clients | orders | errors | CPU ms | web | worker | money loop | PostgreSQL | Valkey"
        " | not the shop | per s | p50 ms | p95 | p99 |",
        "|---|" + "---:|" * 14,
    ]
    for row in rows:
        used = {part: row.used.get(part, 0.0) for part in PARTS}
        cells = [
            row.name,
            str(row.clients),
            str(row.orders),
            str(sum(row.errors.values())),
            *(f"{value:.1f}" for value in (row.cpu, used["web"])),
            f"{used['worker'] + used['beat']:.1f}",
            *(f"{used[part]:.1f}" for part in ("money_loop", "postgres", "valkey")),
            f"{row.world:.1f}",
            f"{row.per_second:.1f}",
            *(f"{value:.0f}" for value in percentiles(row.steps.get(WHOLE, []))),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def steps(rows: Sequence[Measured]) -> str:
    lines = ["| | clients | step | p50 ms | p95 | p99 |", "|---|---:|---|---:|---:|---:|"]
    for row in rows:
        for step, values in row.steps.items():
            if step != WHOLE:
                cells = " | ".join(f"{value:.0f}" for value in percentiles(values))
                lines.append(f"| {row.name} | {row.clients} | {step} | {cells} |")
    return "\n".join(lines)


def _errors(rows: Sequence[Measured]) -> list[str]:
    seen = [
        f"- {row.name}, {row.clients} clients: {number} × {error}"
        for row in rows
        for error, number in row.errors.items()
    ]
    return ["\n".join(seen)] if seen else []


def _placing(placing: Placing) -> str:
    lines = [
        "| | clients | own code, per s | pgbench, per s | ratio |",
        "|---|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {_skus(one.skus)} | {one.clients} | {one.own:.0f} | {one.pgbench:.0f}"
        f" | {one.ratio:.2f} |"
        for one in placing.compared
    ]
    return "\n".join(lines)


def _grown(grown: Grown) -> str:
    lines = [
        "| orders in the tables | CPU ms per order | orders/s | p50 ms |",
        "|---|---:|---:|---:|",
    ]
    for name, rows in (("10,000", grown.small), ("1,000,000", grown.large)):
        for row in rows:
            whole = middle(row.steps.get(WHOLE, []))
            lines.append(f"| {name} | {row.cpu:.1f} | {row.per_second:.1f} | {whole:.0f} |")
    return "\n".join(lines)


def _skus(number: int) -> str:
    return "one hot SKU" if number == 1 else "many SKUs"


def _clients(number: int) -> str:
    return "one client" if number == 1 else f"{number} clients"
