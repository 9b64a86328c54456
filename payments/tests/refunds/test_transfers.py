"""Money that was owed is transferred by hand, recorded once, booked, and told."""

import re
from datetime import date, timedelta
from functools import partial

import pytest
from django.db.models import Sum
from django.test import Client
from django.utils import timezone

from catalog.tests.builders import make_variant, stock_of
from orders.calling_off import call_off
from orders.models import CallOffReason, Order, OrderEvent, RefundDue, ReturnOutcome
from orders.tests.builders import make_order
from orders.tests.life.builders import (
    ask_return,
    deliver,
    receive,
    send_mails,
    settle,
    ship,
    staff,
)
from orders.tests.life.test_staff import press
from orders.tests.receipts.builders import taxed
from orders.tests.test_admin import found, signed_in
from payments.books import differences
from payments.models import LedgerEntry, PaymentException, Refund
from payments.refunds.accounts import Account, name_account
from payments.refunds.transfers import (
    NotThatDay,
    ReferenceMissing,
    ReferenceTooLong,
    record_transferred,
)
from payments.tests.builders import make_attempt, make_capture, pay
from tests.racing import race


def called_off() -> Order:
    order = make_order(lines={taxed(): 2})
    pay(make_attempt(order, method="bca_va"))
    call_off(order_id=order.pk, reason=CallOffReason.OTHER, user_id=staff().pk)
    order.refresh_from_db()
    return order


def refund_for(due: RefundDue) -> Refund:
    return Refund.objects.get(due=due)


def record(due: RefundDue, *, on: date | None = None, reference: str = "BCA 4711") -> bool:
    return record_transferred(
        refund_id=refund_for(due).pk,
        paid_on=on or timezone.localdate(),
        reference=reference,
        user_id=staff().pk,
    )


def booked(order: Order) -> dict[str, int]:
    rows = LedgerEntry.objects.filter(transaction__order=order).values_list("account_id")
    return {code: total for code, total in rows.annotate(total=Sum("amount_minor")) if total}


@pytest.mark.django_db
def test_calling_off_undoes_the_sale_and_paying_out_ends_what_is_owed() -> None:
    order = called_off()
    total = order.total_minor
    assert booked(order) == {"gateway_clearing:xendit": total, "refunds_payable": -total}
    due = RefundDue.objects.get()
    assert [record(due), record(due)] == [True, False]
    assert booked(order) == {"gateway_clearing:xendit": total, "bank:main": -total}
    due.refresh_from_db()
    assert (due.paid_on, due.paid_reference, due.paid_by) == (
        timezone.localdate(),
        "BCA 4711",
        staff(),
    )
    event = OrderEvent.objects.get(kind="refund_paid")
    assert (event.user, event.data) == (
        staff(),
        {"amount": total, "refund": due.pk, "reference": refund_for(due).reference},
    )
    assert [str(each) for each in differences()] == []


@pytest.mark.django_db
def test_a_refund_of_goods_takes_back_their_share_of_income_and_tax() -> None:
    order = make_order(lines={taxed(111_000): 1})
    pay(make_attempt(order, method="bca_va"))
    deliver(ship(order))
    before = booked(order)
    settle(receive(ask_return(order)), ReturnOutcome.REFUND)
    due = RefundDue.objects.get()
    assert due.amount_minor == 111_000
    after = booked(order)
    taken = {code: after.get(code, 0) - before.get(code, 0) for code in (*before, *after)}
    assert {code: total for code, total in taken.items() if total} == {
        "sales": 100_000,
        "ppn_out": 11_000,
        "refunds_payable": -111_000,
    }
    record(due)
    assert booked(order)["bank:main"] == -111_000
    assert [str(each) for each in differences()] == []


@pytest.mark.django_db
def test_a_wrong_day_or_no_reference_records_nothing() -> None:
    order = called_off()
    due = RefundDue.objects.get()
    today = timezone.localdate()
    for day in (today + timedelta(days=1), today - timedelta(days=1)):
        with pytest.raises(NotThatDay):
            record(due, on=day)
    with pytest.raises(ReferenceMissing):
        record(due, reference="  ")
    with pytest.raises(ReferenceTooLong):
        record(due, reference="9" * 61)
    client = signed_in()
    text = press(
        client, order, "refund-paid", refund_for(due).pk, paid_on="soon", reference="x"
    ).text
    assert "Enter the day of the transfer" in text
    due.refresh_from_db()
    assert (due.paid_at, "bank:main" in booked(order)) == (None, False)


