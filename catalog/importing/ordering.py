"""The order of rows under one product: kept as it is wherever the file does not change it."""

from collections.abc import Iterable, Sequence
from typing import Any

from catalog.importing.known import Placed


def arrange(
    known: Sequence[Placed], wanted: Iterable[Any]
) -> tuple[list[tuple[int, int]], dict[Any, int]]:
    """Rows that move, as (pk, position), and the positions of keys that are new.

    What the file does not name stays, behind what it does.
    """
    wanted = list(dict.fromkeys(wanted))
    if not known:
        return [], {key: position for position, key in enumerate(wanted)}
    have = {row.key for row in known}
    kept = [key for key in wanted if key in have]
    new = [key for key in wanted if key not in have]
    named = set(kept)
    present = list(dict.fromkeys(row.key for row in known if row.key in named))
    if present == kept and wanted[: len(kept)] == kept:
        start = max(row.position for row in known) + 1
        return [], {key: start + number for number, key in enumerate(new)}
    return _rewritten(known, wanted)


def _rewritten(
    known: Sequence[Placed], wanted: list[Any]
) -> tuple[list[tuple[int, int]], dict[Any, int]]:
    place = {key: position for position, key in enumerate(wanted)}
    rest = len(wanted)
    moved: list[tuple[int, int]] = []
    seen: set[Any] = set()
    for row in known:
        if row.key in place and row.key not in seen:
            seen.add(row.key)
            position = place[row.key]
        else:
            position, rest = rest, rest + 1
        if position != row.position:
            moved.append((row.pk, position))
    return moved, {key: position for key, position in place.items() if key not in seen}
