"""Exceptions as the shop opens them, and people who may deal with them."""

from typing import Any

from django.test import Client

from accounts.models import User
from accounts.tests.builders import make_staff
from catalog.admin.form_tokens import new_token
from orders.models import Order
from orders.settlement import close_unpaid
from orders.tests.builders import make_order
from payments.models import ExceptionStep, LedgerEntry, PaymentException, PaymentReceipt, Refund
from payments.receipts import book_receipt
from payments.tests.builders import make_attempt, make_capture, pay

LIST = "/admin/payments/paymentexception/"
RIGHTS = ("payments.view_paymentexception", "payments.change_paymentexception")


def clerk(*more: str) -> User:
    """Works at the desk, and gives no money away."""
    return make_staff(*RIGHTS, *more)


def cashier() -> User:
    return clerk("payments.change_refund")


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
