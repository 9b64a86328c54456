"""A refund's page in the admin: the one place for money that belongs to no order."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.tests.builders import make_owner, make_staff
from orders.tests.life.builders import staff
from orders.tests.test_admin import signed_in
from payments.models import LedgerEntry, PaymentException, PaymentReceipt, PayoutAccount, Refund
from payments.receipts import book_receipt
from payments.refunds.accounts import prune_accounts
from payments.refunds.exceptions import refund_exception
from payments.tests.builders import make_capture
from payments.tests.refunds.test_planning import right
from payments.tests.refunds.test_transfers import SHOWN

pytestmark = pytest.mark.django_db
ACCOUNT = {"bank": "BCA", "number": "123-456 7890", "holder": "Siti Aminah"}


def of_no_order(user_id: int | None = None) -> Refund:
    book_receipt(gateway="xendit", reference="nobody", capture=make_capture(75_000))
    exception = PaymentException.objects.get()
    [refund] = refund_exception(exception_id=exception.pk, user_id=user_id or staff().pk)
    return refund


def page_of(refund: Refund) -> str:
    return reverse("admin:payments_refund_change", args=[refund.pk])


def press(client: Client, refund: Refund, name: str, **typed: Any) -> Any:
    url = reverse("admin:payments_refund_do", args=[refund.pk, name])
    return client.post(url, {"form_token": uuid4().hex, **typed}, follow=True)


def transferred(client: Client, refund: Refund, **typed: str) -> str:
    shown = SHOWN.search(client.get(page_of(refund)).text)
    assert shown is not None
    values = {"paid_on": timezone.localdate().isoformat(), "reference": "T1", "account": shown[1]}
    return str(press(client, refund, "transferred", **values | typed).text)


def test_money_of_no_order_is_approved_named_a_bank_account_and_recorded(
    settings: Settings,
) -> None:
    settings.REFUND_APPROVAL_ABOVE = {"IDR": 0}
    refund = of_no_order()
    first, second = signed_in(staff()), signed_in(make_owner(email="kedua@example.com"))
    assert "somebody else has to approve it" in press(first, refund, "approve").text
    assert "Approved." in press(second, refund, "approve").text
    assert "5 to 20 digits" in press(first, refund, "account", **ACCOUNT | {"number": "12"}).text
    assert not PayoutAccount.objects.exists()
    assert "The account is noted." in press(first, refund, "account", **ACCOUNT).text
    assert "1234567890" in first.get(page_of(refund)).text
    assert b"1234567890" not in bytes(PayoutAccount.objects.get().sealed)
    assert "You approved this refund" in transferred(second, refund)
    stale = transferred(first, refund, account="20260101")
    assert "another bank account was named" in stale
    assert Refund.objects.get().state == "awaiting_transfer"
    assert "Recorded as paid." in transferred(first, refund)
    refund = Refund.objects.get()
    assert (refund.state, refund.paid_to, refund.paid_by) == ("succeeded", "7890", staff())
    assert PaymentException.objects.get().resolution == f"given back: {refund.reference}"
    assert LedgerEntry.objects.get(account="bank:main").amount_minor == -75_000
    assert right()
    Refund.objects.update(ended_at=timezone.now() - timedelta(days=400))
    PayoutAccount.objects.update(given_at=timezone.now() - timedelta(days=400))
    assert prune_accounts() == 1


def test_money_of_no_order_is_called_back_and_lies_with_us() -> None:
    refund = of_no_order()
    assert "Called back" in press(signed_in(), refund, "call-back").text
    assert "on its way already" in press(signed_in(), refund, "approve").text
    receipt = PaymentReceipt.objects.get()
    assert (receipt.refund_pending_minor, Refund.objects.get().state) == (0, "cancelled")
    assert right()


def test_who_may_only_look_changes_nothing_and_reads_no_account() -> None:
    refund = of_no_order()
    press(signed_in(), refund, "account", **ACCOUNT)
    client = signed_in(make_staff("payments.view_refund"))
    page = client.get(page_of(refund))
    assert (page.status_code, "1234567890" in page.text) == (200, False)
    for name in ("approve", "call-back", "by-bank", "account", "transferred"):
        assert press(client, refund, name).status_code == 403, name
    assert press(signed_in(), refund, "nothing").status_code == 404
    assert Refund.objects.get().state == "awaiting_transfer"
