"""Tells the caches what shows something else now, at once and whatever else there is to do.

The database notes each change in the transaction that makes it. A page that shows a product is told
first of all. Lists hold counts too: they are told when these are counted, and before already where
counting takes longer.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog.caching import versions
from catalog.listing import bits
from catalog.listing.turns import COUNTING, TELLING, turn
from catalog.models import (
    CategoryRedirect,
    CategoryTranslation,
    Listing,
    ListingChange,
    ListingSchedule,
    ProductRedirect,
    ProductTranslation,
)
from shop.core.cache import cache_server

log = logging.getLogger(__name__)
NOTES = 5_000
# So few are counted in a moment. More are left to who has the time.
FEW = 50
# What was due while nobody was here is still waiting to be written.
STARTING_UP = timedelta(minutes=1)
Tokens = Mapping[int, set[str]]


def tell() -> bool:
    """One round. Returns whether there was anything, and somebody could be told."""
    with turn(TELLING) as is_mine:
        # With nobody to tell, the notes are not even read.
        return is_mine and cache_server().is_alive() and _tell()


@dataclass(slots=True)
class Clock:
    """Until when it is told what begins or ends by itself."""

    told_until: datetime = field(default_factory=lambda: timezone.now() - STARTING_UP)


def tell_due(clock: Clock) -> bool:
    """Tell the pages on which a price or the publication has just begun or ended.

    Their listings take a while where they are very many, and tell them again. Returns whether there
    were any.
    """
    now = timezone.now()
    due = ListingSchedule.objects.filter(due_at__gt=clock.told_until, due_at__lte=now)
    names = {f"p:{slug}" for slug in _product_slugs(due.values("product_id"))}
    if not versions.bump(names):
        return False
    clock.told_until = now
    return bool(names)


def untold() -> "QuerySet[ListingChange]":
    """Notes of which somebody has yet to be told something."""
    return ListingChange.objects.filter(Q(is_told=False) | Q(is_counted=True))


def _tell() -> bool:
    notes = list(untold().order_by("pk")[:NOTES])
    if not notes:
        return False
    if not versions.bump(_pages([note for note in notes if not note.is_told])):
        # Nobody could be told. The notes stay, so that no old page comes back with Valkey.
        return False
    uncounted = tokens_of(note for note in notes if not note.is_counted)
    lists = _lists([note for note in notes if note.is_listed])
    is_counted = not uncounted or _count_few(uncounted)
    if not versions.bump(lists):
        return False
    done = [note.pk for note in notes if is_counted or note.is_counted or not note.tokens]
    ListingChange.objects.filter(pk__in=done).delete()
    left = {note.pk for note in notes}.difference(done)
    if left:
        ListingChange.objects.filter(pk__in=left).update(is_told=True)
    return True


def tokens_of(notes: Iterable[ListingChange]) -> Tokens:
    """Product pk → the tokens that it has gained or lost, of products that have any."""
    tokens: dict[int, set[str]] = defaultdict(set)
    for note in notes:
        if note.product_id is not None and note.tokens:
            tokens[note.product_id].update(note.tokens)
    return tokens


def _count_few(tokens: Tokens) -> bool:
    """Whether it is done: not where they are many, or somebody is counting."""
    if len(tokens) > FEW:
        return False
    with turn(COUNTING) as is_mine:
        if not is_mine:
            return False
        try:
            with transaction.atomic():
                _be_quick()
                bits.update(tokens)
        except DatabaseError:
            log.warning("facets_not_counted", exc_info=True)
            return False
        return True


def _be_quick() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '100ms'; SET LOCAL statement_timeout = '250ms'")


def _pages(notes: Sequence[ListingChange]) -> set[str]:
    """Names of what shows no counts, as `catalog.caching` calls them."""
    products = [note.product_id for note in notes if note.product_id is not None]
    slugs = _product_slugs(products) | {note.slug for note in notes if note.slug}
    names = {f"p:{slug}" for slug in slugs}
    if any(note.product_id is None and not note.slug for note in notes):
        names.add("tree")
    return names


def _lists(notes: Sequence[ListingChange]) -> list[str]:
    """Names of what shows cards. `catalogue` first: `show_cards_of` relies on that."""
    listed = {note.product_id for note in notes if note.product_id is not None}
    if not listed:
        return []
    touched = {token for note in notes for token in note.tokens}
    current = Listing.objects.filter(product__in=listed).values_list("tokens", flat=True)
    touched.update(*current)
    categories = [int(token[1:]) for token in touched if token.startswith("c")]
    slugs = _category_slugs(categories)
    return ["catalogue", *(f"c:{slug}" for slug in slugs), *(f"k:{pk}" for pk in listed)]


def _product_slugs(product_pks: Sequence[int] | QuerySet[Any, Any]) -> set[str]:
    wanted = {"product__in": product_pks}
    return {
        *ProductTranslation.objects.filter(**wanted).values_list("slug", flat=True),
        *ProductRedirect.objects.filter(**wanted).values_list("slug", flat=True),
    }


def _category_slugs(category_pks: Sequence[int]) -> set[str]:
    wanted = {"category__in": category_pks}
    return {
        *CategoryTranslation.objects.filter(**wanted).values_list("slug", flat=True),
        *CategoryRedirect.objects.filter(**wanted).values_list("slug", flat=True),
    }
