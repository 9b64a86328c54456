"""Every address of the shop, from the resolver itself: what is added later is found too."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import translation

PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
ABSENT = {
    "int": "999999999",
    "slug": "no-such-thing",
    "str": "no-such-thing",
    "path": "999999999",
    "uuid": "5d0c5c9e-6b0f-4a55-9d5c-2f1f0f8f9a11",
}
# Written as expressions: an address that fits each.
EXPRESSIONS = {
    r"^(?P<app_label>accounts|catalog|orders|payments)/$": "orders/",
    r"(?P<url>.*)$": "no-such-page/",
    r"^[\s\S]*$": "no-such-address",
}


@dataclass(frozen=True, slots=True)
class Route:
    """`pattern` as it stands in the URL configuration, `name` with its namespaces."""

    pattern: str
    name: str
    view: Callable[..., Any]

    @property
    def is_admin(self) -> bool:
        return self.pattern.startswith("admin/")

    def path(self, **given: object) -> str:
        """The address with these parameters, and with absent things for all others."""
        path = self.pattern
        for expression, example in EXPRESSIONS.items():
            path = path.replace(expression, example)
        return "/" + PARAMETER.sub(
            lambda hit: str(given.get(hit[2], ABSENT[hit[1] or "str"])), path
        )


def all_routes() -> list[Route]:
    with translation.override("id"):
        return list(_walk(get_resolver().url_patterns))


def _walk(
    patterns: list[URLPattern | URLResolver] | Any, prefix: str = "", spaces: tuple[str, ...] = ()
) -> Iterator[Route]:
    for each in patterns:
        pattern = prefix + str(each.pattern)
        if isinstance(each, URLPattern):
            yield Route(pattern, ":".join([*spaces, each.name or ""]), each.callback)
        else:
            inner = (*spaces, each.namespace) if each.namespace else spaces
            yield from _walk(each.url_patterns, pattern, inner)
