"""What may be kept of a view: declared at the view, carried out by the middleware."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

# At the edge for 40 s, and for 15 s more while it is fetched anew: with the second at the origin
# that stays below the minute that the shop promises. A browser asks each time, and gets a 304.
CACHE_CONTROL = "public, max-age=0, s-maxage=40, stale-while-revalidate=15"

View = TypeVar("View", bound=Callable[..., Any])
Params = Collection[str] | Callable[[], Collection[str]]

# Enough for every filter that somebody sets by hand. What is beyond is shown and not kept, so that
# nobody fills Valkey with pages that no second person asks for.
MOST_VALUES = 12
LONGEST_VALUE = 200
LONGEST_QUERY = 600


@dataclass(frozen=True, slots=True)
class Query:
    """The part of a query that a page depends on, in one order."""

    text: str
    may_be_kept: bool


NO_QUERY = Query("", may_be_kept=True)


@dataclass(frozen=True, slots=True)
class Rule:
    names: tuple[str, ...]
    params: Params
    is_api: bool

    def query(self, given: Iterable[tuple[str, list[str]]]) -> Query | None:
        """None where the view has to see it as it is, as it refuses what it does not know."""
        pairs = [(name, value) for name, values in given for value in values]
        if not pairs:
            return NO_QUERY
        params = self.params() if callable(self.params) else self.params
        if self.is_api:
            if any(name not in params for name, _value in pairs):
                return None
            known = pairs
        else:
            # An empty field of a form says no more than one that is not there.
            known = [(name, value) for name, value in pairs if name in params and value]
        text = urlencode(sorted(known, key=lambda pair: pair[0]))
        return Query(text, may_be_kept=_is_ordinary(known) and len(text) <= LONGEST_QUERY)


def _is_ordinary(pairs: Collection[tuple[str, str]]) -> bool:
    return len(pairs) <= MOST_VALUES and all(
        len(value) <= LONGEST_VALUE and value.isprintable() for _name, value in pairs
    )


def cached_page(*names: str, params: Params = (), is_api: bool = False) -> Callable[[View], View]:
    """Declare a view whose answer is the same for everybody until one of the names is bumped.

    `names` may use what the path holds: `p:{slug}`. `params` are the parameters of the query that
    the view reads, or a function that returns them. It gets a request without any others, without
    cookies and without headers. What of the API asks for other parameters or another type than
    JSON goes to the view as it is, to be refused there.
    """

    def declare(view: View) -> View:
        view.cached_page = Rule(names, params, is_api)  # type: ignore[attr-defined]  # a function has no such field
        return view

    return declare


def rule_of(view: Callable[..., Any]) -> Rule | None:
    rule: Rule | None = getattr(view, "cached_page", None)
    return rule
