"""The mails that an order could be sent right now: to read them first, or to send one again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orders.emails import (
    Letter,
    mail_context,
    send_letter,
    write_called_off,
    write_confirmed,
    write_delivered,
    write_ended,
    write_parcel,
    write_refunded,
    write_return,
    write_shipped,
)
from orders.models import Order, OrderEvent, RefundDue, Return, Shipment
from shop.core import mail, outbox
from shop.core.errors import NotFound


class LetterNotFound(NotFound):
    code = "letter_not_found"
    message = _("This mail is no longer true of the order, so it cannot be sent.")


@dataclass(frozen=True, slots=True)
class Sendable:
    """`key` names one mail of one order: `shipped-12`."""

    key: str
    label: str | Promise
    about: str
    letter: Letter


Source = Callable[[Order], Iterator[Sendable]]
_sources: list[Source] = []


def register_handlers() -> None:
    outbox.register("order-mail-again", deliver_again)


def register_letters(source: Source) -> None:
    """For a higher app that has mails of its own; called from `AppConfig.ready`."""
    if source not in _sources:
        _sources.append(source)


def letters_of(order: Order) -> list[Sendable]:
    """Those that are true now; none once the buyer's contact is erased."""
    if not hasattr(order, "contact"):
        return []
    return [letter for source in (_own, *_sources) for letter in source(order)]


def _own(order: Order) -> Iterator[Sendable]:
    yield from sendable("confirmed", _("Payment received"), "", write_confirmed(order.pk))
    yield from sendable("ended", _("Order ended"), "", write_ended(order.pk))
    yield from sendable("called-off", _("Order called off"), "", write_called_off(order.pk))
    for due in RefundDue.objects.filter(order=order, paid_on__isnull=False).order_by("pk"):
        about = due.amount.format()
        yield from sendable(
            f"refunded-{due.pk}", _("Money sent back"), about, write_refunded(due.pk)
        )
    for parcel in Shipment.objects.filter(group__order=order).order_by("pk"):
        for name, label, write in (
            ("shipped", _("Parcel sent"), write_shipped),
            ("delivered", _("Parcel arrived"), write_delivered),
            ("parcel", _("Parcel lost or brought back"), write_parcel),
        ):
            yield from sendable(f"{name}-{parcel.pk}", label, str(parcel), write(parcel.pk))
    for goods_return in Return.objects.filter(order=order).order_by("pk"):
        letter = write_return(goods_return.pk, state=goods_return.state)
        key = f"return-{goods_return.pk}"
        yield from sendable(key, _("Return"), goods_return.get_state_display(), letter)


def sendable(
    key: str, label: str | Promise, about: str, letter: Letter | None
) -> Iterator[Sendable]:
    if letter is not None:
        yield Sendable(key, label, about, letter)


def find_letter(order: Order, key: str) -> Sendable:
    """Raises LetterNotFound."""
    for letter in letters_of(order):
        if letter.key == key:
            return letter
    raise LetterNotFound


def preview(letter: Letter) -> mail.Written:
    """The mail as its reader would get it, in the order's language."""
    context = letter.context | mail_context(letter.order)
    return mail.write(letter.template, language=letter.order.language, context=context)


@transaction.atomic
def send_again(*, order: Order, key: str, user_id: int, token: str) -> Sendable:
    """Send one mail of an order once more. The same `token` again sends nothing.

    Raises LetterNotFound.
    """
    found = find_letter(order, key)
    OrderEvent.objects.create(
        order=order,
        kind="mail_sent_again",
        actor=OrderEvent.Actor.STAFF,
        user_id=user_id,
        data={"mail": key},
    )
    outbox.add("order-mail-again", key=f"order-mail-again:{token}", order_id=order.pk, mail=key)
    return found


def deliver_again(payload: dict[str, Any]) -> None:
    """Of the outbox. Nothing where it stopped being true meanwhile."""
    order = Order.objects.select_related("contact").filter(pk=payload["order_id"]).first()
    for letter in letters_of(order) if order else ():
        if letter.key == payload["mail"]:
            send_letter(letter.letter)
