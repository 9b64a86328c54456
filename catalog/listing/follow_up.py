"""What follows a change of the catalogue: facet counts, caches, listings that waited.

The database notes each change in the transaction that makes it. One follow-up at a time reads the
notes, within a second as a rule. It may be killed anywhere: a note goes after its work is done,
and all of the work may be done again.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Collection, Mapping

import psycopg
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from catalog.caching import versions
from catalog.listing import bits
from catalog.listing.refresh import refresh
from catalog.models import (
    CategoryRedirect,
    CategoryTranslation,
    Listing,
    ListingChange,
    ListingSchedule,
    ProductRedirect,
    ProductTranslation,
    StaleListing,
)
from shop.core.listening import Listener

log = logging.getLogger(__name__)
CHANNEL = "catalogue"
BATCH = 500
NOTES = 5_000
# Between two rounds, so that a burst of sales makes a few fresh pages and not hundreds.
PAUSE_SECONDS = 0.2
# Any number that no other advisory lock uses (0005_listing.sql locks one per product).
ONE_AT_A_TIME = 5_738


def follow_up_forever(stop: threading.Event) -> None:
    """Run rounds until told to stop; a second process waits for the first to end."""
    listener = Listener(CHANNEL)
    while not stop.is_set():
        try:
            if not run_once():
                listener.wait(seconds=1.0)
            stop.wait(PAUSE_SECONDS)
        except (DatabaseError, psycopg.Error):
            log.warning("follow_up_database_away", exc_info=True)
            _start_over(listener, stop)
        except Exception:
            log.exception("follow_up_failed")
            _start_over(listener, stop)
    listener.close()
    connection.close()


def _start_over(listener: Listener, stop: threading.Event) -> None:
    connection.close()
    listener.close()
    stop.wait(1.0)


def run_once() -> bool:
    """One round. Returns whether there is more to do at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [ONE_AT_A_TIME])
        if cursor.fetchone() == (False,):
            return False
    try:
        waited = _refresh_waiting()
        return _read_notes() or waited
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_AT_A_TIME])


@transaction.atomic
def _refresh_waiting() -> bool:
    """Listings that were marked and left, and those that change because of the time."""
    marked = StaleListing.objects.order_by("pk").values_list("pk", "product_id")[:BATCH]
    by_pk = dict(marked)
    due = ListingSchedule.objects.filter(due_at__lte=timezone.now()).order_by("due_at")
    products = {*by_pk.values(), *due.values_list("product_id", flat=True)[:BATCH]}
    if products:
        # Marks first: a change that commits while this refreshes leaves a mark of its own.
        StaleListing.objects.filter(pk__in=by_pk).delete()
        refresh(sorted(products))
    return len(products) >= BATCH


def _read_notes() -> bool:
    notes = list(ListingChange.objects.order_by("pk")[:NOTES])
    if not notes:
        return False
    tokens: dict[int, set[str]] = defaultdict(set)
    for note in notes:
        if note.product_id is not None:
            tokens[note.product_id].update(note.tokens)
    bits.update({pk: touched for pk, touched in tokens.items() if touched})
    if not versions.bump(_stale_names(notes, tokens)):
        # Nobody could be told. The notes stay, so that no old page comes back with Valkey.
        return False
    ListingChange.objects.filter(pk__in=[note.pk for note in notes]).delete()
    return len(notes) == NOTES


def _stale_names(
    notes: Collection[ListingChange], tokens: Mapping[int, Collection[str]]
) -> set[str]:
    """The names of all caches that show something old now, as `catalog.caching` calls them."""
    names = {f"p:{slug}" for slug in _product_slugs(tokens)}
    names |= {f"p:{note.slug}" for note in notes if note.slug}
    if any(note.product_id is None and not note.slug for note in notes):
        names.add("tree")
    listed = {note.product_id for note in notes if note.is_listed and note.product_id is not None}
    if listed:
        touched = {token for pk in listed for token in tokens[pk]}
        current = Listing.objects.filter(product__in=listed).values_list("tokens", flat=True)
        touched.update(*current)
        categories = [int(token[1:]) for token in touched if token.startswith("c")]
        names |= {"catalogue", *(f"c:{slug}" for slug in _category_slugs(categories))}
    return names


def _product_slugs(product_pks: Collection[int]) -> set[str]:
    wanted = {"product__in": list(product_pks)}
    return {
        *ProductTranslation.objects.filter(**wanted).values_list("slug", flat=True),
        *ProductRedirect.objects.filter(**wanted).values_list("slug", flat=True),
    }


def _category_slugs(category_pks: Collection[int]) -> set[str]:
    wanted = {"category__in": list(category_pks)}
    return {
        *CategoryTranslation.objects.filter(**wanted).values_list("slug", flat=True),
        *CategoryRedirect.objects.filter(**wanted).values_list("slug", flat=True),
    }
