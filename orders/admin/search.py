"""Finding an order by whatever the person on the telephone has at hand."""

import re

from django.db.models import Q, QuerySet

from orders.models import Invoice, Order, OrderContact, Shipment
from orders.phones import InvalidPhone, normalise_phone

PHONE = re.compile(r"\+?[\d\s().-]{4,}")
# A name that fits more orders than anybody reads finds the newest of them.
MOST_FOUND = 1000


def find_orders(queryset: QuerySet[Order], text: str) -> QuerySet[Order]:
    """Those with this number (or its beginning), recipient, phone, e-mail, tracking number or
    invoice number; where very many fit, the newest of them. One query.
    """
    text = " ".join(text.split())
    by_number = Order.objects.filter(number__startswith=text.upper().replace(" ", "-"))
    by_contact = OrderContact.objects.filter(_contact(text)).order_by("-order_id")
    by_parcel = Shipment.objects.filter(tracking_number__iexact=text)
    by_invoice = Invoice.objects.filter(reference=text.upper())
    # Four small searches, each with an index of its own; one OR over joined tables would read them
    # all. Their keys are fetched first: joined to what might be a thousand, orders are read whole.
    found = (
        by_number.order_by("-pk")
        .values_list("pk", flat=True)[:MOST_FOUND]
        .union(
            by_contact.values_list("order_id", flat=True)[:MOST_FOUND],
            by_parcel.values_list("group__order_id", flat=True),
            by_invoice.values_list("order_id", flat=True),
        )
    )
    return queryset.filter(pk__in=list(found))


def _contact(text: str) -> Q:
    if "@" in text:
        return Q(email__iexact=text)
    if PHONE.fullmatch(text):
        return _phone(text)
    if len(text) < 3:
        # Too short for the parts that the index knows; as a beginning it has enough of them.
        return Q(recipient_name__istartswith=text)
    return Q(recipient_name__icontains=text)


def _phone(text: str) -> Q:
    try:
        number = normalise_phone(text)
    except InvalidPhone:
        # A part of it, such as the last four digits.
        part = re.sub(r"\D", "", text).lstrip("0")
        return Q(phone__contains=part) | Q(recipient_phone__contains=part)
    return Q(phone=number) | Q(recipient_phone=number)
