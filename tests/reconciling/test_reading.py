"""Runs over the gateway's list: every row once, whatever happens in between. T49."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import Settings

from payments.gateways import xendit_books
from payments.gateways.registry import statements
from payments.gateways.statements import TransactionPage
from payments.models import (
    GatewayTransaction,
    PaymentAttempt,
    PaymentException,
    PaymentReceipt,
    StatementReading,
)
from payments.reconciling.matching import match_transaction, record
from payments.reconciling.reading import (
    LEASE,
    TELL_AFTER,
    claim_due_readings,
    keep_page,
    next_run,
    read_page,
    schedule_readings,
)
from payments.tests.test_following_up import turn_money_loop
from tests.racing import race, wait_until_blocked
from tests.reconciling.builders import (
    Books,
    clearing,
    match_all,
    read_all,
    reading,
    rows,
    troubles,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xendit_books, "PAGE", 2)


def strays(books: Books, count: int) -> list[str]:
    """Movements of one and the same moment."""
    return sorted(
        str(books.world.control("transactions/add", amount=1_000 + number)["id"])
        for number in range(count)
    )


def mirrored() -> list[str]:
    return sorted(GatewayTransaction.objects.values_list("transaction_id", flat=True))


@pytest.mark.usefixtures("two_a_page")
def test_pages_that_are_cut_within_one_moment_lose_nothing(books: Books) -> None:
    made = strays(books, 5)
    for _twice, fresh in ((1, 5), (2, 0)):
        run = read_all()
        assert mirrored() == made
        assert run.last_counts == {
            "pages": 3,
            "listed": 5,
            "fresh": fresh,
            "changed": 0,
            "unreadable": 0,
        }


@pytest.mark.usefixtures("two_a_page")
def test_a_run_that_dies_midway_is_gone_on_with_and_comes_to_the_same(books: Books) -> None:
    made = strays(books, 5)
    run = read_page(reading_id=reading().pk)
    assert (run.counts["listed"], run.ended_at) == (2, None)
    # The process died after it; what comes meanwhile stands before the page it had read.
    books.tick()
    strays(books, 1)
    run = read_page(reading_id=run.pk)
    run = read_page(reading_id=run.pk)
    assert run.last_counts["listed"] == 5
    assert set(made) <= set(mirrored())
    read_all()
    assert len(mirrored()) == 6


def test_a_run_after_an_outage_reaches_back_to_the_last_complete_one(books: Books) -> None:
    reading()
    long_ago = timezone.now() - timedelta(days=9)
    books.clock.moment = long_ago + timedelta(hours=1)
    made = strays(books, 1)
    StatementReading.objects.filter(name="hourly").update(complete_until=long_ago)
    read_all()
    assert mirrored() == made


def test_a_movement_that_was_listed_long_ago_is_read_when_it_changes(books: Books) -> None:
    attempt = books.booked()
    books.clock.advance(days=2)
    books.world.control("transactions/settle", all=True)
    StatementReading.objects.update(complete_until=books.clock.moment)
    read_all()
    assert [row.settlement for row in rows()] == ["settled"]
    assert rows()[0].reference == attempt.reference


def test_a_gateway_that_gives_no_page_is_asked_again_and_says_so(
    books: Books, settings: Settings
) -> None:
    made = strays(books, 1)
    url, settings.XENDIT_URL = settings.XENDIT_URL, "http://127.0.0.1:9/away"
    run = read_page(reading_id=reading().pk)
    assert (run.trouble, run.ended_at, run.tries) == ("Unavailable: ConnectError", None, 1)
    assert run.next_run_at > timezone.now() + timedelta(seconds=50)
    settings.XENDIT_URL = url
    run = read_all()
    assert (run.trouble, run.tries, mirrored()) == ("", 0, made)


@pytest.mark.usefixtures("two_a_page")
def test_a_run_of_which_a_page_fails_goes_on_there_and_is_told_when_it_does_not(
    books: Books, settings: Settings
) -> None:
    made = strays(books, 5)
    run = read_page(reading_id=reading().pk)
    url, settings.XENDIT_URL = settings.XENDIT_URL, "http://127.0.0.1:9/away"
    for number in range(1, TELL_AFTER + 1):
        assert troubles() == []
        run = read_page(reading_id=run.pk)
        assert (run.tries, run.after != "", len(mirrored())) == (number, True, 2)
    assert troubles() == ["work_fails"]
    settings.XENDIT_URL = url
    while run.began_at is not None:
        run = read_page(reading_id=run.pk)
    assert (mirrored(), run.last_counts["pages"]) == (made, 3)
    assert PaymentException.objects.filter(kind="work_fails", resolved_at=None).count() == 0


@pytest.mark.django_db(transaction=True)
def test_the_money_loop_reads_matches_and_plans_the_next_run(books: Books) -> None:
    attempt = books.paid()
    PaymentAttempt.objects.update(next_poll_at=None)
    schedule_readings()
    turn_money_loop()
    assert PaymentReceipt.objects.get().attempt == attempt
    hourly = StatementReading.objects.get(name="hourly")
    assert hourly.ended_at is not None
    assert hourly.next_run_at > timezone.now() + timedelta(minutes=59)
    assert StatementReading.objects.get(name="nightly").ended_at is None
    planned = list(StatementReading.objects.order_by("pk").values_list("pk", "next_run_at"))
    schedule_readings()
    assert planned == list(StatementReading.objects.order_by("pk").values_list("pk", "next_run_at"))


def test_a_night_comes_once_a_day() -> None:
    zone = timezone.get_current_timezone()
    evening = datetime(2026, 11, 23, 21, 0, tzinfo=zone)
    tonight = datetime(2026, 11, 24, 2, 30, tzinfo=zone)
    assert next_run("nightly", began_at=evening) == tonight
    assert next_run("nightly", began_at=tonight) == tonight + timedelta(days=1)
    assert next_run("hourly", began_at=evening) == evening + timedelta(hours=1)


# --- by hand -------------------------------------------------------------------------------------
def run_by_hand(*arguments: str) -> str:
    out = StringIO()
    call_command("reconcile", *arguments, stdout=out)
    return out.getvalue()


def test_staff_may_read_the_list_by_hand_and_are_told_what_differs(books: Books) -> None:
    attempt = books.paid()
    books.world.control("transactions/add", amount=75_000, reference_id="POS-7")
    day = timezone.localdate().isoformat()
    said = run_by_hand("--gateway", "xendit", "--since", day)
    assert "listed: 2, fresh: 2" in said
    assert said.count("\nunmatched: Rp75.000") == 1
    assert (clearing(), troubles()) == (attempt.amount_minor, ["unmatched"])
    again = run_by_hand("--since", day)
    assert "fresh: 0" in again
    assert "unmatched:" not in again


def test_a_list_that_cannot_be_had_ends_the_command(books: Books, settings: Settings) -> None:
    settings.XENDIT_URL = "http://127.0.0.1:9"
    with pytest.raises(CommandError, match="xendit gave no list: Unavailable"):
        run_by_hand()
    assert GatewayTransaction.objects.count() == 0


# --- any number of loops -------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_of_many_loops_one_reads() -> None:
    run = reading()
    StatementReading.objects.exclude(pk=run.pk).delete()
    claimed = race([claim_due_readings] * 4)
    assert [each for each in claimed if each] == [[run.pk]]
    run.refresh_from_db()
    assert run.next_run_at > timezone.now() + LEASE - timedelta(seconds=30)


@pytest.mark.usefixtures("two_a_page")
@pytest.mark.django_db(transaction=True)
def test_a_page_that_many_loops_read_counts_once(books: Books) -> None:
    made = strays(books, 3)
    run = reading("nightly")
    raced = race([partial(read_page, reading_id=run.pk)] * 4)
    assert [one for one in raced if isinstance(one, Exception)] == []
    run.refresh_from_db()
    while run.began_at is not None:
        run = read_page(reading_id=run.pk)
    assert (run.last_counts["pages"], run.last_counts["listed"]) == (2, 3)
    assert mirrored() == made


@pytest.mark.django_db(transaction=True)
def test_what_many_loops_match_is_booked_once(books: Books) -> None:
    books.booked()
    books.settle()
    read_all()
    [row] = rows()
    race([partial(match_transaction, transaction_id=row.pk)] * 4)
    [row] = rows()
    assert row.postings == 1
    assert clearing() == row.net.minor
    match_all()
    assert clearing() == row.net.minor


def test_an_older_view_never_replaces_a_newer_one(books: Books) -> None:
    """A page that was asked for before a movement changed, and is kept after it."""
    books.booked()
    before = gateway_page(books)
    books.settle()
    read_all()
    keep_page("xendit", before)
    assert rows()[0].settlement == "settled"


def gateway_page(books: Books) -> TransactionPage:
    since = books.clock.moment - timedelta(hours=1)
    listed = statements("xendit").list_transactions(since=since, until=None, after="", timeout=5)
    assert isinstance(listed, TransactionPage)
    return listed


@pytest.mark.django_db(transaction=True)
def test_news_that_comes_while_a_movement_is_matched_is_matched_too(books: Books) -> None:
    """A page is being kept when the matching of what it changes begins."""
    books.booked()
    read_all()
    [row] = rows()
    books.settle()
    settled = gateway_page(books)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            keep_page("xendit", settled)
            matching = pool.submit(record_alone, row)
            wait_until_blocked()
        matching.result(timeout=30)
    [row] = rows()
    assert (row.settlement, row.next_match_at is not None) == ("settled", True)


def record_alone(row: GatewayTransaction) -> None:
    try:
        record(transaction_id=row.pk, seen=row.updated_at)
    finally:
        connection.close()
