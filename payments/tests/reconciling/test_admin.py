"""Staff read what gateways list, and see at a glance what differs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.tests.builders import make_owner, make_staff
from payments.models import PaymentException, PaymentReceipt, StatementReading
from payments.reconciling.reading import schedule_readings
from payments.tests.builders import make_attempt, pay
from payments.tests.reconciling.builders import make_transaction, settled_at_gateway

pytestmark = pytest.mark.django_db
LIST = "/admin/payments/gatewaytransaction/"
PAGE = f"{LIST}reconciliation/"


@pytest.fixture
def staff_client(client: Client) -> Client:
    client.force_login(make_owner())
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def receipt() -> PaymentReceipt:
    booked: PaymentReceipt = pay(make_attempt())
    return booked


def test_a_movement_is_found_by_what_either_side_calls_it(staff_client: Client) -> None:
    row = settled_at_gateway(receipt(), reference="R7K4-9MQX-A1", gateway_ref="pr-7")
    make_transaction(reference="another")
    for searched in (row.transaction_id, row.product_id, "pr-7", "R7K4-9MQX-A1"):
        found = staff_client.get(LIST, {"q": searched}).context["cl"].result_list
        assert [one.pk for one in found] == [row.pk], searched


@pytest.mark.breaks_books
def test_the_list_is_narrowed_to_what_was_matched_with_nothing(staff_client: Client) -> None:
    matched = settled_at_gateway(receipt())
    waiting = make_transaction()
    stray = make_transaction(next_match_at=None)

    def found(choice: str) -> set[int]:
        rows = staff_client.get(LIST, {"matched": choice}).context["cl"].result_list
        return {one.pk for one in rows}

    assert found("yes") == {matched.pk}
    assert found("no") == {waiting.pk, stray.pk}
    assert found("waiting") == {waiting.pk}


def test_its_page_says_what_it_was_matched_with_and_what_is_kept_of_it(
    staff_client: Client,
) -> None:
    booked = receipt()
    row = settled_at_gateway(booked)
    text = staff_client.get(f"{LIST}{row.pk}/change/").text
    for words in (f"{booked.payment_id} {booked.amount.format()}", "Rp2.235", "Rp246", "settled"):
        assert words in text, words
    assert "_save" not in text


def test_the_page_of_reconciliation_says_when_it_was_read_and_what_differs(
    staff_client: Client,
) -> None:
    schedule_readings()
    counts = {"listed": 3, "fresh": 2, "changed": 1, "unreadable": 0}
    StatementReading.objects.filter(name="hourly").update(
        ended_at=timezone.now(), last_counts=counts
    )
    StatementReading.objects.filter(name="nightly").update(trouble="Unavailable: ConnectError")
    booked = receipt()
    row = settled_at_gateway(booked)
    make_transaction()
    PaymentException.objects.create(kind="phantom")
    PaymentException.objects.create(kind="unmatched", resolved_at=timezone.now())
    PaymentException.objects.create(kind="surplus")
    text = staff_client.get(PAGE).text
    for words in (
        "3 listed, 2 new, 1 changed, 0 unreadable",
        "Unavailable: ConnectError",
        "1 transaction is still to be matched.",
        "?state=open&amp;kind__exact=phantom",
        row.net.format(),
        "Rp2.235",
    ):
        assert words in text, words
    assert "kind__exact=unmatched" not in text
    assert "kind__exact=surplus" not in text


@pytest.mark.breaks_books
def test_a_day_counts_what_moved_on_it_in_the_shops_own_time(staff_client: Client) -> None:
    night = timezone.localtime().replace(hour=23, minute=30) - timedelta(days=2)
    facts = {"next_match_at": None, "created_at": night, "updated_at": night}
    make_transaction(amount_minor=100_000, **facts)
    make_transaction(amount_minor=50_000, state="reversed", **facts)
    make_transaction(amount_minor=9_000, state="failed", **facts)
    make_transaction(kind="refund", is_incoming=False, amount_minor=30_000, **facts)
    make_transaction(kind="chargeback", is_incoming=False, amount_minor=20_000, **facts)
    make_transaction(kind="withdrawal", is_incoming=False, amount_minor=10_000, **facts)
    make_transaction(created_at=night - timedelta(days=60), next_match_at=None)
    [gateway] = staff_client.get(PAGE).context["overview"].gateways
    [day] = gateway.days
    assert day.on == night.date()
    assert day.sums == {
        "paid": 100_000,
        "taken_back": 70_000,
        "given_back": 30_000,
        "withdrawn": 10_000,
    }


def test_lists_and_page_cost_the_same_for_any_number_of_movements(staff_client: Client) -> None:
    def queries(url: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert staff_client.get(url).status_code == 200
        return len(asked)

    schedule_readings()
    settled_at_gateway(receipt())
    before = [queries(LIST), queries(PAGE)]
    for _more in range(3):
        settled_at_gateway(receipt())
        make_transaction()
    assert [queries(LIST), queries(PAGE)] == before


def test_those_who_may_not_see_money_do_not(client: Client) -> None:
    client.force_login(make_staff())
    assert client.get(PAGE).status_code == 403
