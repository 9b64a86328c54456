"""A webhook that staff put back, or try out: T05, T11."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection, transaction
from django.test import Client

from accounts.tests.builders import make_staff
from catalog.tests.builders import make_variant
from orders.models import OrderStatus
from orders.settlement import close_unpaid
from orders.tests.builders import make_cart, make_order
from payments.checkout import place_and_pay
from payments.inbox.replaying import replay_webhook
from payments.models import (
    PaymentAttempt,
    PaymentException,
    PaymentReceipt,
    WebhookEvent,
    lock_order_and_attempt,
)
from payments.tests.builders import make_attempt, pay
from payments.tests.invariants import check_invariants
from payments.tests.simulated import Simulator
from payments.tests.test_admin import signed_in, url_of
from payments.tests.test_checkout import attempt_of, order_form
from payments.tests.test_following_up import placed_attempt, status_of, turn_money_loop
from payments.tests.test_webhooks import send_webhook
from payments.webhooks import process_webhook
from tests.racing import race

pytestmark = pytest.mark.django_db(transaction=True)
RIGHTS = ("payments.view_webhookevent", "payments.change_webhookevent")
Event = WebhookEvent.State
FACTS = ("thing", "name", "before", "after")


def press(client: Client, event: WebhookEvent, button: str, **fields: object) -> int:
    url = url_of(event).replace("/change/", f"/{button}/")
    return client.post(url, {"replays": event.replays, **fields}).status_code


def everything() -> dict[str, str]:
    """Of each table, all rows with who wrote them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
            " AND tablename <> 'accounts_session'"
        )
        found = {}
        for (table,) in cursor.fetchall():
            cursor.execute(
                f"SELECT md5(string_agg(xmin::text || one::text, '|' ORDER BY one::text))"  # noqa: S608 - names of our own tables
                f' FROM "{table}" AS one'
            )
            found[table] = cursor.fetchone()[0]
    return found


@pytest.mark.parametrize("state", [Event.DEAD, Event.UNMATCHED])
def test_an_event_is_put_back_and_the_loop_does_the_rest(
    gateway_up: Simulator, client: Client, state: str
) -> None:
    attempt = placed_attempt()
    send_webhook(client, attempt)
    event = WebhookEvent.objects.get()
    WebhookEvent.objects.update(state=state, next_try_at=None, tries=12, last_error="Ambiguous")
    kind = PaymentException.Kind.WEBHOOK
    PaymentException.objects.create(kind=kind, key=f"webhook:{event.pk}")
    gateway_up.pay(attempt.gateway_ref)
    staff = make_staff(*RIGHTS)
    assert press(signed_in(staff), event, "replay") == 302
    turn_money_loop()
    event.refresh_from_db()
    assert (event.state, event.tries, event.last_error) == (Event.PROCESSED, 1, "")
    assert status_of(attempt) == OrderStatus.CONFIRMED
    assert PaymentException.objects.get().resolved_at is not None
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id) == (staff, str(event.pk))
    check_invariants()


def test_one_that_was_processed_changes_nothing_the_second_time(
    gateway_up: Simulator, client: Client
) -> None:
    attempt = placed_attempt()
    gateway_up.pay(attempt.gateway_ref)
    send_webhook(client, attempt)
    turn_money_loop()
    event = WebhookEvent.objects.get()
    receipt = PaymentReceipt.objects.get()
    changed = [
        ("attempt", attempt.reference, "pending", "succeeded"),
        ("order", attempt.order.number, "pending", "confirmed"),
        ("receipt", str(receipt), "", "applied"),
    ]
    assert [tuple(one[name] for name in FACTS) for one in event.changed] == changed
    page = signed_in().get(url_of(event)).text
    for row in (attempt, attempt.order, receipt):
        assert f'href="{url_of(row)}"' in page
    assert press(signed_in(), event, "replay") == 302
    assert WebhookEvent.objects.get().ended_at is None
    turn_money_loop()
    event.refresh_from_db()
    assert (event.state, event.replays, len(event.changed)) == (Event.PROCESSED, 1, 3)
    assert event.ended_at is not None
    assert PaymentReceipt.objects.count() == 1
    check_invariants()


