"""Answers catalogue pages from Valkey, before anything looks at the visitor."""

import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language

from catalog.caching import store
from catalog.caching.building import building
from catalog.caching.entries import KEEP_MISSING_SECONDS, KEEP_SECONDS, Entry, Freshness
from catalog.caching.rules import CACHE_CONTROL, Rule, rule_of
from catalog.caching.visitors import keep_visitors_out, request_of_nobody
from shop.core.release import release

SECONDS_KEPT = {200: KEEP_SECONDS, 301: KEEP_SECONDS, 404: KEEP_MISSING_SECONDS}
LARGEST_BODY = 1_000_000
LONGEST_PATH = 300
# For another request that builds the page. Most wait for some hundredths; a claim ends long before,
# so only where a page takes this long to build do all begin to build their own.
WAIT_SECONDS = 2.0
# Between two looks, about: half of it to one and a half times as long, and longer each time.
FIRST_LOOK_SECONDS, LAST_LOOK_SECONDS = 0.02, 0.2
ACCEPTS_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", re.IGNORECASE)

GetResponse = Callable[[HttpRequest], HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a path shows: the rule of its view, and where the page of it is kept."""

    rule: Rule
    key: str
    names: tuple[str, ...]

    def place(self, query: str) -> store.Place:
        return store.Place.of(f"{self.key}?{query}", self.names)


class CataloguePagesMiddleware:
    """Stands before everything that knows visitors, and after what every answer needs."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        plan = None
        if request.method in ("GET", "HEAD") and len(request.path_info) <= LONGEST_PATH:
            plan = plan_of(settings.ROOT_URLCONF, get_language() or "", request.path_info)
        if plan is None:
            return self.get_response(request)
        # Refuses a forged one, which the view is not shown.
        request.get_host()
        query = plan.rule.query(request.GET.lists() if request.META.get("QUERY_STRING") else ())
        if query is None or (plan.rule.is_api and not request.accepts("application/json")):
            return self.get_response(request)
        place = plan.place(query.text)
        if settings.DEBUG or not query.may_be_kept:
            return self._build(request, place, query.text, None)
        return self._find_or_build(request, place, query.text)

    def _find_or_build(
        self, request: HttpRequest, place: store.Place, query: str
    ) -> HttpResponseBase:
        """One request builds; the others show what was there before, or wait for it a moment."""
        give_up_at = time.monotonic() + WAIT_SECONDS
        pause = FIRST_LOOK_SECONDS
        while True:
            found, claim = store.find_or_claim(place)
            if found.entry and found.freshness is Freshness.FRESH:
                return answer(request, found.entry, how="kept")
            if claim is None or claim.is_owner or time.monotonic() > give_up_at:
                return self._build(request, place, query, claim)
            if found.entry and found.freshness is Freshness.USABLE:
                return answer(request, found.entry, how="kept_old")
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - only spreads the looks
            pause = min(pause * 1.5, LAST_LOOK_SECONDS)

    def _build(
        self, request: HttpRequest, place: store.Place, query: str, claim: store.Claim | None
    ) -> HttpResponseBase:
        shared = request_of_nobody(request, query)
        with building(place.names, claim.versions if claim else None) as page:
            response = self.get_response(shared)
        request.META["PAGE"] = "built"
        entry = entry_of(shared, response, claim, page.more)
        if claim and entry and len(entry.packed_body) <= LARGEST_BODY:
            store.keep(place, claim, entry, seconds=SECONDS_KEPT[entry.status])
        elif claim:
            store.give_up(place, claim, is_broken=response.status_code >= 500)
        return answer(request, entry, how="built") if entry else response


@lru_cache(maxsize=4096)
def plan_of(urlconf: str, language: str, path: str) -> Plan | None:
    """The plan of a path that exists, in the active language; None where nothing is kept of it."""
    try:
        match = resolve(path, urlconf)
    except Resolver404:
        return None
    rule = rule_of(match.func)
    if rule is None:
        return None
    names = tuple(name.format(**match.kwargs) for name in rule.names)
    return Plan(rule, f"page:{release()}:{language}:{path}", names)


def entry_of(
    request: HttpRequest,
    response: HttpResponseBase,
    claim: store.Claim | None,
    more: Mapping[str, bytes],
) -> Entry | None:
    """The answer as it can be kept; None for one that is for nobody else."""
    if not isinstance(response, HttpResponse) or response.status_code not in SECONDS_KEPT:
        return None
    if not keep_visitors_out(request, response):
        return None
    if response.status_code != 404:
        response.headers.setdefault("Cache-Control", CACHE_CONTROL)
    if re.search(r"no-store|private", response.get("Cache-Control", "")):
        return None
    patch_vary_headers(response, ["Accept-Encoding"])
    return Entry.of(
        versions=claim.versions if claim else b"",
        built_at=claim.built_at if claim else 0,
        status=response.status_code,
        headers={name: value for name, value in response.items() if name != "Content-Length"},
        body=response.content,
        more=more,
    )


def answer(request: HttpRequest, entry: Entry, *, how: str) -> HttpResponseBase:
    """What is kept, as this client takes it: packed or not, or only that nothing has changed."""
    request.META["PAGE"] = how
    response = HttpResponse(status=entry.status, headers=entry.headers)
    if "HTTP_IF_NONE_MATCH" in request.META:
        unchanged = get_conditional_response(request, etag=entry.headers["ETag"], response=response)
        if unchanged and unchanged is not response:
            return unchanged
    if ACCEPTS_GZIP.search(request.META.get("HTTP_ACCEPT_ENCODING", "")):
        response.content = entry.packed_body
        response.headers["Content-Encoding"] = "gzip"
    else:
        response.content = entry.body
    response.headers["Content-Length"] = str(len(response.content))
    return response
