"""The mails that ask for the money of an order: once at placement, once before its deadline."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from orders.emails import Letter, read_order, send_letter
from orders.letters import Sendable, sendable
from orders.models import Order, OrderStatus
from payments.models import Refund
from payments.pay_page import show_payment
from payments.refunds.accounts import account_of
from payments.status import outstanding
from shop.core import outbox
from shop.core.rows import Part

# Most pay at once: who has paid by then is not asked to.
ASK_AFTER = timedelta(seconds=20)
# In a window shorter than this the first mail is reminder enough.
SHORTEST_TO_REMIND = timedelta(minutes=20)


def register_handlers() -> None:
    outbox.register("order-placed", send_placed)
    outbox.register("payment-reminder", send_reminder)
    outbox.register("payment-rest", send_rest)
    outbox.register("money-refunded", send_refunded)
    outbox.register("payout-account", send_payout_account)


def letters_of(order: Order) -> Iterator[Sendable]:
    """What staff may send of them once more."""
    yield from sendable("placed", _("Please pay"), "", write_placed(order.pk))


def send_placed(payload: dict[str, Any]) -> None:
    """Of the outbox. Nothing for an order that is paid or over; the reminder is asked for here."""
    letter = write_placed(payload["order_id"])
    if letter is not None:
        _remind_later(letter.order)
        send_letter(letter)


def _remind_later(order: Order) -> None:
    window = order.reserve_until - order.placed_at
    if window >= SHORTEST_TO_REMIND:
        delay = max(order.placed_at + window / 2 - timezone.now(), timedelta(0))
        with transaction.atomic():
            outbox.add_later(
                "payment-reminder",
                delay,
                key=f"payment-reminder:{order.pk}",
                order_id=order.pk,
            )


def ask_no_more(order: Order) -> Part:
    """It is paid: the mails that would have asked for its money are not even begun."""
    return outbox.withdrawing(f"order-placed:{order.pk}", f"payment-reminder:{order.pk}")


def send_reminder(payload: dict[str, Any]) -> None:
    send_letter(write_reminder(payload["order_id"]))


def send_rest(payload: dict[str, Any]) -> None:
    """Of the outbox, as staff have asked."""
    send_letter(write_rest(payload["order_id"]))


def send_refunded(payload: dict[str, Any]) -> None:
    """Of the outbox: money that did not fit the order has gone back."""
    refund = Refund.objects.get(pk=payload["refund_id"])
    if refund.order_id is not None:
        send_letter(Letter(read_order(refund.order_id), "order_refunded", {"refund": refund}))


def send_payout_account(payload: dict[str, Any]) -> None:
    """Of the outbox: where the money is to go was said, perhaps not by its buyer."""
    order = read_order(payload["order_id"])
    account = account_of(order)
    if account is not None:
        send_letter(Letter(order, "payout_account", {"account": account.masked}))


def write_placed(order_id: int) -> Letter | None:
    return _write(order_id, "order_placed")


def write_reminder(order_id: int) -> Letter | None:
    """Whoever has paid a part is asked for the rest."""
    return write_rest(order_id) or _write(order_id, "payment_reminder")


def write_rest(order_id: int) -> Letter | None:
    """What has come and what is missing. None where nothing is, or nothing has come."""
    letter = _write(order_id, "payment_rest")
    if letter is None:
        return None
    rest = outstanding(letter.order)
    received = letter.order.total - rest
    if rest.minor <= 0 or received.minor <= 0:
        return None
    letter.context.update(rest=rest.format(), received=received.format())
    return letter


def _write(order_id: int, template: str) -> Letter | None:
    """Nothing that could not be followed any more."""
    order = read_order(order_id)
    if order.status != OrderStatus.PENDING or order.reserve_until <= timezone.now():
        return None
    page = show_payment(order)
    with translation.override(order.language):
        pay_url = settings.PUBLIC_URL + reverse("payments:pay", args=[order.token])
        method = str(page.method.name) if page.method else ""
    context = {
        "pay_url": pay_url,
        "method": method,
        "account_number": page.account_number,
        "amount": page.amount.format(),
        "bank": page.bank_name,
        "bank_account": page.bank_account,
        "bank_holder": page.bank_holder,
    }
    return Letter(order, template, context)
