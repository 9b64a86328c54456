"""What couriers hand over: each waybill once, and all of its money in its place."""

from functools import partial
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.tests.builders import make_staff
from orders.calling_off import call_off
from orders.delivery import decide_parcel, mark_lost
from orders.models import CallOffReason, Order, ParcelDecision
from orders.tests.life.builders import deliver, staff
from payments.books import differences
from payments.cod.settling import (
    Fit,
    book_settled,
    book_settled_to_order,
    propose,
    set_settled_aside,
    take_settlement,
)
from payments.gateways.base import RemotePayment, RemoteState
from payments.gateways.registry import gateway
from payments.models import (
    AttemptState,
    CourierSettlement,
    LineState,
    PaymentException,
    PaymentReceipt,
    SettlementLine,
)
from payments.paid import payments_of
from payments.status import PaymentStatus, payment_status
from payments.tables import DoesNotAddUp, LineUnreadable, Unreadable
from payments.tests.cod.builders import attempt_of, csv_of, make_cod, only_line, sent, take
from payments.tests.invariants import check_invariants
from payments.tests.test_admin import signed_in
from payments.tests.test_receipts import balances, open_exceptions
from payments.transfers.booking import NoSuchOrder
from payments.transfers.importing import NothingNew
from tests.racing import race

Disposition = PaymentReceipt.Disposition


def delivered_cod() -> tuple[Order, str]:
    """An order that its courier has brought, and the waybill."""
    order = make_cod()
    parcel = sent(order)
    deliver(parcel)
    order.refresh_from_db()
    return order, parcel.tracking_number


def fit_of(line: SettlementLine) -> Fit:
    [proposal] = propose([line])
    return proposal.fit


def book(line: SettlementLine) -> bool:
    [proposal] = propose([line])
    attempt_id = proposal.attempt.pk if proposal.attempt else None
    return book_settled(line_id=line.pk, attempt_id=attempt_id, user_id=None)


@pytest.mark.django_db
def test_what_the_courier_hands_over_pays_the_order_and_its_fee_is_an_expense() -> None:
    order, waybill = delivered_cod()
    line = only_line(waybill, order.total_minor, 5_000)
    assert fit_of(line) == Fit.EXACT
    assert book(line)
    order.refresh_from_db()
    assert (order.collect_minor, payment_status(order=order)) == (0, PaymentStatus.PAID)
    assert attempt_of(order).state == AttemptState.SUCCEEDED
    # Nobody owes anything any more: the receivable and the clearing account are empty.
    assert balances() == {
        "bank:main": order.total_minor - 5_000,
        "courier_fee": 5_000,
        "sales": -order.subtotal_minor,
        "shipping_income": -order.shipping_minor,
    }
    with translation.override("en"):
        paid = [(one.method, one.amount) for one in payments_of(order)]
    assert paid == [("Cash on delivery", order.total)]
    told = gateway("cod").fetch(attempt_of(order).reference, timeout=5)
    assert isinstance(told, RemotePayment)
    assert (told.state, [one.amount for one in told.captures]) == (
        RemoteState.SUCCEEDED,
        [order.total],
    )
    assert (open_exceptions(), list(differences())) == ([], [])
    check_invariants()


@pytest.mark.django_db
def test_the_same_file_brings_no_waybill_twice_however_the_courier_is_written() -> None:
    take(("JP1", 100_000, 5_000), ("JP2", 50_000, 5_000), courier="J&T Express")
    with pytest.raises(NothingNew):
        take(("JP1", 100_000, 5_000), ("JP2", 50_000, 5_000), courier="jnt")
    more = take(("jp2", 50_000, 5_000), ("JP3", 70_000, 5_000), courier="J&T")
    assert (more.known, [line.waybill for line in more.lines.all()]) == (1, ["JP3"])
    assert CourierSettlement.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_line_that_two_book_at_once_is_booked_once() -> None:
    order, waybill = delivered_cod()
    content = csv_of((waybill, order.total_minor, 5_000))
    taking = partial(take_settlement, name="x", courier="JNE", content=content, user_id=None)
    assert [type(one) for one in race([taking] * 3)].count(NothingNew) == 2
    line, attempt = SettlementLine.objects.get(), attempt_of(order)
    calls: list[Any] = [
        partial(book_settled, line_id=line.pk, attempt_id=attempt.pk, user_id=None)
    ] * 3
    done = race([*calls, partial(set_settled_aside, line_id=line.pk, user_id=None)])
    assert sorted(done, key=bool) == [False, False, False, True]
    line.refresh_from_db()
    booked = PaymentReceipt.objects.count()
    assert (line.state, booked) in [(LineState.BOOKED, 1), (LineState.SET_ASIDE, 0)]
    assert list(differences()) == []