def test_of_many_presses_on_one_page_one_counts(gateway_up: Simulator, client: Client) -> None:
    send_webhook(client, placed_attempt(), event="something.new")
    event = process_webhook(event_id=WebhookEvent.objects.get().pk)
    again = partial(replay_webhook, event_id=event.pk, seen=0, user_id=make_staff().pk)
    assert sorted(race([again] * 4), key=bool) == [False, False, False, True]
    # Nor one that comes after it has been processed.
    process_webhook(event_id=event.pk)
    assert again() is False
    event.refresh_from_db()
    assert (event.state, event.replays, LogEntry.objects.count()) == (Event.IGNORED, 1, 1)


@pytest.mark.parametrize("button", ["replay", "dry-run"])
def test_whoever_may_only_read_neither_puts_back_nor_tries_out(
    gateway_up: Simulator, client: Client, button: str
) -> None:
    send_webhook(client, placed_attempt())
    event = process_webhook(event_id=WebhookEvent.objects.get().pk)
    reader = signed_in(make_staff(RIGHTS[0]))
    before = everything()
    assert f"/{button}/" not in reader.get(url_of(event)).text
    assert f"/{button}/" in signed_in().get(url_of(event)).text
    assert press(reader, event, button) == 403
    changed = everything().items() - before.items()
    assert {table for table, _rows in changed} <= {"accounts_user"}


# --- trying out ----------------------------------------------------------------------------------
def dry_run(client: Client, event: WebhookEvent) -> str:
    """The page; nothing in the whole database has changed."""
    before = everything()
    answer = client.post(url_of(event).replace("/change/", "/dry-run/"))
    assert answer.status_code == 200
    assert everything() == before
    return answer.text


def test_a_dry_run_shows_what_a_payment_would_change_and_changes_nothing(
    gateway_up: Simulator, client: Client
) -> None:
    attempt = placed_attempt()
    paid = gateway_up.pay(attempt.gateway_ref)
    send_webhook(client, attempt)
    [event] = WebhookEvent.objects.all()
    staff = signed_in()
    staff.get("/admin/")
    text = dry_run(staff, event)
    order = attempt.order
    for words in (
        paid["payment_id"],
        attempt.reference,
        order.number,
        "succeeded",
        "awaiting payment",
        "confirmed",
        "applied to the order",
        order.total.format(),
        f"−{order.total.format()}",
        "At the gateway: xendit",
    ):
        assert words in text, words
    # And it comes true.
    turn_money_loop()
    assert status_of(attempt) == OrderStatus.CONFIRMED
    assert "Nothing of orders and money." in dry_run(staff, event)


def test_a_dry_run_of_late_money_shows_whom_it_would_be_owed(
    gateway_up: Simulator, client: Client
) -> None:
    """Its goods are sold out: a refund would begin."""
    mug = make_variant(on_hand=1)
    attempt = attempt_of(place_and_pay(**order_form(make_cart({mug: 1}))).order)
    gateway_up.pay(attempt.gateway_ref)
    close_unpaid(order_id=attempt.order_id)
    pay(make_attempt(make_order(lines={mug: 1})))
    send_webhook(client, attempt)
    text = dry_run(signed_in(), WebhookEvent.objects.get())
    for words in ("paid too late, sold out", "paid late, goods sold out", ">Open<", "approved"):
        assert words in text, words
    assert ">confirmed<" not in text


def test_a_dry_run_of_money_of_no_order(gateway_up: Simulator, client: Client) -> None:
    attempt = placed_attempt()
    gateway_up.pay(attempt.gateway_ref)
    PaymentAttempt.objects.update(reference="RENAMED-A1", gateway_ref="")
    send_webhook(client, attempt)
    text = dry_run(signed_in(), WebhookEvent.objects.get())
    for words in ("no such order", "belongs to no order", "At the gateway: xendit"):
        assert words in text, words


def test_while_somebody_works_on_the_order_a_dry_run_asks_to_come_back(
    gateway_up: Simulator, client: Client
) -> None:
    attempt = placed_attempt()
    gateway_up.pay(attempt.gateway_ref)
    send_webhook(client, attempt)
    event = WebhookEvent.objects.get()
    staff = signed_in()
    with held(attempt):
        answer = staff.post(url_of(event).replace("/change/", "/dry-run/"), follow=True)
    assert "being worked on right now" in answer.text


@contextmanager
def held(attempt: PaymentAttempt) -> Iterator[None]:
    """Somebody else's transaction has the order locked."""
    is_held, is_over = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                lock_order_and_attempt(attempt.pk)
                is_held.set()
                is_over.wait(30)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(hold)
        assert is_held.wait(30)
        try:
            yield
        finally:
            is_over.set()
