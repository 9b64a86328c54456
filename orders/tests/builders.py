"""Carts and orders for tests, made the way a customer makes them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from catalog.models import Variant
from catalog.tests.builders import make_variant
from orders.addresses import Address, Contact, checked_contact, destination_of
from orders.carts import add_to_cart, get_cart, new_cart
from orders.checkout import Checkout, prepare, quote_cart
from orders.models import Cart, Order, OrderEvent, OrderStatus, Region, ShippingRate, ShippingZone
from orders.placing import place_order
from orders.settlement import close_unpaid, confirm

BANDUNG = "32"
SUMUR_BANDUNG = "32.73.19"


def make_rate(
    *,
    province: str = BANDUNG,
    courier: str = "JNE",
    service: str = "REG",
    first_kg: int = 12_000,
    next_kg: int = 9_000,
    **fields: Any,
) -> ShippingRate:
    """A courier's price into one province; the same service twice is the same rate."""
    zone, _is_new = ShippingZone.objects.get_or_create(name=f"Zona {province}")
    zone.regions.add(Region.objects.get(code=province))
    rate, _is_new = ShippingRate.objects.get_or_create(
        zone=zone,
        courier=courier,
        service=service,
        currency="IDR",
        defaults={
            "name": f"{courier} {service}",
            "first_kg_minor": first_kg,
            "next_kg_minor": next_kg,
            "eta_min_days": 2,
            "eta_max_days": 4,
        }
        | fields,
    )
    return rate


def make_address(**fields: Any) -> Address:
    values = {
        "recipient_name": "Siti Aminah",
        "phone": "081234567890",
        "street": "Jl. Braga No. 12",
        "region": SUMUR_BANDUNG,
        "postal_code": "40111",
        "notes": "",
    }
    return Address(**values | fields)


def make_contact(email: str = "siti@example.com", phone: str = "081234567890") -> Contact:
    return Contact(email, phone)


def make_cart(quantities: Mapping[Variant, int] | None = None) -> Cart:
    """One shirt unless quantities are given."""
    cart = new_cart()
    for variant, quantity in (quantities or {make_variant(): 1}).items():
        add_to_cart(cart_token=cart.token, variant_id=variant.public_id, quantity=quantity)
    # Filling it moved `updated_at`, by which placement knows that nothing changed since.
    return get_cart(token=cart.token)


def make_checkout(
    cart: Cart | None = None,
    *,
    contact: Contact | None = None,
    address: Address | None = None,
    language: str = "id",
    **changes: Any,
) -> Checkout:
    """The cart, sent by the cheapest courier there is; a rate is made where there is none.

    `changes` replace what the customer would have chosen: shipping, expected_total.
    """
    cart = cart or make_cart()
    address = address or make_address()
    goal = destination_of(
        country=address.country, region=address.region, postal_code=address.postal_code
    )
    reached = Q(zone__regions__in=goal.codes) | Q(zone__regions=None)
    if goal.province and not ShippingRate.objects.filter(reached).exists():
        make_rate(province=goal.province)
    known = checked_contact(contact or make_contact(), country=goal.country)
    quoted = quote_cart(cart=cart, destination=goal, language=language, contact=known)
    choice: dict[str, Any] = {
        "shipping": {key: option.code for key, option in quoted.chosen.items()},
        "expected_total": quoted.priced.total,
    }
    return prepare(
        cart_token=cart.token,
        customer_id=cart.customer_id,
        contact=contact or make_contact(),
        address=address,
        language=language,
        **(choice | changes),
    )


def make_order(
    *,
    status: OrderStatus = OrderStatus.PENDING,
    lines: Mapping[Variant, int] | None = None,
    contact: Contact | None = None,
    address: Address | None = None,
    language: str = "id",
    pay_within: timedelta = timedelta(minutes=30),
) -> Order:
    """One shirt unless lines are given; moved to the status by the shop's own operations."""
    cart = make_cart(lines)
    checkout = make_checkout(cart, contact=contact, address=address, language=language)
    order = place_order(checkout=checkout, reserve_until=timezone.now() + pay_within)
    match status:
        case OrderStatus.CONFIRMED | OrderStatus.CLOSED:
            confirm(order_id=order.pk, actor=OrderEvent.Actor.SYSTEM)
        case OrderStatus.EXPIRED | OrderStatus.CANCELLED:
            close_unpaid(order_id=order.pk, status=status)
    order.refresh_from_db()
    if status == OrderStatus.CLOSED:
        order.move_to(OrderStatus.CLOSED)
        order.save(update_fields=["status"])
    return order
