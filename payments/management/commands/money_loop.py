"""`manage.py money_loop`: money, the outbox, and what follows a change of the catalogue."""

import logging
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, connection

from catalog.listing.follow_up import follow_up_forever, tell_forever
from payments.job_tally import TALLY
from payments.money_loop import ALL, FULL, WITHOUT_SEALING, run_once
from payments.reconciling.reading import schedule_readings
from payments.webhooks import CHANNEL
from shop.core.listening import Listener
from shop.core.relay import relay_forever

log = logging.getLogger(__name__)
# An invoice needs no number within the second: those of a busy time are given many at once.
SEALING_SECONDS = 5.0


class Command(BaseCommand):
    help = (
        "Books money, asks gateways, ends unpaid orders, relays the outbox and brings facet counts "
        "and caches up to date until told to stop."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--threads", type=int, default=4, help="gateway calls at the same time")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        # Threads of their own: neither a black-holed broker nor a busy catalogue holds up money.
        beside = [
            threading.Thread(target=work, args=[stop], name=name, daemon=True)
            for name, work in (
                ("relay", relay_forever),
                ("caches", tell_forever),
                ("catalogue", follow_up_forever),
            )
        ]
        for thread in beside:
            thread.start()
        log.info("money_loop_started")
        with ThreadPoolExecutor(options["threads"], thread_name_prefix="money") as pool:
            _loop(pool, stop)
        for thread in beside:
            thread.join(timeout=5)


def _loop(pool: ThreadPoolExecutor, stop: threading.Event) -> None:
    listener = Listener(CHANNEL)
    seal_at, is_planned = 0.0, False
    while not stop.is_set():
        try:
            if not is_planned:
                schedule_readings()
                is_planned = True
            is_sealing = time.monotonic() >= seal_at
            done = run_once(pool, ALL if is_sealing else WITHOUT_SEALING)
            if is_sealing:
                seal_at = time.monotonic() + SEALING_SECONDS
                TALLY.tell(now=time.monotonic())
            # Whatever came meanwhile has been notified, and ends the wait at once.
            if done < FULL:
                listener.wait(seconds=1.0)
        except (Error, psycopg.Error):
            log.warning("money_loop_database_away", exc_info=True)
            connection.close()
            listener.close()
            stop.wait(1.0)
    listener.close()