@pytest.mark.django_db
def test_too_little_leaves_the_rest_to_be_collected_and_somebody_to_ask_for_it() -> None:
    order, waybill = delivered_cod()
    line = only_line(waybill, order.total_minor - 1_000)
    assert fit_of(line) == Fit.DIFFERS
    book(line)
    order.refresh_from_db()
    assert (order.collect_minor, balances()["cod_receivable"]) == (1_000, 1_000)
    assert open_exceptions() == ["partial"]
    assert payment_status(order=order) == PaymentStatus.PARTIALLY_PAID
    assert list(differences()) == []
    # The courier makes up for it under another number.
    rest = only_line("CORR-1", 1_000)
    assert fit_of(rest) == Fit.NONE
    assert book_settled_to_order(line_id=rest.pk, number=order.number, user_id=None)
    assert (open_exceptions(), balances().get("cod_receivable")) == ([], None)
    assert payment_status(order=order) == PaymentStatus.PAID
    assert list(differences()) == []


@pytest.mark.django_db
def test_too_much_is_the_customers() -> None:
    order, waybill = delivered_cod()
    book(only_line(waybill, order.total_minor + 700))
    assert open_exceptions() == ["surplus"]
    assert balances()["customer_funds"] == -700
    assert "cod_receivable" not in balances()
    assert list(differences()) == []


@pytest.mark.django_db
def test_money_for_what_is_lost_or_called_off_is_owed_to_whoever_paid() -> None:
    order, waybill = delivered_cod()
    parcel = order.groups.get().shipments.get()
    mark_lost(shipment_id=parcel.pk)
    decide_parcel(shipment_id=parcel.pk, decision=ParcelDecision.REFUND, user_id=staff().pk)
    line = only_line(waybill, order.total_minor)
    assert fit_of(line) == Fit.PAID
    book(line)
    assert open_exceptions() == ["duplicate"]
    assert balances()["customer_funds"] == -order.total_minor
    assert list(differences()) == []

    never_sent = make_cod(email="ani@example.com")
    call_off(order_id=never_sent.pk, reason=next(iter(CallOffReason)), user_id=staff().pk)
    other = only_line("X-1", never_sent.total_minor)
    book_settled_to_order(line_id=other.pk, number=never_sent.number, user_id=None)
    assert open_exceptions() == ["duplicate", "duplicate"]
    assert list(differences()) == []


@pytest.mark.django_db
def test_money_for_what_nobody_wrote_down_as_sent_is_a_sale_all_the_same() -> None:
    order = make_cod()
    line = only_line("JP-9", order.total_minor)
    book_settled_to_order(line_id=line.pk, number=order.number, user_id=None)
    assert payment_status(order=order) == PaymentStatus.PAID
    assert "cod_receivable" not in balances()
    assert list(differences()) == []


@pytest.mark.django_db
def test_a_fee_for_a_parcel_that_came_back_is_booked_without_a_receipt() -> None:
    line = only_line("JP-RETURN", 0, 9_000)
    assert fit_of(line) == Fit.FEE
    assert book(line)
    assert balances() == {"bank:main": -9_000, "courier_fee": 9_000}
    assert (PaymentReceipt.objects.count(), list(differences())) == (0, [])


