"""One turn of the money loop: webhooks, gateways and their lists, ended windows, invoices, stock.

Every piece of work is claimed for a lease and safe to repeat, so any number of loops may run and
any of them may be killed at any moment.
"""

import logging
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from django.db import Error, close_old_connections, connection
from django.db.models import Q

from catalog import waiting
from orders.models import OrderStatus
from orders.receipts import sealing
from payments import expiry, polling, webhooks
from payments.checkout import pay_again, submit
from payments.credit import expiring
from payments.failing import count_failure, is_put_off, note_success
from payments.job_tally import TALLY
from payments.models import (
    AttemptState,
    GatewayTransaction,
    PaymentAttempt,
    Refund,
    StatementReading,
)
from payments.polling import BACKGROUND_TIMEOUT, poll
from payments.reconciling import matching, reading
from payments.refunds import sending
from shop.core.due import Asked, Due, Rows
from shop.core.errors import DomainError

log = logging.getLogger(__name__)
# So much of a kind is done in one turn; after so many jobs there may be more.
FULL = 20


@dataclass(frozen=True, slots=True)
class Work:
    """A kind of work: rows that say whether there is any, and what to do for each one claimed.

    `due` is the time of its rows, where they have one: what fails is put off there. `by_hand` are
    those for which it may be done out of turn; `of_order` finds them by an order's number.
    """

    name: str
    says: str
    rows: tuple[Rows, ...]
    claim: Callable[[], Iterable[int]]
    do: Callable[[int], object]
    due: Due | None = None
    by_hand: Rows | None = None
    of_order: Callable[[str], Q] | None = None

    def jobs(self) -> list["Job"]:
        return [Job(self, pk) for pk in self.claim() if not is_put_off(self.name, pk)]


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of it."""

    work: Work
    pk: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a piece of work returned, or what it raised."""

    result: object = None
    error: Exception | None = None


def _by_reference(number: str) -> Q:
    return Q(reference__startswith=f"{number}-")


def timed(
    name: str,
    says: str,
    due: Due,
    claim: Callable[[], Iterable[int]],
    do: Callable[[int], object],
    *,
    by_hand: Rows | None = None,
    of_order: Callable[[str], Q] | None = None,
) -> Work:
    """What only asks, and repeats nothing, may be done for any row: those name `by_hand`."""
    return Work(name, says, (due.rows,), claim, do, due, by_hand or due.rows, of_order)


AT_ONCE = (
    timed(
        "process_webhook",
        "asks the gateway about what a webhook told, and books the answer",
        webhooks.DUE,
        webhooks.claim_due_webhooks,
        lambda pk: webhooks.process_webhook(event_id=pk),
        by_hand=webhooks.DUE.waiting,
        of_order=_by_reference,
    ),
    timed(
        "follow_up",
        "submits an attempt, or asks the gateway about it and books the answer",
        polling.DUE,
        polling.claim_due_polls,
        lambda pk: follow_up(attempt_id=pk),
        by_hand=PaymentAttempt.objects.all,
        of_order=lambda number: Q(order__number=number),
    ),
    timed(
        "expire_unpaid",
        "ends an order whose window is over, once the gateway says that no money comes",
        expiry.DUE,
        expiry.claim_due_expiries,
        lambda pk: expiry.expire_unpaid(order_id=pk),
        of_order=lambda number: Q(number=number),
    ),
    timed(
        "follow_refund",
        "sends an approved refund, or asks how one ended",
        sending.DUE,
        sending.claim_due_refunds,
        lambda pk: sending.follow_refund(refund_id=pk),
        by_hand=Refund.objects.all,
        of_order=lambda number: Q(order__number=number),
    ),
    timed(
        "expire_credit",
        "books store credit that nobody can use any more",
        expiring.DUE,
        expiring.claim_due_credit,
        lambda pk: expiring.expire_credit(account_id=pk),
    ),
    timed(
        "read_statement",
        "reads a page of a gateway's list",
        reading.DUE,
        reading.claim_due_readings,
        lambda pk: reading.read_page(reading_id=pk),
        by_hand=StatementReading.objects.all,
    ),
    timed(
        "match_transaction",
        "matches a listed movement with what is known here, and books what is missing",
        matching.DUE,
        matching.claim_due_matches,
        lambda pk: matching.match_transaction(transaction_id=pk),
        by_hand=GatewayTransaction.objects.all,
        of_order=_by_reference,
    ),
    Work(
        "lapse",
        "ends a hold for somebody in the queue who did not use it",
        (waiting.over,),
        waiting.due_lapses,
        lambda pk: waiting.lapse(waiting_id=pk),
        by_hand=waiting.over,
    ),
    Work(
        "serve",
        "hands free units to whoever waits for them",
        (waiting.contested,),
        waiting.contested_items,
        lambda pk: waiting.serve(stock_item_id=pk),
        by_hand=waiting.contested,
    ),
)
SEALING = Work(
    "seal_due",
    "gives invoices and credit notes their numbers, many at once",
    (sealing.due_orders, sealing.due_credits),
    lambda: [sealing.BATCH],
    lambda size: sealing.seal_batches(size=size),
)
KINDS = {work.name: work for work in (*AT_ONCE, SEALING)}


