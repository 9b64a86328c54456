"""Exceptions as the shop opens them, and people who may deal with them."""

from typing import Any

from django.test import Client

from accounts.models import User
from accounts.tests.builders import make_staff
from catalog.admin.form_tokens import new_token
from orders.models import Order
from orders.settlement import close_unpaid
from orders.tests.builders import make_order
from payments.books import differences
from payments.models import ExceptionStep, LedgerEntry, PaymentException, PaymentReceipt, Refund
from payments.receipts import book_receipt
from payments.reconciling.trouble import open_phantom
from payments.tests.builders import make_attempt, make_capture, pay
from payments.tests.invariants import check_invariants

LIST = "/admin/payments/paymentexception/"
RIGHTS = ("payments.view_paymentexception", "payments.change_paymentexception")


def clerk(*more: str) -> User:
    """Works at the desk, and gives no money away."""
    return make_staff(*RIGHTS, *more)


def cashier() -> User:
    return clerk("payments.change_refund", "payments.add_ledgeradjustment")


def the_one() -> PaymentException:
    return PaymentException.objects.select_related("order", "receipt").get()


def short(by: int = 1_000, *, order: Order | None = None, is_over: bool = False) -> Order:
    """Less than the total has come."""
    order = order or make_order()
    pay(make_attempt(order), make_capture(order.total_minor - by))
    if is_over:
        close_unpaid(order_id=order.pk)
    order.refresh_from_db()
    return order


def over(by: int = 5_000, **fields: object) -> Order:
    order = make_order()
    Order.objects.filter(pk=order.pk).update(**fields)
    pay(make_attempt(order), make_capture(order.total_minor + by))
    order.refresh_from_db()
    return order


def unmatched(amount: int = 50_000, *, currency: str = "IDR") -> PaymentReceipt:
    capture = make_capture(amount, currency=currency)
    return book_receipt(gateway="xendit", reference="NOBODY-A1", capture=capture)


def phantom() -> Order:
    """Paid, and not in the gateway's list: a matter of words, its money is sold for."""
    order = make_order()
    open_phantom(pay(make_attempt(order)))
    return order


def steps() -> list[str]:
    return list(ExceptionStep.objects.order_by("pk").values_list("kind", flat=True))


def state() -> list[object]:
    """All that an action may change; a refusal leaves it as it was."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (PaymentException, PaymentReceipt, Refund, ExceptionStep, LedgerEntry, Order)
    ]


def signed_in(user: User) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    return client


def do(client: Client, act: str, **typed: str) -> Any:
    """Confirm an action on its own page."""
    url = f"{LIST}{the_one().pk}/do/{act}/"
    return client.post(url, {"form_token": new_token(), **typed}, follow=True)


def hand_over(client: Client, to: str) -> Any:
    return client.post(f"{LIST}{the_one().pk}/hand-over/", {"to": to}, follow=True)


def said(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def balance(account: str) -> int:
    entries = LedgerEntry.objects.filter(account=account)
    return sum(entries.values_list("amount_minor", flat=True))


def all_is_right() -> None:
    check_invariants()
    assert [str(one) for one in differences()] == []


def refused(answer: Any, before: list[object]) -> bool:
    """The reason is on the page of the button, and nothing has changed."""
    return answer.status_code in (409, 422) and bool(answer.context["error"]) and state() == before
