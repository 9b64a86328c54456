"""Events that stay are told, and what they said is forgotten in time: I8."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import checks
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.tests.builders import make_staff
from payments import tasks
from payments.models import RefusedHour, RefusedWebhook, WebhookEvent
from payments.tests.builders import make_attempt
from payments.tests.test_admin import signed_in
from shop.core.models import Heartbeat

pytestmark = pytest.mark.django_db
State = WebhookEvent.State
LONG_AGO = timedelta(days=90, minutes=1)


def make_event(age: timedelta, state: str = State.PROCESSED, **fields: object) -> WebhookEvent:
    given: dict[str, Any] = {
        "gateway": "xendit",
        "body": b"{}",
        "body_sha256": "a" * 64,
        "next_try_at": None,
    }
    given |= {"headers": {"user-agent": "x"}, "received_at": timezone.now() - age, "state": state}
    return WebhookEvent.objects.create(**given | fields)


def is_emptied(event: WebhookEvent) -> bool:
    event.refresh_from_db()
    emptied = (bytes(event.body), event.headers, event.redacted_at is not None)
    assert event.body_sha256 == "a" * 64
    assert emptied in [(b"", {}, True), (b"{}", {"user-agent": "x"}, False)]
    return emptied[2]


# Breaks them: events of every state are written as they are, without the exceptions they open.
@pytest.mark.breaks_books
def test_bodies_are_emptied_after_90_days_and_never_of_what_has_not_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("payments.inbox.forgetting.BATCH", 2)
    ended = [State.PROCESSED, State.IGNORED, State.UNMATCHED, State.DEAD, State.REJECTED]
    old = [make_event(LONG_AGO, state) for state in ended]
    young = make_event(timedelta(days=89))
    now = timezone.now()
    waiting = [
        make_event(LONG_AGO, state, next_try_at=now)
        for state in (State.RECEIVED, State.RETRY, State.UNMATCHED)
    ]
    tasks.prune()
    assert [is_emptied(event) for event in old] == [True] * 5
    assert [is_emptied(event) for event in [young, *waiting]] == [False] * 4


def test_what_strangers_sent_is_forgotten_sooner() -> None:
    now = timezone.now()
    for age in (timedelta(days=13), timedelta(days=15)):
        when = {"gateway": "xendit", "received_at": now - age}
        RefusedWebhook.objects.create(reason="wrong", body=b"", size=0, **when)
        RefusedHour.objects.create(gateway="xendit", began_at=now - age, number=1, bytes=1)
    tasks.prune()
    assert (RefusedWebhook.objects.count(), RefusedHour.objects.count()) == (1, 1)


def told(caplog: pytest.LogCaptureFixture) -> list[tuple[str, int]]:
    caplog.clear()
    tasks.watch_webhooks()
    return [(record.message, vars(record)["number"]) for record in caplog.records]


# Breaks them: a dead event is written as it is, without the exception that one opens.
@pytest.mark.breaks_books
def test_an_event_that_stays_is_told_in_the_log_and_to_staff(
    caplog: pytest.LogCaptureFixture,
) -> None:
    now = timezone.now()
    make_event(timedelta(minutes=14), State.RETRY, next_try_at=now)
    make_event(timedelta(hours=9), State.DEAD)
    assert told(caplog) == []
    beat = Heartbeat.objects.get(name="webhooks").beat_at
    staff = signed_in(make_staff("payments.view_webhookevent"))
    assert "overdue" not in staff.get("/admin/").text
    make_event(timedelta(minutes=16), State.RETRY, next_try_at=now + timedelta(minutes=9))
    assert told(caplog) == [("webhooks_overdue", 1)]
    assert Heartbeat.objects.get(name="webhooks").beat_at == beat
    page = staff.get("/admin/").text
    assert 'href="/admin/payments/webhookevent/?age=overdue"' in page
    assert "overdue" not in signed_in(make_staff("payments.view_refund")).get("/admin/").text
    listed = staff.get("/admin/payments/webhookevent/?age=overdue")
    assert [event.state for event in listed.context["cl"].result_list] == ["retry"]


def test_strangers_who_come_too_often_are_told(
    caplog: pytest.LogCaptureFixture, settings: Settings
) -> None:
    settings.WEBHOOK_REFUSED = settings.WEBHOOK_REFUSED | {"alarm": 10}
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    for gateway, number, age in (("xendit", 10, 0), ("midtrans", 9, 0), ("xendit", 99, 2)):
        began_at = hour - timedelta(hours=age)
        RefusedHour.objects.create(gateway=gateway, number=number, bytes=1, began_at=began_at)
    assert told(caplog) == [("webhooks_refused", 10)]


def test_staff_read_what_was_refused_as_text(client: Client) -> None:
    body = b"<script>alert(1)</script>\xff"
    kept = RefusedWebhook.objects.create(gateway="xendit", reason="wrong", body=body, size=99)
    page = signed_in().get(f"/admin/payments/refusedwebhook/{kept.pk}/change/").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\ufffd" in page
    assert signed_in().get("/admin/payments/refusedwebhook/?reason__exact=wrong").status_code == 200


def test_whose_webhooks_are_taken_is_asked_for_before_a_shop_goes_live(settings: Settings) -> None:
    def warned() -> bool:
        found = checks.run_checks(include_deployment_checks=True)
        return "payments.W001" in {message.id for message in found}

    assert warned()
    settings.XENDIT_BUSINESS_ID = "5f27a14a9bf05c73dd040bc8"
    assert not warned()


# Breaks them: the events came from nowhere.
@pytest.mark.breaks_books
def test_an_order_s_events_are_found_by_its_number_and_say_how_long_they_took() -> None:
    attempt, other = make_attempt(), make_attempt()
    at = timezone.now() - timedelta(hours=1)
    for reference in (attempt.reference, other.reference):
        ended_at = at + timedelta(seconds=3.04)
        make_event(timedelta(hours=1), reference=reference, received_at=at, ended_at=ended_at)
    staff = signed_in(make_staff("payments.view_webhookevent"))
    page = staff.get(f"/admin/payments/webhookevent/?q={attempt.order.number.lower()}")
    [found] = page.context["cl"].result_list
    assert found.reference == attempt.reference
    assert '<td class="field-took">3.0 s</td>' in page.text
