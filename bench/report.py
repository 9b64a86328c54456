"""The figures as tables, written into RESULTS.md between two marks."""

import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from bench.measuring import CLIENTS, Measured
from bench.mix import Case
from bench.servers import THREADS, WEB_PROCESSES

RESULTS = Path(__file__).parent / "RESULTS.md"
BEGIN, END = "<!-- measured -->", "<!-- end of what was measured -->"
SEARCH_P95_MS = 50
GROWTH = 1.5


def write(text: str, *, begin: str = BEGIN, end: str = END) -> None:
    """Replace what was measured before; the words around it stay."""
    before, _, rest = RESULTS.read_text().partition(begin)
    RESULTS.write_text(f"{before}{begin}\n{text}\n{end}{rest.partition(end)[2]}")


def tables(
    measured: Mapping[int, Sequence[Measured]],
    memory: Mapping[int, float],
    cases: Sequence[Case],
    *,
    date: str,
    database: str,
    cache: str,
) -> str:
    used = f"{versions(database, cache)}; {CLIENTS} clients at once"
    parts = [f"Measured on {date}. {machine()}. {used}."]
    goals = {case.name: case.goal for case in cases}
    for products, rows in measured.items():
        parts.append(f"### {products:,} products")
        parts.append(_table(rows, goals))
        parts.append(f"The largest web process held {memory[products]:.0f} MB.")
    if len(measured) > 1:
        sizes = sorted(measured)
        parts.append(f"### Growth: {sizes[-1]:,} against {sizes[0]:,} products")
        parts.append(_growth(measured[sizes[0]], measured[sizes[-1]]))
    return "\n\n".join(parts)


def machine() -> str:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return f"{os.cpu_count()} cores ({model})"


def versions(database: str, cache: str) -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("Django", "psycopg", "gunicorn"))
    return (
        f"Python {platform.python_version()}, {packages} with {WEB_PROCESSES} processes of"
        f" {THREADS} threads, PostgreSQL {database}, Valkey {cache}"
    )


def _table(rows: Sequence[Measured], goals: Mapping[str, float | None]) -> str:
    lines = [
        "| | CPU ms | web | PostgreSQL | Valkey | × empty | goal | p50 ms | p95 | p99 | per s |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        goal = goals.get(row.name)
        wanted = f"≤ {goal:g}" if goal else ""
        if row.name == "search, cold":
            wanted = f"p95 ≤ {SEARCH_P95_MS} ms"
        cells = [
            row.name,
            *(f"{value:.2f}" for value in (row.cpu, row.web, row.database, row.cache)),
            f"{row.ratio:.1f}",
            wanted,
            *(f"{value:.1f}" for value in (row.p50, row.p95, row.p99)),
            f"{row.per_second:.0f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _growth(small: Sequence[Measured], large: Sequence[Measured]) -> str:
    lines = ["| | CPU | p50 | p95 |", "|---|---:|---:|---:|"]
    lines += [
        f"| {a.name} | {b.ratio / a.ratio:.2f} | {b.p50 / a.p50:.2f} | {b.p95 / a.p95:.2f} |"
        for a, b in zip(small, large, strict=True)
    ]
    return "\n".join([*lines, "", f"Goal: ≤ {GROWTH} in CPU."])
