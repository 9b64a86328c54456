"""Money after the end of its order, by the rule of its method: T20 and T21, over HTTP."""

from datetime import timedelta

import pytest
from django.core.checks import run_checks
from django.test import Client
from pytest_django import Settings

from catalog.tests.builders import stock_of
from orders.models import Order, OrderEvent
from orders.settlement import close_unpaid
from orders.tests.builders import make_order
from payments.late_money import Then, rule_of
from payments.models import PaymentAttempt, PaymentException, PaymentReceipt, Refund
from payments.tests.builders import make_attempt, make_capture, pay
from payments.tests.invariants import check_invariants
from payments.tests.simulated import Simulator
from payments.tests.test_following_up import placed_attempt
from payments.tests.test_webhooks import send_webhook
from payments.webhooks import claim_due_webhooks, process_webhook


def pay_late(gateway: Simulator, client: Client, *, is_sold_out: bool = False) -> PaymentAttempt:
    """Paid on DANA's page after the window; the webhook says so."""
    attempt = placed_attempt()
    shirt = attempt.order.lines.get().variant
    close_unpaid(order_id=attempt.order_id)
    if is_sold_out:
        make_order(lines={shirt: stock_of(shirt)[0]})
    gateway.pay(attempt.gateway_ref, force_late=True)
    assert send_webhook(client, attempt, webhook_id=f"wh-{attempt.reference}") == 200
    for event_id in claim_due_webhooks():
        process_webhook(event_id=event_id)
    return attempt


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("then", "is_sold_out", "becomes"),
    [
        ("fulfil", False, ("confirmed", "applied", [], [])),
        ("fulfil", True, ("expired", "unfulfillable", ["unfulfillable"], ["approved"])),
        ("give_back", False, ("expired", "late", ["late"], ["approved"])),
        ("ask", False, ("expired", "late", ["late"], [])),
    ],
)
def test_late_money_follows_the_rule_of_its_method(
    gateway_up: Simulator,
    client: Client,
    settings: Settings,
    then: str,
    is_sold_out: bool,  # noqa: FBT001 - a parameter of the test
    becomes: tuple[str, str, list[str], list[str]],
) -> None:
    settings.LATE_MONEY = {"*": {"then": "ask"}, "dana": {"then": then}}
    attempt = pay_late(gateway_up, client, is_sold_out=is_sold_out)
    assert (
        Order.objects.get(pk=attempt.order_id).status,
        PaymentReceipt.objects.get().disposition,
        list(PaymentException.objects.values_list("kind", flat=True)),
        list(Refund.objects.values_list("state", flat=True)),
    ) == becomes
    is_aside = becomes[1] == "late"
    assert OrderEvent.objects.filter(kind="paid_late").count() == int(is_aside)
    check_invariants()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("late_by", "then", "becomes"),
    [(-1, "ask", "applied"), (1, "fulfil", "applied"), (3, "fulfil", "late")],
)
def test_very_late_money_is_asked_about_and_what_was_paid_in_time_is_not(
    settings: Settings, late_by: int, then: str, becomes: str
) -> None:
    settings.LATE_MONEY = {"*": {"then": then, "ask_after_hours": 2}}
    attempt = make_attempt()
    close_unpaid(order_id=attempt.order_id)
    capture = make_capture(attempt.amount_minor)
    ended_at = capture.captured_at - timedelta(hours=late_by)
    Order.objects.filter(pk=attempt.order_id).update(ended_at=ended_at)
    assert pay(attempt, capture).disposition == becomes
    check_invariants()


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"dna": {"then": "ask"}}, "dna: no such method"),
        ({"dana": {"then": "fullfil"}}, "dana: then is 'fullfil'"),
        ({"dana": "refund"}, "dana: then is 'refund'"),
        ({"dana": {"ask_after_hours": "2"}}, "dana: ask_after_hours is '2'"),
        ({"dana": {"ask_after": 2}}, "dana: ask_after means nothing"),
    ],
    ids=["method", "word", "short", "hours", "name"],
)
def test_a_rule_that_cannot_be_read_fails_the_check_and_moves_no_money(
    settings: Settings, told: dict[str, object], says: str
) -> None:
    assert run_checks() == []
    settings.LATE_MONEY = settings.LATE_MONEY | told
    [error] = run_checks()
    assert (error.id, says in error.msg) == ("payments.E001", True)
    if "dana" in told:
        assert rule_of("dana").then is Then.ASK