class Turn:
    """Some kinds of work, about which the database is asked in one statement."""

    def __init__(self, *kinds: Work) -> None:
        self._kinds = kinds
        self._asked = Asked(*(rows for work in kinds for rows in work.rows))

    def jobs(self) -> list[Job]:
        """What is due of all kinds, each piece claimed by the caller."""
        answers = iter(self._asked.answers())
        jobs: list[Job] = []
        for work in self._kinds:
            if True in list(islice(answers, len(work.rows))):
                jobs += work.jobs()
        return jobs


WITHOUT_SEALING = Turn(*AT_ONCE)
ALL = Turn(*AT_ONCE, SEALING)


def run_once(pool: ThreadPoolExecutor, turn: Turn = ALL) -> int:
    """Do what is due; returns how many pieces of work there were."""
    jobs = turn.jobs()
    if len(jobs) == 1:
        # Nobody has to be woken for it, nor another connection fetched.
        do_job(jobs[0])
    else:
        list(pool.map(_in_thread, jobs))
    return len(jobs)


def follow_up(*, attempt_id: int) -> PaymentAttempt:
    """Bring one attempt forward: submit it, ask about it, or replace one that never got there."""
    attempt = PaymentAttempt.objects.select_related("order").get(pk=attempt_id)
    if attempt.state == AttemptState.NEW:
        if attempt.order.status != OrderStatus.PENDING:
            return _never_submitted(attempt)
        return submit(attempt_id=attempt_id, timeout=BACKGROUND_TIMEOUT)
    was_open = attempt.is_open
    attempt = poll(attempt_id=attempt_id)
    if was_open and attempt.state == AttemptState.ABANDONED:
        return _replace(attempt)
    return attempt


def _replace(attempt: PaymentAttempt) -> PaymentAttempt:
    """The customer still waits on the pay page: ask again under a new reference."""
    if attempt.cancel_requested_at is not None:
        return attempt
    try:
        return pay_again(order=attempt.order, method=attempt.method, details=attempt.details)
    except DomainError:
        return attempt


def _never_submitted(attempt: PaymentAttempt) -> PaymentAttempt:
    PaymentAttempt.objects.filter(pk=attempt.pk, state=AttemptState.NEW).update(
        state=AttemptState.ABANDONED, next_poll_at=None
    )
    attempt.refresh_from_db()
    return attempt


def _in_thread(job: Job) -> None:
    try:
        do_job(job)
    finally:
        connection.close()


def do_job(job: Job) -> Outcome:
    """One piece of work that fails must not stop the others; it comes back, later and later."""
    work, pk = job.work, job.pk
    began = time.monotonic()
    outcome = _done(job)
    TALLY.count(work.name, seconds=time.monotonic() - began, is_failure=outcome.error is not None)
    if outcome.error is None:
        note_success(work.name, pk)
    else:
        count_failure(work.name, pk, outcome.error, due=work.due)
    return outcome


def _done(job: Job) -> Outcome:
    facts = {"job": job.work.name, "pk": job.pk}
    try:
        return Outcome(job.work.do(job.pk))
    except Error as error:
        log.warning("money_job_database", exc_info=True, extra=facts)
        close_old_connections()
        return Outcome(error=error)
    except Exception as error:
        log.exception("money_job_failed", extra=facts)
        return Outcome(error=error)