@pytest.mark.django_db
def test_staff_record_it_and_the_customer_sees_and_reads_it() -> None:
    order, other = called_off(), make_order()
    due, client = RefundDue.objects.get(), signed_in()
    send_mails()
    page = f"/en/orders/{order.token}/"
    assert f"We send you {due.amount.format()} back." in Client().get(page).text
    assert Client().get(f"/en/pay/{order.token}/").headers["Location"] == page
    typed = {"paid_on": timezone.localdate().isoformat(), "reference": "BCA 4711"}
    assert press(client, other, "refund-paid", refund_for(due).pk, **typed).status_code == 404
    text = press(client, order, "refund-paid", refund_for(due).pk, **typed).text
    assert "Recorded as paid" in text
    assert "have to be given back" not in text
    assert found(client, show="to_settle") == []
    shown = Client().get(page).text
    for words in (f"We sent you {due.amount.format()} back on", "BCA 4711"):
        assert words in shown, words
    (letter,) = send_mails()
    assert due.amount.format() in letter.body
    assert "BCA 4711" in letter.body


@pytest.mark.django_db
def test_money_that_comes_for_a_called_off_order_does_not_bring_it_back() -> None:
    shirt = make_variant(on_hand=3)
    order = make_order(lines={shirt: 1})
    attempt = make_attempt(order)
    pay(attempt)
    call_off(order_id=order.pk, reason=CallOffReason.OTHER, user_id=staff().pk)
    pay(attempt, make_capture(1_000))
    order.refresh_from_db()
    assert (order.status, stock_of(shirt)) == ("cancelled", (3, 0))
    assert PaymentException.objects.get().kind == "duplicate"


@pytest.mark.django_db(transaction=True)
def test_two_hands_record_one_transfer_once() -> None:
    due = RefundDue.objects.get(order=called_off())
    done = race([partial(record, due, reference=f"T{number}") for number in range(4)])
    assert sorted(map(str, done)) == ["False", "False", "False", "True"]
    assert OrderEvent.objects.filter(kind="refund_paid").count() == 1


# --- to which account ----------------------------------------------------------------------------
SHOWN = re.compile(r'name="account" value="(\w*)"')


def version_on(client: Client, order: Order) -> str:
    found = SHOWN.search(client.get(f"/admin/orders/order/{order.pk}/change/").text)
    assert found is not None
    return found[1]


@pytest.mark.django_db
@pytest.mark.parametrize("first", ["1234567890", ""], ids=["replaced", "named-since"])
def test_a_transfer_to_an_account_that_was_replaced_meanwhile_is_not_recorded_as_one_to_the_new(
    first: str,
) -> None:
    order, client = called_off(), signed_in()
    refund = Refund.objects.get()
    if first:
        name_account(order_id=order.pk, account=Account("BCA", first, "Siti"))
    seen = version_on(client, order)
    name_account(order_id=order.pk, account=Account("BRI", "5550001111", "Siti"))
    typed = {"paid_on": timezone.localdate().isoformat(), "reference": "T1", "account": seen}
    text = press(client, order, "refund-paid", refund.pk, **typed).text
    assert "another bank account was named after you opened the page" in text
    text = press(client, order, "refund-paid", refund.pk, **typed, went_to="78 9").text
    assert "Enter the last four digits" in text
    refund.refresh_from_db()
    assert (refund.state, refund.paid_to, "bank:main" in booked(order)) == (
        "awaiting_transfer",
        "",
        False,
    )
    text = press(client, order, "refund-paid", refund.pk, **typed, went_to="7890").text
    refund.refresh_from_db()
    assert (refund.state, refund.paid_to) == ("succeeded", "7890")
    assert "••••7890" in text


@pytest.mark.django_db
def test_the_account_that_staff_read_is_the_one_it_went_to() -> None:
    order, client = called_off(), signed_in()
    name_account(order_id=order.pk, account=Account("BCA", "1234567890", "Siti"))
    typed = {"paid_on": timezone.localdate().isoformat(), "reference": "T1"}
    press(
        client,
        order,
        "refund-paid",
        Refund.objects.get().pk,
        **typed,
        account=version_on(client, order),
    )
    assert Refund.objects.get().paid_to == "7890"
