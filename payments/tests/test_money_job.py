"""`manage.py money_job`: work of the money loop by hand, and the loop's own account of a minute."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from orders.models import Order, OrderStatus
from payments.job_tally import SECONDS, Tally
from payments.models import FailingWork, PaymentAttempt, Refund, WebhookEvent
from payments.money_loop import KINDS
from payments.tests.builders import make_attempt
from payments.tests.inbox.test_keeping import make_event
from payments.tests.invariants import check_invariants
from payments.tests.simulated import Simulator
from payments.tests.test_failing import impossible_refund, turn
from payments.tests.test_following_up import placed_attempt, status_of

pytestmark = pytest.mark.django_db(transaction=True)


def money_job(*arguments: str, **options: Any) -> list[str]:
    """What it prints."""
    printed = StringIO()
    call_command("money_job", *arguments, stdout=printed, **options)
    return printed.getvalue().splitlines()


def later(pk: int) -> None:
    """It would be asked about in an hour."""
    then = timezone.now() + timedelta(hours=1)
    PaymentAttempt.objects.filter(pk=pk).update(next_poll_at=then)


def test_an_order_s_money_is_asked_for_now_whatever_the_schedule_says(
    gateway_up: Simulator,
) -> None:
    attempt, other = placed_attempt(), placed_attempt()
    # Nobody tells of it, and nobody would ask for an hour.
    gateway_up.pay(attempt.gateway_ref, silent=True)
    later(attempt.pk)
    printed = money_job("--order", attempt.order.number.lower())
    assert printed == [f"follow_up {attempt.pk}: {attempt.reference}, succeeded"]
    assert [status_of(attempt), status_of(other)] == [OrderStatus.CONFIRMED, OrderStatus.PENDING]
    check_invariants()


def test_one_row_is_worked_at_by_its_key(gateway_up: Simulator) -> None:
    attempt = placed_attempt()
    later(attempt.pk)
    gateway_up.pay(attempt.gateway_ref, silent=True)
    assert money_job("follow_up") == ["nothing is due"]
    assert status_of(attempt) == OrderStatus.PENDING
    money_job("follow_up", "--pk", str(attempt.pk))
    assert status_of(attempt) == OrderStatus.CONFIRMED


@pytest.mark.parametrize("by", ["pk", "order"])
def test_an_order_is_not_ended_before_its_window_is_over(by: str) -> None:
    attempt = make_attempt()
    order = attempt.order
    Order.objects.update(next_expiry_at=timezone.now() + timedelta(minutes=5))
    if by == "order":
        assert money_job("expire_unpaid", "--order", order.number) == ["nothing is due"]
    else:
        with pytest.raises(CommandError, match="nothing that expire_unpaid may do now"):
            money_job("expire_unpaid", "--pk", str(order.pk))
    assert status_of(attempt) == OrderStatus.PENDING


# Breaks them: the event came from nowhere.
@pytest.mark.breaks_books
def test_a_webhook_that_has_ended_is_not_processed_by_hand() -> None:
    event = make_event(timedelta(hours=1))
    with pytest.raises(CommandError, match="nothing that process_webhook may do now"):
        money_job("process_webhook", "--pk", str(event.pk))
    event.refresh_from_db()
    assert (event.state, event.tries) == (WebhookEvent.State.PROCESSED, 0)


# Breaks them: a refund that no code makes is ended by writing its state.
@pytest.mark.breaks_books
def test_what_fails_by_hand_is_counted_and_what_goes_well_forgotten() -> None:
    refund = impossible_refund()
    turn()
    with pytest.raises(CommandError, match="1 of 1 failed"):
        money_job("follow_refund", "--pk", str(refund.pk))
    assert FailingWork.objects.get().failures == 2
    listed = {line.split()[0]: line.split()[1:3] for line in money_job("--list")[1:]}
    assert listed.keys() == KINDS.keys()
    assert listed["follow_refund"] == ["0", "1"]
    Refund.objects.update(state="succeeded")
    money_job("follow_refund", "--pk", str(refund.pk))
    assert FailingWork.objects.count() == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["seal_due", "--pk", "1"], "it has no --pk"),
        (["seal_due", "--order", "A"], "not of one order"),
        (["follow_up", "--order", "NO-SUCH"], "no order has the number NO-SUCH"),
        (["follow_up", "--pk", "0"], "0: not there"),
        (["--pk", "1"], "--pk goes with the name"),
        (["follow_up", "--pk", "1", "--order", "A"], "not with --order"),
        (["no_such"], "invalid choice"),
    ],
)
def test_what_cannot_be_done_is_refused(arguments: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        money_job(*arguments)


def test_a_minute_is_told_in_one_line_for_each_kind(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    tally = Tally(began=100.0)
    tally.count("follow_up", seconds=0.2, is_failure=False)
    tally.count("follow_up", seconds=0.4, is_failure=True)
    tally.count("lapse", seconds=0.01, is_failure=False)
    tally.tell(now=100.0 + SECONDS - 0.1)
    assert not caplog.records
    tally.tell(now=100.0 + SECONDS)
    tally.tell(now=100.0 + 2 * SECONDS)
    names = ("job", "jobs", "failed", "mean_ms", "longest_ms")
    told = [tuple(vars(one)[name] for name in names) for one in caplog.records]
    assert told == [("follow_up", 2, 1, 300, 400), ("lapse", 1, 0, 10, 10)]
