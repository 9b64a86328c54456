"""Finding an order by whatever the person on the telephone has at hand."""

import re

from django.db.models import Q, QuerySet

from orders.models import Order, OrderContact, Shipment
from orders.phones import InvalidPhone, normalise_phone

PHONE = re.compile(r"\+?[\d\s().-]{4,}")


def find_orders(queryset: QuerySet[Order], text: str) -> QuerySet[Order]:
    """Those with this number (or its beginning), recipient, phone, e-mail or tracking number."""
    text = " ".join(text.split())
    by_number = Order.objects.filter(number__startswith=text.upper().replace(" ", "-"))
    by_contact = OrderContact.objects.filter(_contact(text))
    by_parcel = Shipment.objects.filter(tracking_number__iexact=text)
    # Three small searches joined by key, each with an index of its own; one OR over joined tables
    # would read them all.
    return queryset.filter(
        pk__in=by_number.values("pk").union(
            by_contact.values("order_id"), by_parcel.values("group__order_id")
        )
    )


def _contact(text: str) -> Q:
    if "@" in text:
        return Q(email__iexact=text)
    if PHONE.fullmatch(text):
        return _phone(text)
    return Q(recipient_name__icontains=text)


def _phone(text: str) -> Q:
    try:
        return Q(phone=normalise_phone(text))
    except InvalidPhone:
        # A part of it, such as the last four digits.
        return Q(phone__contains=re.sub(r"\D", "", text).lstrip("0"))
