"""Who may pay at the door: the shop sends goods for which nobody has paid.

What is not known yet of a purchase is not held against it: the page offers, placement decides.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.buyers import Buyer, person
from orders.checkout import Checkout
from orders.courier_codes import courier_code
from orders.models import BuyerKey, BuyerKeyKind, Order, Shipment, ShipmentStatus
from payments.models import CodBan, PaymentAttempt
from shop.core.errors import DomainError
from shop.core.money import Money

GATEWAY = "cod"


class Why(StrEnum):
    """Why an order cannot be paid at the door."""

    TOTAL = "total"
    PART = "part"
    PARCELS = "parcels"
    PLACE = "place"
    COURIER = "courier"
    OPEN = "open"
    BUYER = "buyer"


_SAYS = {
    Why.TOTAL: _("the total is too high for it"),
    Why.PART: _("a part of it is paid in another way"),
    Why.PARCELS: _("it is sent in more than one parcel"),
    Why.PLACE: _("we do not offer it where you live"),
    Why.COURIER: _("this courier does not collect money for us"),
    Why.OPEN: _("other orders of yours are still to be paid at the door"),
    Why.BUYER: _("it is not available for this order"),
}


class CodNotOffered(DomainError):
    code = "cod_not_offered"
    status = 422
    message = _("You cannot pay this order at the door: {why}. Please choose another way to pay.")

    def __init__(self, why: Why) -> None:
        super().__init__(f"no cash on delivery: {why}", why=str(_SAYS[why]))


@dataclass(frozen=True, slots=True)
class Purchase:
    """What is known of an order when its ways to pay are offered; empty where it is not yet."""

    total: Money
    parcels: int = 1
    country: str = ""
    is_part_paid: bool = False
    province: str = ""
    couriers: Collection[str] = ()
    buyer: Buyer = field(default_factory=dict)

    @classmethod
    def of_checkout(cls, checkout: Checkout, *, is_part_paid: bool) -> "Purchase":
        return cls(
            total=checkout.total,
            is_part_paid=is_part_paid,
            parcels=len(checkout.parcels),
            country=checkout.address.country,
            province=checkout.address.province,
            couriers=[option.courier for option in checkout.shipping.values()],
            buyer=checkout.buyer,
        )

    @classmethod
    def of_order(cls, order: Order, *, rest: Money) -> "Purchase":
        """`rest`: what is left to pay of it. Three queries."""
        contact = getattr(order, "contact", None)
        groups = list(order.groups.values_list("courier", flat=True))
        keys = BuyerKey.objects.filter(order=order).values_list("kind", "key")
        return cls(
            total=order.total,
            is_part_paid=rest != order.total,
            parcels=len(groups),
            country=contact.country if contact else "",
            province=contact.province if contact else "",
            couriers=groups,
            buyer={BuyerKeyKind(kind): key for kind, key in keys},
        )


def why_not(purchase: Purchase) -> Why | None:
    """The first reason against it; None where the order may be paid at the door."""
    if purchase.total.minor > settings.COD_MAX_TOTAL:
        return Why.TOTAL
    if purchase.is_part_paid:
        # The courier is told one amount, and the books expect the total.
        return Why.PART
    if purchase.parcels > 1:
        return Why.PARCELS
    if purchase.country and not _reaches(purchase):
        return Why.PLACE
    collecting = {courier_code(name) for name in settings.COD_COURIERS}
    if collecting and not {courier_code(name) for name in purchase.couriers} <= collecting:
        return Why.COURIER
    return _why_not_buyer(purchase.buyer) if purchase.buyer else None


def check(purchase: Purchase) -> None:
    """Raises CodNotOffered."""
    why = why_not(purchase)
    if why is not None:
        raise CodNotOffered(why)


def _reaches(purchase: Purchase) -> bool:
    if purchase.country != settings.DEFAULT_COUNTRY:
        return False
    provinces = settings.COD_PROVINCES
    return not provinces or purchase.province in provinces


def _why_not_buyer(buyer: Buyer) -> Why | None:
    """Known again by pseudonyms: a neighbour at the same address may have other open orders, but
    where parcels came back they come back again."""
    keys = list(buyer.values())
    if CodBan.objects.filter(key__in=keys).exists():
        return Why.BUYER
    same_person = BuyerKey.objects.filter(key__in=person(buyer)).values("order_id")
    unpaid = Order.objects.filter(pk__in=same_person, status="confirmed", collect_minor__gt=0)
    if unpaid.count() >= settings.COD_MAX_OPEN:
        return Why.OPEN
    at_the_door = PaymentAttempt.objects.filter(gateway=GATEWAY, order=OuterRef("group__order"))
    same_place = BuyerKey.objects.filter(key__in=keys).values("order_id")
    came_back = Shipment.objects.filter(
        Exists(at_the_door),
        status=ShipmentStatus.RETURNED_TO_SENDER,
        group__order__in=same_place,
        shipped_at__gte=timezone.now() - settings.COD_REFUSAL_REMEMBERED,
    )
    return Why.BUYER if came_back.exists() else None
