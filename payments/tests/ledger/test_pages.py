"""The books as staff and their accountant read them, over HTTP."""

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.tests.builders import make_owner, make_staff
from orders.tests.builders import make_order
from payments.gateways.base import RemoteCapture
from payments.ledger.chart import CHART, account_of
from payments.ledger.posting import post
from payments.models import LedgerAccount, LedgerEntry, PostingKind
from payments.tests.builders import make_attempt, make_capture, pay
from shop.core.money import Money

# Postings of nothing but themselves.
pytestmark = [pytest.mark.django_db, pytest.mark.breaks_books]
BALANCES = "/admin/payments/ledgeraccount/"
JANUARY = {"since": "2026-01-01", "until": "2026-01-31", "clock": "occurred"}


@pytest.fixture
def staff() -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(make_owner())
    return client


def booked(at: datetime, *, minor: int, key: str, currency: str = "IDR") -> None:
    amount = Money(minor, currency)
    post(
        kind=PostingKind.RECEIPT,
        key=key,
        occurred_at=at,
        entries=[("bank:main", amount), ("customer_funds", amount * -1)],
    )


def rows_of(answer: Any) -> list[dict[str, str]]:
    content = answer.getvalue()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(StringIO(content.decode("utf-8-sig"))))


def test_a_day_is_one_on_the_merchants_clocks(staff: Client) -> None:
    # 17:00 UTC is midnight in Jakarta: the last moment of December, the first of January, …
    booked(datetime(2025, 12, 31, 16, 59, 59, tzinfo=UTC), minor=1_000, key="t:before")
    booked(datetime(2025, 12, 31, 17, 0, 0, tzinfo=UTC), minor=20_000, key="t:first")
    booked(datetime(2026, 1, 31, 16, 59, 59, tzinfo=UTC), minor=300_000, key="t:last")
    booked(datetime(2026, 1, 31, 17, 0, 0, tzinfo=UTC), minor=4_000_000, key="t:after")
    found = rows_of(staff.get(f"{BALANCES}balances.csv", JANUARY))
    amounts = {
        row["account"]: [row[name] for name in ("opening", "debit", "credit", "closing")]
        for row in found
    }
    assert amounts == {
        "bank:main": ["1000", "320000", "0", "321000"],
        "customer_funds": ["-1000", "0", "320000", "-321000"],
    }
    [balance] = staff.get(BALANCES, JANUARY).context["balances"]
    assert (balance.opening_minor, balance.debit_minor, balance.credit_minor) == (
        0,
        320_000,
        320_000,
    )


def test_what_was_written_down_later_changes_no_month_that_is_over(staff: Client) -> None:
    booked(datetime(2026, 1, 10, tzinfo=UTC), minor=5_000, key="t:late")
    by_booking = JANUARY | {"clock": "booked"}
    assert staff.get(BALANCES, by_booking).context["balances"] == []
    assert len(staff.get(BALANCES, JANUARY).context["balances"]) == 1


def test_each_currency_has_a_balance_of_its_own(staff: Client) -> None:
    booked(datetime(2026, 1, 10, tzinfo=UTC), minor=5_000, key="t:rupiah")
    booked(datetime(2026, 1, 10, tzinfo=UTC), minor=1_250, key="t:dollars", currency="USD")
    rows = rows_of(staff.get(f"{BALANCES}balances.csv", JANUARY))
    found = [(row["currency"], row["account"], row["closing"]) for row in rows]
    assert found == [
        ("IDR", "bank:main", "5000"),
        ("IDR", "customer_funds", "-5000"),
        ("USD", "bank:main", "12.50"),
        ("USD", "customer_funds", "-12.50"),
    ]


def test_an_account_tells_its_entries_with_the_balance_after_each(staff: Client) -> None:
    for day, minor in ((2, 1_000), (3, 20_000), (4, 300_000)):
        booked(datetime(2026, 1, day, tzinfo=UTC), minor=minor, key=f"t:{day}")
    page = staff.get(f"{BALANCES}bank_3Amain/change/", JANUARY | {"since": "2026-01-03"})
    lines = [(line.transaction.external_key, line.so_far) for line in page.context["page"]]
    assert (page.context["opening"], lines) == (1_000, [("t:3", 20_000), ("t:4", 320_000)])
    assert "Rp321.000" in page.text
    assert page.text.index("Rp21.000") < page.text.index("Rp321.000")


