"""Statements of one order as a script of pgbench: the same SQL, for another order each time.

Pure text. What belongs to one order alone is replaced: numbers by variables, texts by others of
the same length that end in `:n`, a number that no other transaction has.
"""

import re
from collections.abc import Mapping, Sequence
from uuid import UUID

# `n` has so many digits: a UUID's last group.
DIGITS = 12
FIRST = 10 ** (DIGITS - 1)
# Each client counts its own transactions; carts have the keys `n`.
HEAD = r"""
\set i :i + 1
\set n :first + :client_id * :share + :i
\set k random(0, :skus - 1)
\set variant :variant_0 + :k
\set item :item_0 + :k
\set product :product_0 + :k
"""
_KEY = re.compile(r"ARRAY\(SELECT nextval\(.*?\) FROM generate_series\(1, \d+\)\)")


def script(
    statements: Sequence[str], *, numbers: Mapping[int, str], texts: Sequence[str | UUID]
) -> str:
    """`numbers`: what stands in the statements → its variable. `texts`: the order's own."""
    lines = []
    keys = 0
    for statement in statements:
        lines.append(f"{_own(_other(statement, numbers, texts))};")
        if "nextval" in statement:
            lines[-1], keys = _named(statement, keys)
    return HEAD.lstrip() + "\n".join(lines) + "\n"


def _named(statement: str, keys: int) -> tuple[str, int]:
    """Keys are drawn into variables: `key_0` and so on, in the order of the statement."""
    number = keys

    def name(found: re.Match[str]) -> str:
        nonlocal number
        number += 1
        return f"({found[0]})[1] AS key_{number - 1}"

    return f"{_KEY.sub(name, statement)} \\gset", number


def _other(statement: str, numbers: Mapping[int, str], texts: Sequence[str | UUID]) -> str:
    for place, text in enumerate(texts):
        for old, new in _forms(text, place):
            statement = statement.replace(old, new)
    for number, name in numbers.items():
        statement = re.sub(rf"(?<![\w.]){number}(?![\w.])", f":{name}", statement)
    return statement


def _forms(text: str | UUID, place: int) -> list[tuple[str, str]]:
    """A UUID is written with dashes in texts and without them as a value."""
    if isinstance(text, UUID):
        dashed = f"{place:08x}-0000-4000-8000-:n"
        return [(str(text), dashed), (text.hex, dashed.replace("-", ""))]
    if text.isdecimal():
        return [(text, f"{place + 1}:n")]
    return [(text, f"{place:x}".zfill(len(text) - DIGITS) + ":n" if len(text) > DIGITS else ":n")]


def _own(statement: str) -> str:
    """`::name` is a cast to pgbench, also within quotes: the first colon is written otherwise."""
    return re.sub(
        r"(?<='|\w)::(?=(?:n|key_\d+|cart|item|variant)\b)", "' || chr(58) || ':", statement
    )
