"""Midtrans' reports: read line by line, mirrored once, and booked by the money loop."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.tests.builders import make_staff
from orders.models import OrderStatus
from payments.books import differences
from payments.gateways.midtrans_report import CellUnreadable, ColumnsMissing, read_report
from payments.gateways.statements import RemoteTransaction
from payments.models import (
    GatewayReport,
    GatewayTransaction,
    LedgerEntry,
    LedgerTransaction,
    PaymentException,
    PaymentReceipt,
    Refund,
    ReportLine,
)
from payments.reconciling.overview import overview
from payments.reconciling.reporting import MOST, Days, ReportKnown, take_report
from payments.tables import DoesNotAddUp, Unreadable
from payments.tests.builders import make_attempt, make_capture, pay
from payments.tests.midtrans_builders import MidtransSimulator, deliver
from payments.tests.simulated import Simulator, running_simulator
from payments.tests.test_admin import signed_in
from payments.tests.test_following_up import placed_attempt, status_of, turn_money_loop
from payments.tests.test_receipts import balances, open_exceptions
from tests.racing import wait_until_blocked

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HEAD = "Transaction ID,Order ID,Transaction type,Status,Transaction time,Settlement time"
HEAD += ",Gross amount,MDR,VAT,Net amount,Refund ID,Refund key,Withdrawal ID"
AT = "2026-11-20 10:00:00,2026-11-21 09:30:00"
PAID = f"tx-1,R7K4-9MQX-A1,Payment,settlement,{AT},149000,2235,246,146519,,,"
ADD = "/admin/payments/gatewayreport/add/"


def read(*lines: str, head: str = HEAD) -> list[RemoteTransaction]:
    return [row.listed for row in read_report("\n".join((head, *lines)).encode(), now=NOW)]


def take(*lines: str, days: Days | None = None) -> GatewayReport:
    content = "\n".join((HEAD, *lines)).encode()
    return take_report(gateway="midtrans", name="nov.csv", content=content, days=days, user_id=None)


def counts(report: GatewayReport) -> tuple[int, int, int, int]:
    return report.fresh, report.changed, report.known, report.differing


def upload(client: Client, content: bytes, **more: str) -> Any:
    file = SimpleUploadedFile("midtrans.csv", content, "text/csv")
    return client.post(ADD, {"gateway": "midtrans", "file": file} | more, follow=True)


def paid_at_midtrans(amount_minor: int = 149_000) -> PaymentReceipt:
    """Its payment id is what the report calls the transaction."""
    attempt = make_attempt(gateway="midtrans")
    receipt: PaymentReceipt = pay(attempt, make_capture(attempt.amount_minor))
    return receipt


# --- reading -------------------------------------------------------------------------------------
def test_a_payment_says_what_was_kept_of_it_and_when_it_was_settled() -> None:
    [row] = read(PAID)
    assert (row.transaction_id, row.product_id, row.gateway_ref) == ("tx-1",) * 3
    assert (row.kind, row.state, row.settlement) == ("payment", "succeeded", "settled")
    assert (row.amount.minor, row.fee_minor, row.fee_tax_minor) == (149_000, 2_235, 246)
    assert row.reference == "R7K4-9MQX-A1"
    assert row.created_at == datetime(2026, 11, 20, 3, tzinfo=UTC)
    assert row.updated_at == datetime(2026, 11, 21, 2, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "facts"),
    [
        (
            f"tx-1,A1,Refund,success,{AT},-50000,0,0,-50000,77,R-1,",
            ("refund.77", "refund", "77", False, 50_000, 0, 0),
        ),
        (
            f"tx-1,A1,Refund,success,{AT},50000,500,55,50555,,R-1,",
            ("refund.R-1", "refund", "", False, 50_000, 500, 55),
        ),
        (
            f"tx-1,A1,Chargeback,chargeback,{AT},-149000,0,0,-149000,,,",
            ("chargeback.tx-1.20261120100000", "chargeback", "tx-1", False, 149_000, 0, 0),
        ),
        (
            f",,Penarikan dana,berhasil,{AT},-146519,-,-,-146519,,,WD-9",
            ("withdrawal.WD-9", "withdrawal", "", False, 146_519, 0, 0),
        ),
        (
            # Parts of a rupiah are rounded once, in the net amount.
            f'tx-1,A1,Payment,Settlement,{AT},"Rp149.000,00","1.043,00","114,73","147.842,27",,,',
            ("tx-1", "payment", "tx-1", True, 149_000, 1_043, 115),
        ),
    ],
    ids=["refund", "refund by key", "chargeback", "withdrawal", "parts of a rupiah"],
)
def test_what_moves_is_told_apart(line: str, facts: tuple[object, ...]) -> None:
    [row] = read(line)
    assert facts == (
        row.transaction_id,
        row.kind,
        row.product_id,
        row.is_incoming,
        row.amount.minor,
        row.fee_minor,
        row.fee_tax_minor,
    )


def test_columns_are_found_by_their_names_in_either_language() -> None:
    head = "ID Transaksi;ID Pesanan;Waktu Transaksi;Waktu Settlement;Metode Pembayaran;Nominal"
    head += ";Biaya;PPN;Jumlah bersih"
    line = "'tx-1;A1;20 Nov 2026, 10:00;21/11/2026 09.30;DANA;149.000;2.235;246;146.519"
    [row] = read("Laporan transaksi", head, line, "Total;;;;;149.000;2.235;246;146.519", head="")
    [same] = read(PAID)
    assert (row.amount, row.fee_minor, row.updated_at) == (same.amount, 2_235, same.updated_at)
    # DANA is kept elsewhere, and asked about so.
    assert (row.kind, row.gateway_ref) == ("payment", "dana.tx-1")


def test_what_is_not_settled_yet_waits_for_a_later_file() -> None:
    rows = read(
        "tx-1,A1,Payment,settlement,2026-11-20 10:00:00,,149000,0,0,149000,,,",
        "tx-2,A2,Payment,expire,2026-11-20 10:00:00,,149000,0,0,149000,,,",
        f"tx-3,A3,Payment,chargeback,{AT},149000,0,0,149000,,,",
    )
    assert [(row.state, row.settlement) for row in rows] == [
        ("succeeded", "pending"),
        ("failed", ""),
        ("reversed", ""),
    ]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (PAID.replace("146519", "146520"), DoesNotAddUp),
        (PAID.replace("Payment", "Top-up"), CellUnreadable),
        (PAID.replace("settlement", "lost"), CellUnreadable),
        (PAID.replace("tx-1", ""), CellUnreadable),
        (PAID.replace("149000", "many"), CellUnreadable),
        (PAID.replace("149000", "-149000"), CellUnreadable),
        (PAID.replace("2026-11-20 10:00:00", "yesterday"), CellUnreadable),
        # Day and month were swapped.
        (PAID.replace("2026-11-20 10:00:00", "11/12/2026 10:00"), CellUnreadable),
        (f"tx-1,A1,Refund,success,{AT},-50000,0,0,-50000,,,", CellUnreadable),
        (f",,Withdrawal,success,{AT},-50000,0,0,-50000,,,", CellUnreadable),
        (PAID, CellUnreadable),
    ],
    ids=[
        "sum",
        "kind",
        "status",
        "no id",
        "amount",
        "payment out",
        "time",
        "future",
        "refund",
        "withdrawal",
        "twice",
    ],
)
def test_what_is_not_understood_stops_the_reading_at_its_line(
    line: str, error: type[DoesNotAddUp]
) -> None:
    with pytest.raises(error) as raised:
        read(PAID.replace("tx-1", "tx-0"), PAID, line)
    # The whole of the line is wrong where it is wrong, not the one before it.
    assert raised.value.extra["line"] == 4


def test_a_file_without_the_columns_that_are_needed_is_refused_by_their_names() -> None:
    with pytest.raises(ColumnsMissing) as raised:
        read("A1,149000", head="Order ID,Amount")
    assert raised.value.extra["columns"] == "Transaction ID, Transaction time, Fee, Net amount"
    with pytest.raises(Unreadable):
        read("20/11/2026,149000", head="Tanggal,Saldo")


# --- reading in ----------------------------------------------------------------------------------
@pytest.mark.django_db
def test_overlapping_files_change_nothing_and_what_is_settled_later_does() -> None:
    waits = "tx-2,A2,Payment,settlement,2026-11-20 10:00:00,,50000,0,0,50000,,,"
    assert counts(take(PAID, waits)) == (2, 0, 0, 0)
    with pytest.raises(ReportKnown):
        take(PAID, waits)
    before = list(GatewayTransaction.objects.order_by("pk").values())
    assert counts(take(PAID)) == (0, 0, 1, 0)
    assert list(GatewayTransaction.objects.order_by("pk").values()) == before
    settled = f"tx-2,A2,Payment,settlement,{AT},50000,750,83,49167,,,"
    assert counts(take(settled, PAID)) == (0, 1, 1, 0)
    # An older file, read in later, does not unsettle it.
    assert counts(take(waits)) == (0, 0, 1, 0)
    assert [one.outcome for one in ReportLine.objects.order_by("pk")] == [
        *("new", "new"),
        "known",
        *("changed", "known"),
        "known",
    ]


@pytest.mark.django_db
def test_a_file_that_contradicts_what_was_settled_is_an_exception_and_changes_nothing() -> None:
    take(PAID)
    before = list(GatewayTransaction.objects.values())
    other = PAID.replace("2235,246,146519", "3000,330,145670")
    assert counts(take(other)) == (0, 0, 0, 1)
    assert counts(take(other, PAID.replace("tx-1", "tx-5"))) == (1, 0, 0, 1)
    assert list(GatewayTransaction.objects.exclude(transaction_id="tx-5").values()) == before
    [trouble] = PaymentException.objects.all()
    assert (trouble.kind, "fee 3000" in trouble.note) == ("amount_differs", True)


@pytest.mark.django_db(transaction=True)
def test_two_files_at_once_that_contradict_each_other_are_told_of() -> None:
    """One settles it, the other finds that: also where neither was there before."""
    other = PAID.replace("2235,246,146519", "3000,330,145670")

    def take_other() -> tuple[int, int, int, int]:
        try:
            return counts(take(other))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            take(PAID)
            second = pool.submit(take_other)
            wait_until_blocked()
        assert second.result(timeout=30) == (0, 0, 0, 1)
    assert open_exceptions() == ["amount_differs"]


@pytest.mark.django_db
def test_money_of_the_days_of_a_report_that_it_does_not_have_is_a_phantom() -> None:
    receipt = paid_at_midtrans()
    PaymentReceipt.objects.update(captured_at=timezone.now() - timedelta(days=5))
    day = timezone.localdate() - timedelta(days=5)
    assert take(PAID).phantoms == 0
    later = Days(day + timedelta(days=1), timezone.localdate())
    assert take(PAID.replace("tx-1", "tx-2"), days=later).phantoms == 0
    days = Days(day - timedelta(days=1), day)
    assert take(PAID.replace("tx-1", "tx-3"), days=days).phantoms == 1
    assert PaymentException.objects.get().receipt == receipt


@pytest.mark.django_db
def test_the_overview_says_when_a_report_is_overdue() -> None:
    assert [one.code for one in overview().gateways] == ["xendit"]
    paid_at_midtrans()
    midtrans = overview().gateways[1]
    assert (midtrans.code, midtrans.report, midtrans.is_overdue) == ("midtrans", None, False)
    PaymentReceipt.objects.update(captured_at=timezone.now() - timedelta(days=8))
    assert overview().gateways[1].is_overdue
    text = signed_in().get("/admin/payments/gatewaytransaction/reconciliation/").text
    assert "No report was read in yet." in text
    assert "Overdue: money since" in text
    payment_id = PaymentReceipt.objects.get().payment_id
    report = take(PAID.replace("tx-1", payment_id))
    midtrans = overview().gateways[1]
    assert (midtrans.report, midtrans.unreported_since) == (report, None)


# --- the page ------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_who_may_read_one_in_and_what_is_said_of_a_wrong_one() -> None:
    client = signed_in()
    text = upload(client, f"{HEAD}\n{PAID.replace('146519', '1')}".encode()).text
    assert "On line 2 the amount less what was kept of it is not the net amount." in text
    text = upload(client, f"{HEAD}\n{PAID}".encode(), first_on="2026-11-01").text
    assert "Give both days, or neither." in text
    many = "\n".join(PAID.replace("tx-1", f"tx-{number}") for number in range(MOST + 1))
    text = upload(client, f"{HEAD}\n{many}".encode()).text
    assert "This file has 2001 movements, and 2000 are read in at once." in text
    assert signed_in(make_staff()).post(ADD).status_code == 403
    assert not GatewayReport.objects.exists()
    assert not GatewayTransaction.objects.exists()


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """One of their own: its report is of all that it ever did."""
    with running_simulator(tmp_path_factory.mktemp("simulator")) as running:
        yield running


@pytest.mark.django_db(transaction=True)
def test_from_the_payment_over_the_report_to_the_bank(
    midtrans_up: MidtransSimulator, client: Client
) -> None:
    """What T48 is for a gateway that can be asked; and money that nothing else has told of."""
    told, untold = placed_attempt("dana"), placed_attempt("qris")
    for attempt in (told, untold):
        midtrans_up.control("pay", attempt.reference)
    deliver(client, midtrans_up, told.reference)
    turn_money_loop()
    assert status_of(untold) == OrderStatus.PENDING
    staff = signed_in()
    first = midtrans_up.report()
    shown = upload(staff, first).text
    assert (told.reference in shown, untold.reference in shown) == (True, True)
    turn_money_loop()
    assert {status_of(told), status_of(untold)} == {OrderStatus.CONFIRMED}
    assert PaymentReceipt.objects.count() == 2
    # DANA takes 1.5 %, QRIS 0.7 %, of Rp161.000 each; and their VAT.
    kept = {"gateway_fee": 2_415 + 1_127, "ppn_in": 266 + 124}
    left = told.amount_minor + untold.amount_minor - sum(kept.values())
    assert (told.amount_minor, untold.amount_minor) == (161_000, 161_000)
    assert {name: balances()[name] for name in kept} == kept
    assert balances()["gateway_clearing:midtrans"] == left
    assert midtrans_up.withdraw() == left
    for _twice in "12":
        upload(staff, midtrans_up.report())
        turn_money_loop()
        assert balances()["bank:main"] == left
        assert "gateway_clearing:midtrans" not in balances()
    assert LedgerTransaction.objects.filter(kind="withdrawal").count() == 1
    assert "This file was read in already" in upload(staff, first).text
    assert GatewayReport.objects.count() == 2
    assert (open_exceptions(), list(differences())) == ([], [])


@pytest.mark.django_db(transaction=True)
def test_a_refund_from_the_dashboard_is_found_in_the_report(
    midtrans_up: MidtransSimulator,
) -> None:
    attempt = placed_attempt("qris")
    midtrans_up.control("pay", attempt.reference)
    midtrans_up.control("refund", attempt.reference, amount=50_000)
    midtrans_up.control("confirm-refunds", attempt.reference)
    lines = [
        line
        for line in midtrans_up.report().decode().splitlines()
        if attempt.reference in line or line.startswith("Transaction ID")
    ]
    upload(signed_in(), "\n".join(lines).encode())
    for _until_the_gateway_was_asked in range(3):
        GatewayTransaction.objects.filter(next_match_at__isnull=False).update(
            next_match_at=timezone.now()
        )
        turn_money_loop()
    assert Refund.objects.get().amount_minor == 50_000
    entries = LedgerEntry.objects.filter(account_id="gateway_clearing:midtrans")
    left = sum(entries.values_list("amount_minor", flat=True))
    payment = GatewayTransaction.objects.get(kind="payment")
    assert left == payment.net.minor - 50_000
    assert open_exceptions() == ["foreign_refund"]
