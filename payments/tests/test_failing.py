"""Work of the money loop that fails for ever is counted, put off, told, and forgotten when well."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from orders.tests.life.builders import staff
from payments.failing import RECOVERED_AFTER, TELL_AFTER
from payments.models import FailingWork, PaymentException, Refund
from payments.money_loop import ALL, Job, Work, do_job, run_once
from payments.receipts import book_receipt
from payments.refunds.exceptions import refund_exception
from payments.tasks import prune
from payments.tests.builders import make_capture

pytestmark = pytest.mark.django_db


def impossible_refund() -> Refund:
    """Of no attempt, and yet to be sent by a gateway: its work raises each time."""
    book_receipt(gateway="xendit", reference="nobody", capture=make_capture(75_000))
    exception = PaymentException.objects.get()
    [refund] = refund_exception(exception_id=exception.pk, user_id=staff().pk)
    Refund.objects.update(channel="gateway", gateway="xendit", state="unknown")
    return refund


def turn() -> timedelta:
    """One turn with the refund due; how long it has to wait then."""
    Refund.objects.update(next_try_at=timezone.now() - timedelta(seconds=1))
    with ThreadPoolExecutor(1) as pool:
        assert run_once(pool, ALL) == 1
    next_try = Refund.objects.get().next_try_at
    assert next_try is not None
    return next_try - timezone.now()


def told() -> int:
    return PaymentException.objects.filter(kind="work_fails", resolved_at=None).count()


# Breaks them: a refund that no code makes is ended by writing its state.
@pytest.mark.breaks_books
def test_what_fails_again_and_again_waits_longer_and_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    refund = impossible_refund()
    waits = []
    for number in range(1, TELL_AFTER + 4):
        waits.append(turn())
        assert FailingWork.objects.get().failures == number
        assert told() == (number >= TELL_AFTER)
    minutes = [2, 4, 8, 16, 32, 60, 60]
    assert [round(one.total_seconds() / 60) for one in waits[1:]] == minutes
    failing = FailingWork.objects.get()
    assert (failing.name, failing.subject_id) == ("follow_refund", refund.pk)
    assert failing.error.startswith("LookupError at payments/refunds/sending.py:")
    stuck = [vars(one) for one in caplog.records if one.message == "money_job_stuck"]
    assert [one["failures"] for one in stuck] == [5, 6, 7, 8]
    # It goes well once more: nobody has to do anything.
    Refund.objects.update(state="succeeded", next_try_at=timezone.now())
    with ThreadPoolExecutor(1) as pool:
        run_once(pool, ALL)
    assert (FailingWork.objects.count(), told()) == (0, 0)


def test_what_another_process_has_put_right_is_forgotten_by_itself() -> None:
    impossible_refund()
    for _time in range(TELL_AFTER):
        turn()
    prune()
    assert told() == 1
    FailingWork.objects.update(last_at=timezone.now() - RECOVERED_AFTER - timedelta(seconds=1))
    prune()
    assert (FailingWork.objects.count(), told()) == (0, 0)


def test_what_goes_well_costs_no_statement(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    impossible_refund()
    turn()
    well = Work("follow_refund", "", (), list, lambda pk: pk)
    with django_assert_num_queries(0):
        do_job(Job(well, 0))


def test_work_without_a_time_of_its_own_is_left_alone_for_a_while() -> None:
    done: list[int] = []

    def fail(pk: int) -> None:
        done.append(pk)
        raise LookupError(pk)

    work = Work("lapse", "", (), lambda: [1, 2], fail)
    for job in work.jobs():
        do_job(job)
    assert (done, work.jobs()) == ([1, 2], [])
