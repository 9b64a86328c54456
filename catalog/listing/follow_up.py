"""What follows a change of the catalogue: caches, listings that waited, facet counts.

Two threads beside the money loop, so that whoever tells the caches waits for nothing. Of each kind
one in all processes works at a time. They may be killed anywhere: a note goes after its work is
done, and all of the work may be done again.
"""

import logging
import threading
from collections.abc import Callable

import psycopg
from django.db import DatabaseError, connection
from django.db.models import QuerySet

from catalog.listing import bits, waiting
from catalog.listing.telling import NOTES, Clock, tell, tell_due, tokens_of, untold
from catalog.listing.turns import COUNTING, WRITING, turn
from catalog.listing.waiting import Pace, write_waiting
from catalog.models import ListingChange, StaleListing
from shop.core.due import Asked
from shop.core.listening import Listener

log = logging.getLogger(__name__)
CHANNEL = "catalogue"
# Between two rounds, so that a burst of sales makes a few fresh pages and not hundreds.
PAUSE_SECONDS = 0.2
# Nobody notifies when the time has come for a price: its page is told at the second, and its
# listing is written a moment later.
IDLE_TELLING_SECONDS = 0.5
IDLE_WRITING_SECONDS = 1.0


def tell_forever(stop: threading.Event) -> None:
    """Tell the caches until told to stop; a second process waits for the first to end."""
    clock = Clock()

    def work() -> bool:
        is_any_due, is_any_untold = _TO_TELL.answers()
        was_any = is_any_due and tell_due(clock)
        return (is_any_untold and tell()) or was_any

    _forever(stop, work, idle=IDLE_TELLING_SECONDS)


def follow_up_forever(stop: threading.Event) -> None:
    """Write listings and count facets until told to stop."""
    pace = Pace()
    _forever(
        stop,
        lambda: True in _TO_DO.answers() and work_once(pace),
        idle=IDLE_WRITING_SECONDS,
    )


def run_once() -> bool:
    """One round of everything. Returns whether there was anything to do."""
    was_any = work_once(Pace())
    return tell() or was_any


def work_once(pace: Pace) -> bool:
    with turn(WRITING) as is_mine:
        was_any = is_mine and write_waiting(pace)
    with turn(COUNTING) as is_mine:
        return (is_mine and _count()) or was_any


def _count() -> bool:
    notes = _uncounted().order_by("pk")[:NOTES]
    tokens = tokens_of(notes)
    if not tokens:
        return False
    bits.update(tokens)
    ListingChange.objects.filter(pk__in=[note.pk for note in notes]).update(is_counted=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
    return True


def _uncounted() -> "QuerySet[ListingChange]":
    return ListingChange.objects.filter(is_counted=False).exclude(tokens=[])


# Nearly always there is nothing to do: each thread asks so in one statement.
_TO_TELL = Asked(waiting.due, untold)
_TO_DO = Asked(waiting.due, StaleListing.objects.all, _uncounted)


def _forever(stop: threading.Event, work: Callable[[], bool], *, idle: float) -> None:
    listener = Listener(CHANNEL)
    while not stop.is_set():
        try:
            if work() or listener.wait(seconds=idle):
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
