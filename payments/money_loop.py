"""One turn of the money loop: webhooks, gateways and their lists, ended windows, invoices, stock.

Every piece of work is claimed for a lease and safe to repeat, so any number of loops may run and
any of them may be killed at any moment.
"""

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from django.db import Error, close_old_connections, connection

from catalog import waiting
from orders.models import OrderStatus
from orders.receipts import sealing
from payments import expiry, polling, webhooks
from payments.checkout import pay_again, submit
from payments.credit import expiring
from payments.failing import count_failure, is_put_off, note_success
from payments.models import AttemptState, PaymentAttempt
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

    `due` is the time of its rows, where they have one: what fails is put off there.
    """

    name: str
    rows: tuple[Rows, ...]
    claim: Callable[[], Iterable[int]]
    do: Callable[[int], object]
    due: Due | None = None

    def jobs(self) -> list["Job"]:
        return [Job(self, pk) for pk in self.claim() if not is_put_off(self.name, pk)]


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of it."""

    work: Work
    pk: int


def timed(
    name: str, due: Due, claim: Callable[[], Iterable[int]], do: Callable[[int], object]
) -> Work:
    return Work(name, (due.rows,), claim, do, due)


AT_ONCE = (
    timed(
        "process_webhook",
        webhooks.DUE,
        webhooks.claim_due_webhooks,
        lambda pk: webhooks.process_webhook(event_id=pk),
    ),
    timed(
        "follow_up",
        polling.DUE,
        polling.claim_due_polls,
        lambda pk: follow_up(attempt_id=pk),
    ),
    timed(
        "expire_unpaid",
        expiry.DUE,
        expiry.claim_due_expiries,
        lambda pk: expiry.expire_unpaid(order_id=pk),
    ),
    timed(
        "follow_refund",
        sending.DUE,
        sending.claim_due_refunds,
        lambda pk: sending.follow_refund(refund_id=pk),
    ),
    timed(
        "expire_credit",
        expiring.DUE,
        expiring.claim_due_credit,
        lambda pk: expiring.expire_credit(account_id=pk),
    ),
    timed(
        "read_statement",
        reading.DUE,
        reading.claim_due_readings,
        lambda pk: reading.read_page(reading_id=pk),
    ),
    timed(
        "match_transaction",
        matching.DUE,
        matching.claim_due_matches,
        lambda pk: matching.match_transaction(transaction_id=pk),
    ),
    Work(
        "lapse",
        (waiting.over,),
        waiting.due_lapses,
        lambda pk: waiting.lapse(waiting_id=pk),
    ),
    Work(
        "serve",
        (waiting.contested,),
        waiting.contested_items,
        lambda pk: waiting.serve(stock_item_id=pk),
    ),
)
SEALING = Work(
    "seal_due",
    (sealing.due_orders, sealing.due_credits),
    lambda: [sealing.BATCH],
    lambda size: sealing.seal_batches(size=size),
)


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
        _guarded(jobs[0])
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
        _guarded(job)
    finally:
        connection.close()


def _guarded(job: Job) -> None:
    """One piece of work that fails must not stop the others; it comes back, later and later."""
    work, pk = job.work, job.pk
    try:
        work.do(pk)
    except Error as error:
        log.warning("money_job_database", exc_info=True, extra={"job": work.name, "pk": pk})
        close_old_connections()
        count_failure(work.name, pk, error, due=work.due)
    except Exception as error:
        log.exception("money_job_failed", extra={"job": work.name, "pk": pk})
        count_failure(work.name, pk, error, due=work.due)
    else:
        note_success(work.name, pk)
