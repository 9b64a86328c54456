"""Which ways to pay an order is offered, and why not the others."""

from collections.abc import Mapping
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.addresses import Contact
from orders.models import Order
from orders.phones import normalise_phone
from payments.cod.risk import GATEWAY, Purchase, why_not
from payments.gateways.methods import MethodSpec, offered_for
from shop.core.errors import DomainError
from shop.core.money import Money

# By which a window that has just begun may be shorter.
A_MOMENT = timedelta(minutes=1)


class MethodNotOffered(DomainError):
    code = "method_not_offered"
    status = 422
    message = _("Choose one of the payment methods offered for this total.")


class AmountChanged(DomainError):
    code = "amount_changed"
    message = _(
        "What is still to pay has just changed. Please look at the order again and choose once"
        " more in a moment."
    )


class TooLittleTime(DomainError):
    code = "too_little_time"
    status = 422
    message = _(
        "These goods are reserved for too short a time for this way to pay. Please choose another."
    )


def offer_methods(*, total: Money, purchase: Purchase | None = None) -> list[MethodSpec]:
    """The methods whose limits admit the total.

    Cash on delivery only where more of the purchase is known, and nothing of it speaks against it.
    """
    specs = offered_for(total)
    others = [spec for spec in specs if spec.gateway != GATEWAY]
    # Only where it is among them is anything asked about the buyer.
    if purchase is None or others == specs or why_not(purchase) is not None:
        return others
    return specs


def offer_again(*, order: Order, rest: Money) -> list[MethodSpec]:
    """The methods for what is left to pay of a placed order: those that its time is enough for."""
    specs = offered_for(rest)
    if any(spec.gateway == GATEWAY for spec in specs):
        specs = offer_methods(total=rest, purchase=Purchase.of_order(order, rest=rest))
    return [spec for spec in specs if _has_time(spec, order)]


def offered(method: str, total: Money) -> MethodSpec:
    """Whoever places it checks what else there is to it. Raises MethodNotOffered."""
    for spec in offered_for(total):
        if spec.code == method:
            return spec
    raise MethodNotOffered(method)


def check_time(spec: MethodSpec, order: Order) -> None:
    """Raises TooLittleTime."""
    if not _has_time(spec, order):
        raise TooLittleTime


def _has_time(spec: MethodSpec, order: Order) -> bool:
    """Whether money by this method comes before the goods are somebody else's."""
    needed = min(spec.min_window, settings.PAYMENT_WINDOW[spec.code])
    return order.reserve_until - timezone.now() >= needed - A_MOMENT


def payer_details(
    spec: MethodSpec, details: Mapping[str, str], contact: Contact | None
) -> dict[str, str]:
    """What the method needs of the payer, normalised; the contact's phone where none was given.

    Raises InvalidPhone.
    """
    if not spec.needs_phone:
        return {}
    phone = details.get("phone") or (contact.phone if contact else "")
    return {"phone": normalise_phone(phone)}