def test_the_journal_is_all_that_is_booked_and_sums_to_zero(staff: Client) -> None:
    receipt = pay(make_attempt(make_order()))
    found = rows_of(staff.get(f"{BALANCES}journal.csv", {"clock": "booked"}))
    assert len(found) == LedgerEntry.objects.count() > 4
    assert sum(int(row["debit"]) - int(row["credit"]) for row in found) == 0
    assert {row["order"] for row in found} == {receipt.order.number}
    day = timezone.localdate(receipt.captured_at).isoformat()
    assert {row["occurred"][:10] for row in found} == {day}
    of_account = {"clock": "booked", "account": "customer_funds", "currency": "IDR"}
    [paid_in, sold] = rows_of(staff.get(f"{BALANCES}journal.csv", of_account))
    assert (paid_in["credit"], sold["debit"]) == (str(receipt.amount_minor),) * 2


def test_a_key_that_a_spreadsheet_would_run_is_quoted(staff: Client) -> None:
    attempt = make_attempt()
    capture = make_capture(attempt.amount_minor)
    formula = RemoteCapture("=1+1", "@SUM(A1)", capture.amount, capture.captured_at)
    pay(attempt, formula)
    booked(timezone.now(), minor=5_000, key="=cmd|' /C calc'!A0")
    keys = {row["key"] for row in rows_of(staff.get(f"{BALANCES}journal.csv", {"clock": "booked"}))}
    assert "'=cmd|' /C calc'!A0" in keys
    assert "receipt:xendit:=1+1:@SUM(A1)" in keys


def test_an_order_tells_what_is_left_of_its_money(staff: Client) -> None:
    order = make_order()
    attempt = make_attempt(order)
    pay(attempt)
    pay(attempt)
    other = pay(make_attempt())
    url = f"/admin/payments/ledgertransaction/order/{order.pk}/"
    page = staff.get(url)
    left = {code: balance for code, _account, balance in page.context["books"].sums}
    total = order.total_minor
    assert left["gateway_clearing:xendit"] == Money(2 * total, "IDR")
    assert left["customer_funds"] == Money(-total, "IDR")
    assert sum(balance.minor for balance in left.values()) == 0
    assert other.order.number not in page.text
    assert {row["order"] for row in rows_of(staff.get(url, {"as": "csv"}))} == {order.number}
    for words in (">Money came in</a>", "<td>Customers&#x27; money</td>"):
        assert words in page.text
    assert f'href="{url}"' in staff.get(f"/admin/orders/order/{order.pk}/change/").text


def test_days_that_make_no_sense_are_said_and_nothing_is_shown(staff: Client) -> None:
    pay(make_attempt())
    backwards = {"since": "2026-02-01", "until": "2026-01-01"}
    for url in (BALANCES, f"{BALANCES}balances.csv", f"{BALANCES}journal.csv"):
        page = staff.get(url, backwards)
        assert page.context["balances"] == []
        assert "Choose a day that is not before the first one." in page.text
    page = staff.get(f"{BALANCES}bank_3Amain/change/", {"since": "yesterday"})
    assert (page.status_code, "page" in page.context) == (200, False)


def test_without_an_answer_it_is_the_month_that_is_under_way(staff: Client) -> None:
    now = timezone.now()
    booked(now, minor=5_000, key="t:now")
    booked(now - timedelta(days=40), minor=700, key="t:then")
    [balance] = staff.get(BALANCES).context["balances"]
    assert [(one.opening_minor, one.closing_minor) for one in balance.balances] == [
        (700, 5_700),
        (-700, -5_700),
    ]


def test_pages_take_no_more_questions_for_more_postings(
    staff: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(130):
        booked(datetime(2026, 1, 10, tzinfo=UTC), minor=100, key=f"t:{number}")
    with django_assert_max_num_queries(7):
        staff.get(BALANCES, JANUARY)
    with django_assert_max_num_queries(9):
        page = staff.get(f"{BALANCES}bank_3Amain/change/", JANUARY | {"p": "2"})
    assert [line.so_far for line in page.context["page"]][-1] == 13_000


@pytest.mark.parametrize("may", ["payments.view_ledgertransaction", "payments.view_ledgeraccount"])
def test_who_may_not_read_them_does_not(may: str) -> None:
    order = make_order()
    client = Client()
    client.force_login(make_staff(may))
    accounts = [BALANCES, f"{BALANCES}journal.csv", f"{BALANCES}bank_3Amain/change/"]
    of_order = f"/admin/payments/ledgertransaction/order/{order.pk}/"
    answers = [client.get(url).status_code for url in (*accounts, of_order)]
    assert answers == ([403, 403, 403, 200] if "transaction" in may else [200, 200, 200, 403])


def test_every_account_is_named_and_explained() -> None:
    codes = set(LedgerAccount.objects.values_list("code", flat=True))
    assert set(CHART) <= codes
    explained = Path("docs/payments.md").read_text()
    for code in codes:
        assert account_of(code).name != code, code
        family = code.split(":")[0] if code.startswith("gateway_clearing:") else code
        assert f"`{family}" in explained, code