@pytest.mark.django_db
def test_nobodys_money_says_where_it_is_written() -> None:
    line = only_line("JP-OTHER", 55_000, 1_000)
    book(line)
    trouble = PaymentException.objects.get()
    assert (trouble.kind, trouble.note) == (
        "unmatched",
        f"courier settlement {line.settlement_id}, line 2",
    )
    with pytest.raises(NoSuchOrder):
        book_settled_to_order(line_id=line.pk, number="AAAA-AAAA", user_id=None)
    assert list(differences()) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"AWB,COD Amount,Fee,Net\nJP1,100000,5000,96000\n", DoesNotAddUp),
        (b"AWB,COD Amount,Fee,Net\nJP1,lots,5000,95000\n", LineUnreadable),
        (b"AWB,COD Amount\n,100000\n", LineUnreadable),
        (b"AWB,COD Amount\nJP1,0\n", LineUnreadable),
        (b"hello\n", Unreadable),
    ],
)
def test_a_file_that_is_wrong_is_refused_whole(content: bytes, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        take_settlement(name="x", courier="JNE", content=content, user_id=None)
    assert not CourierSettlement.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content",
    [
        "No Resi;No Pesanan;Nilai COD;Biaya\nJP1;ABCD-EFGH;100.000;5.000\n",
        "Tracking Number,Order ID,Collected,Fee,Payout\nJP1,ABCD-EFGH,100000,5000,95000\n",
    ],
)
def test_the_columns_of_other_couriers_say_the_same(content: str) -> None:
    settlement = take_settlement(name="x", courier="JNE", content=content.encode(), user_id=None)
    line = settlement.lines.get()
    facts = (line.waybill, line.number, line.collected_minor, line.fee_minor)
    assert facts == ("JP1", "ABCD-EFGH", 100_000, 5_000)


# --- in the admin ---------------------------------------------------------------------------------


def upload(client: Client, content: bytes) -> Any:
    file = SimpleUploadedFile("cod.csv", content, content_type="text/csv")
    form = {"file": file, "courier": "JNE"}
    return client.post("/admin/payments/couriersettlement/add/", form)


@pytest.mark.django_db
def test_staff_read_a_file_in_look_through_it_and_book_it() -> None:
    order, waybill = delivered_cod()
    client = signed_in()
    rows = ((waybill, order.total_minor, 5_000), ("JP-X", 60_000, 0), ("JP-Y", 0, 3_000))
    answer = upload(client, csv_of(*rows))
    assert answer.status_code == 302
    page = client.get(answer["Location"])
    for words in (order.number, "What was to be collected.", "No parcel of ours has this waybill"):
        assert words in page.text, words
    assert PaymentReceipt.objects.count() == 0
    own, other, fee = SettlementLine.objects.order_by("position")
    form = {f"line-{own.pk}": "book", f"line-{other.pk}": "aside", f"line-{fee.pk}": "book"}
    for _twice in range(2):
        done = client.post(answer["Location"], form, follow=True)
    assert "All lines of this file are decided." in done.text
    assert PaymentReceipt.objects.count() == 1
    assert balances()["bank:main"] == order.total_minor - 8_000
    assert list(differences()) == []


@pytest.mark.django_db
def test_who_may_only_look_neither_reads_in_nor_books() -> None:
    line = only_line("JP1", 77_000)
    looker = signed_in(make_staff("payments.view_couriersettlement"))
    page = f"/admin/payments/couriersettlement/{line.settlement_id}/change/"
    assert looker.get(page).status_code == 200
    assert looker.post(page, {f"line-{line.pk}": "none"}).status_code == 403
    assert upload(looker, csv_of(("JP2", 1_000, 0))).status_code == 403
    assert PaymentReceipt.objects.count() == 0


@pytest.mark.django_db
def test_a_long_file_is_shown_in_as_many_queries_as_a_short_one() -> None:
    client = signed_in()
    counts = []
    for number, rows in enumerate((1, 30)):
        settlement = take(*((f"W{number}-{row}", 1_000, 0) for row in range(rows)))
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/admin/payments/couriersettlement/{settlement.pk}/change/")
        counts.append(len(queries))
    assert counts[0] == counts[1]
