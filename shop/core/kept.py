"""Queries of Django's that are written once for each process and planned once for each connection.

Building a query takes Django longer than PostgreSQL needs to answer it, and planning it as long
again. A query whose shape never changes, in a path where every millisecond is paid by each order,
can be kept: the same objects come out of it, at a third of the cost.
"""

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection, connections
from django.db.models import BigIntegerField, F, Lookup, Model, QuerySet, TextField, Value
from django.db.models.query import ValuesListIterable
from django.db.transaction import TransactionManagementError
from psycopg import sql

from shop.core.prepared import read_prepared

Pick = Callable[[dict[str, Any]], Any]


class Among(Lookup):
    """`column = ANY (keys)`: a list of any length is one value."""

    lookup_name = "among"
    kind = "bigint"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, first = self.process_lhs(compiler, connection)
        right, others = self.process_rhs(compiler, connection)
        return f"{left} = ANY ({right}::{self.kind}[])", (*first, *others)


class AmongWords(Among):
    lookup_name = "among_words"
    kind = "text"


def among(field: str, keys: object) -> Among:
    """A condition on a column of keys, for queries that are kept."""
    return Among(F(field), Value(keys, ArrayField(BigIntegerField())))


def among_words(field: str, words: object) -> Among:
    """The same for a column of text."""
    return AmongWords(F(field), Value(words, ArrayField(TextField())))


@dataclass(frozen=True, slots=True)
class _Written:
    """The query, what makes objects out of its rows, and its text with the values' places.

    `is_plain`: the rows are what is wanted, as they come.
    """

    queryset: "QuerySet[Any, Any]"
    compiler: Any
    is_plain: bool
    statement: str
    picks: list[Pick]


class Kept:
    """`build` makes the query out of named values; `samples` are such values, each another one that
    stands nowhere else in the query. It may depend on its values in no other way: no None, no `if`,
    lists of keys only by `among`.
    """

    def __init__(self, build: Callable[..., "QuerySet[Any, Any]"], **samples: object) -> None:
        self._build = build
        self._samples = samples
        self._written: _Written | None = None

    def first(self, **values: Any) -> Any:
        """The first result, or None."""
        return next(iter(self.fetch(**values)), None)

    def fetch(self, **values: Any) -> list[Any]:
        """All results, as the query itself would give them; it counts as one."""
        written = self._written or self._write()
        if written.queryset.query.select_for_update and not connection.in_atomic_block:
            # Django would have said so while writing it.
            raise TransactionManagementError("locks of rows end with their transaction")
        rows = read_prepared(written.statement, [pick(values) for pick in written.picks])
        if written.is_plain or not rows:
            return rows
        # The compiler knows how to make objects out of rows; these have been read already.
        answered = copy(written.compiler)
        answered.connection = connections[written.compiler.using]
        answered.execute_sql = lambda *_args, **_kwargs: [rows]
        fresh = written.queryset.all()
        vars(fresh.query)["get_compiler"] = lambda *_args, **_kwargs: answered
        return list(fresh)

    def _write(self) -> _Written:
        queryset = self._build(**self._samples)
        compiler: Any = queryset.query.get_compiler(using=connection.alias)
        text, parameters = compiler.as_sql()
        names = [self._name_of(parameter) for parameter in parameters]
        unused = self._samples.keys() - {name for name in names if name}
        if unused:
            raise ValueError(f"{sorted(unused)} are nowhere in the query")
        # Found out once: it takes longer than reading a row.
        converters = compiler.get_converters([column for column, *_more in compiler.select])
        compiler.get_converters = lambda _columns: converters
        self._written = _Written(
            queryset,
            compiler,
            queryset._iterable_class is ValuesListIterable and not converters,
            _filled(text, zip(parameters, names, strict=True)),
            [
                _pick(name, type(parameter))
                for parameter, name in zip(parameters, names, strict=True)
                if name
            ],
        )
        return self._written

    def _name_of(self, parameter: object) -> str:
        found = [name for name, sample in self._samples.items() if sample == parameter]
        return found[0] if found else ""


def fill(row: Model, name: str, related: Sequence[Model]) -> None:
    """Give a row what refers to it under this name, as `prefetch_related` would have read it."""
    manager = getattr(row, name)
    queryset = manager.all()
    queryset._result_cache = list(related)
    queryset._prefetch_done = True
    for one in related:
        setattr(one, manager.field.name, row)
    vars(row).setdefault("_prefetched_objects_cache", {})[name] = queryset


def _pick(name: str, kind: type) -> Pick:
    """Django gives integers the width of their column."""
    if issubclass(kind, int) and kind is not bool:
        return lambda values: kind(values[name])
    return lambda values: values[name]


def _filled(text: str, parameters: Iterable[tuple[object, str]]) -> str:
    """What is the same each time is part of the text, as the planner likes it best."""
    connection.ensure_connection()
    first, *others = text.split("%s")
    parts = [first]
    for (parameter, name), other in zip(parameters, others, strict=True):
        literal = sql.Literal(parameter).as_string(connection.connection)
        parts += ["%s" if name else literal.replace("%", "%%"), other]
    return "".join(parts)
