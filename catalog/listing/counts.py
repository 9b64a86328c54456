# ruff: noqa: S608 - the SQL is put together from the constants here; all values are parameters
"""How many listings meet some conditions: read from facet bits, exact up to a cap.

The newest chunks are counted first. What has reached the cap there is not counted on, so that a
million products cost little more than ten thousand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.db import connection

from catalog.listing.selection import AnyOf
from catalog.models import CHUNK

# Counts above are shown as "1.000+".
CAP = 1_000
# How many chunks have been counted after each step; the last step takes what is left.
STEPS = (3, 10)

_CHUNKS = "SELECT chunk FROM catalog_facetbits WHERE token = '*' ORDER BY chunk DESC"
_GROUP = (
    "(SELECT chunk, bit_or(bits) AS bits FROM catalog_facetbits"
    " WHERE token = ANY(%s) AND chunk = ANY(%s) GROUP BY chunk)"
)
# A single token needs no aggregation.
_SINGLE = "(SELECT chunk, bits FROM catalog_facetbits WHERE token = %s AND chunk = ANY(%s))"


@dataclass(frozen=True, slots=True)
class Question:
    """Count, for each name, the listings that meet `groups` and that name's groups as well."""

    groups: Sequence[AnyOf]
    names: Mapping[str, Sequence[AnyOf]]


@dataclass(slots=True)
class Counted:
    """`counts` are capped at CAP + 1; `estimate` is the first question's TOTAL without a cap.

    `listings` is how many there may be at most, by the chunks in use.
    """

    counts: list[dict[str, int]]
    estimate: int
    listings: int


TOTAL = ""


def count(questions: Sequence[Question]) -> Counted:
    """Answer all questions; of the first also the TOTAL. Two queries, up to four for a million."""
    with connection.cursor() as cursor:
        cursor.execute(_CHUNKS)
        chunks = [chunk for (chunk,) in cursor.fetchall()]
    names = [dict(question.names) for question in questions]
    if names:
        names[0][TOTAL] = []
    counts = [dict.fromkeys(own, 0) for own in names]
    seen = 0
    for place, part in enumerate(_steps(chunks)):
        still_open = [
            {name: groups for name, groups in own.items() if counted[name] <= CAP}
            for own, counted in zip(names, counts, strict=True)
        ]
        _add(questions, still_open, part, counts)
        if place == 0 and counts:
            seen = counts[0][TOTAL]
    return Counted(
        counts=[{name: min(number, CAP + 1) for name, number in own.items()} for own in counts],
        estimate=seen * len(chunks) // max(min(len(chunks), STEPS[0]), 1),
        listings=len(chunks) * CHUNK,
    )


def _steps(chunks: Sequence[int]) -> list[list[int]]:
    ends = (0, *STEPS, len(chunks))
    return [part for start, end in pairwise(ends) if (part := list(chunks[start:end]))]


def _add(
    questions: Sequence[Question],
    names: Sequence[Mapping[str, Sequence[AnyOf]]],
    chunks: list[int],
    counts: list[dict[str, int]],
) -> None:
    """One query for all questions: each a base of chunks, joined with the bits of every name."""
    bases, parts = [], []
    base_values: list[Any] = []
    part_values: list[Any] = []
    for place, (question, own) in enumerate(zip(questions, names, strict=True)):
        if not own:
            continue
        sql, values = _meet(question.groups, chunks)
        bases.append(f"base{place} AS MATERIALIZED {sql}")
        base_values += values
        for part, more in _parts(place, own, chunks):
            parts.append(part)
            part_values += more
    if not parts:
        return
    with connection.cursor() as cursor:
        # Planned for these values: a plan for any takes twice as long for rare ones.
        cursor.execute(
            f"WITH {', '.join(bases)} {' UNION ALL '.join(parts)}", [*base_values, *part_values]
        )
        for place, name, number in cursor.fetchall():
            counts[place][name] += int(number or 0)


def _parts(
    place: int, names: Mapping[str, Sequence[AnyOf]], chunks: list[int]
) -> list[tuple[str, list[Any]]]:
    parts: list[tuple[str, list[Any]]] = []
    # Nearly all names are one token each: one join for them together.
    plain = {groups[0][0]: name for name, groups in names.items() if _is_plain(groups)}
    if plain:
        parts.append(
            (
                f"SELECT {place}, name, sum(bit_count(base{place}.bits & own.bits))"
                " FROM unnest(%s::text[], %s::text[]) AS wanted(token, name)"
                f" JOIN catalog_facetbits own USING (token) JOIN base{place} USING (chunk)"
                " GROUP BY name",
                [list(plain), list(plain.values())],
            )
        )
    for name, groups in names.items():
        if not groups:
            parts.append(
                (f"SELECT {place}, %s::text, sum(bit_count(bits)) FROM base{place}", [name])
            )
        elif not _is_plain(groups):
            sql, values = _meet(groups, chunks)
            parts.append(
                (
                    f"SELECT {place}, %s::text, sum(bit_count(base{place}.bits & own.bits))"
                    f" FROM base{place} JOIN {sql} AS own USING (chunk)",
                    [name, *values],
                )
            )
    return parts


def _is_plain(groups: Sequence[AnyOf]) -> bool:
    return len(groups) == 1 and len(groups[0]) == 1


def _meet(groups: Sequence[AnyOf], chunks: list[int]) -> tuple[str, list[Any]]:
    """SQL of (chunk, bits) of what meets all groups, and its values."""
    tables: list[str] = []
    values: list[Any] = []
    for place, group in enumerate(groups):
        tables.append(f"{_SINGLE if len(group) == 1 else _GROUP} AS g{place}")
        values += [group[0] if len(group) == 1 else list(group), chunks]
    bits = " & ".join(f"g{place}.bits" for place in range(len(groups)))
    joined = tables[0] + "".join(f" JOIN {table} USING (chunk)" for table in tables[1:])
    return f"(SELECT chunk, {bits} AS bits FROM {joined})", values
