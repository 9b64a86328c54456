"""The Celery tasks of payments: bookkeeping and tidying; money itself never waits for Celery."""

import logging

from celery import shared_task
from django.db.models import Max
from django.utils import timezone

from orders.models import Order
from payments.books import CHECKS, check_named
from payments.books.totals import REPLAY
from payments.cod.overdue import tell_overdue
from payments.desk.digest import ask_for_owners
from payments.failing import forget_recovered
from payments.inbox import watching
from payments.inbox.forgetting import forget_bodies, forget_refused
from payments.proofs.keeping import forget_proofs
from payments.refunds.accounts import prune_accounts
from payments.sellers.sharing import share_due
from payments.transfers.forgetting import forget_payers
from shop.core.models import Heartbeat

log = logging.getLogger(__name__)
# Computing totals again is the one check that takes long: nightly for the newest orders only.
NEWEST = 50_000
# Of the differences that are logged: one cause can have very many.
MOST = 20


@shared_task(name="payments.prune")
def prune() -> None:
    """Forget what is personal and not needed any more, and what has stopped failing."""
    prune_accounts()
    forget_payers()
    forget_recovered()
    forget_proofs()
    forget_bodies()
    forget_refused()


@shared_task(name="payments.watch_webhooks")
def watch_webhooks() -> None:
    """Tell of events that stay, and of strangers who knock."""
    watching.watch_webhooks()


@shared_task(name="payments.share_sales")
def share_sales() -> None:
    """What was sold for other sellers is booked as theirs."""
    share_due()


@shared_task(name="payments.tell_untaken")
def tell_untaken() -> None:
    """Once a day: money that couriers keep, and exceptions that wait for an owner."""
    tell_overdue()
    ask_for_owners()


@shared_task(name="payments.check_books")
def check_books() -> None:
    """Ask each check by itself, so that none takes the time of another."""
    for check in CHECKS:
        check_book.delay(check.name)


@shared_task(name="payments.check_book")
def check_book(name: str) -> None:
    """One check. Its heartbeat `books:…` tells when it last found no difference."""
    check = check_named(name)
    differences = list(check.differences(first=_first(name)))
    if differences:
        log.error(
            "books_differ",
            extra={
                "check": name,
                "number": len(differences),
                "differences": [str(each) for each in differences[:MOST]],
                "look_at": check.look_at,
            },
        )
    else:
        Heartbeat.objects.update_or_create(
            name=f"books:{name}", defaults={"beat_at": timezone.now()}
        )


def _first(name: str) -> int:
    if name != REPLAY.name:
        return 0
    newest = Order.objects.aggregate(newest=Max("pk"))["newest"] or 0
    return max(newest - NEWEST, 0)
