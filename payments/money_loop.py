"""One turn of the money loop: webhooks, gateways, ended windows, invoices, the queue for stock.

Every piece of work is claimed for a lease and safe to repeat, so any number of loops may run and
any of them may be killed at any moment.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import DatabaseError, close_old_connections, connection

from catalog import waiting
from orders.models import OrderStatus
from orders.receipts.sealing import due_batches, seal_due
from payments.checkout import pay_again, submit
from payments.expiry import claim_due_expiries, expire_unpaid
from payments.models import AttemptState, PaymentAttempt
from payments.polling import BACKGROUND_TIMEOUT, claim_due_polls, poll
from payments.webhooks import claim_due_webhooks, process_webhook
from shop.core.errors import DomainError

log = logging.getLogger(__name__)
Job = Callable[[], object]


def run_once(pool: ThreadPoolExecutor) -> int:
    """Do all that is due; returns how many pieces of work there were."""
    jobs: list[Job] = [
        *(_job(process_webhook, event_id=pk) for pk in claim_due_webhooks()),
        *(_job(follow_up, attempt_id=pk) for pk in claim_due_polls()),
        *(_job(expire_unpaid, order_id=pk) for pk in claim_due_expiries()),
        *(_job(seal_due, limit=size) for size in due_batches()),
        *(_job(waiting.lapse, waiting_id=pk) for pk in waiting.due_lapses()),
        *(_job(waiting.serve, stock_item_id=pk) for pk in waiting.contested_items()),
    ]
    list(pool.map(_guarded, jobs))
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


def _job(function: Callable[..., object], **kwargs: int) -> Job:
    def job() -> object:
        return function(**kwargs)

    job.__name__ = function.__name__
    return job


def _guarded(job: Job) -> None:
    """One piece of work that fails must not stop the others; its lease brings it back."""
    try:
        job()
    except DatabaseError:
        log.warning("money_job_database", exc_info=True)
    except Exception:
        log.exception("money_job_failed", extra={"job": getattr(job, "__name__", "")})
    finally:
        close_old_connections()
        connection.close()
