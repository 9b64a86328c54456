"""The problems of a run, for the terminal, the admin and a spreadsheet."""

from collections.abc import Iterator

from django.db.models import Count

from catalog.importing.problems import message_of
from catalog.models import ImportRun


def counts_of(run: ImportRun) -> list[tuple[str, int]]:
    """(Code, how often), the most frequent first."""
    rows = run.problems.values_list("code").annotate(count=Count("pk"))
    return list(rows.order_by("-count", "code"))


def problem_rows(run: ImportRun) -> Iterator[tuple[str, ...]]:
    """Line, column, code, what is wrong, the value, whether the product was left out."""
    yield ("line", "column", "code", "problem", "value", "skipped")
    rows = run.problems.order_by("line", "column", "code")
    for line, column, code, value, is_fatal in rows.values_list(
        "line", "column", "code", "value", "is_fatal"
    ).iterator(chunk_size=2000):
        message = str(message_of(code))
        yield str(line), column, code, message, value, "yes" if is_fatal else "no"
