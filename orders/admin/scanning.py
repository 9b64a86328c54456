"""Tracking numbers for many orders: scan the order, scan the parcel, and on to the next.

A scanner types and presses Enter. Enter after the order shows what goes into its parcel and waits
for the tracking number; Enter after that sends it. Works with the keyboard alone and on a phone.
"""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.admin.product_pages import user_of
from orders.fulfilment import AlreadyShipped, NothingToShip, NotPaid, ship_lines, unshipped
from orders.models import PAID, FulfilmentGroup, Order, OrderLine
from shop.core.errors import DomainError, NotFound


class NoSuchOrder(NotFound):
    code = "no_such_order"
    message = _("No order has this number.")


class SeveralParcels(DomainError):
    code = "several_parcels"
    message = _("This order is sent from several places: enter its parcels on its own page.")


class SlipScanned(DomainError):
    code = "slip_scanned"
    message = _("That is the number of an order. Scan the courier's label instead.")


@dataclass(frozen=True, slots=True)
class ToSend:
    """The one group of an order that something is left of."""

    order: Order
    group: FulfilmentGroup
    rows: list[tuple[OrderLine, int]]


class ScanForm(forms.Form):
    number = forms.CharField(
        label=_("Order number"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    tracking_number = forms.CharField(
        label=_("Tracking number"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )


def scan_parcels(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """The page and its form. A parcel that is scanned twice is sent once."""
    form = ScanForm(request.POST or None, label_suffix="")
    to_send = None
    if form.is_valid():
        try:
            to_send = find_to_send(form.cleaned_data["number"])
            _not_a_slip(form.cleaned_data["tracking_number"])
            if form.cleaned_data["tracking_number"]:
                _send(request, to_send, form.cleaned_data["tracking_number"])
                return redirect("admin:orders_order_scan")
        except AlreadyShipped as error:
            messages.warning(request, error.user_message)
            return redirect("admin:orders_order_scan")
        except DomainError as error:
            form.add_error(None, error.user_message)
    field = form.fields["tracking_number" if to_send else "number"]
    # The cursor waits where the next scan goes.
    field.widget.attrs["autofocus"] = True
    shown = context | {"title": _("Enter tracking numbers"), "form": form, "to_send": to_send}
    status = 422 if form.errors else 200
    return TemplateResponse(request, "admin/orders/order/scan.html", shown, status=status)


def _not_a_slip(tracking_number: str) -> None:
    """Raises SlipScanned where the second scan met the next parcel's slip."""
    if Order.objects.filter(number=tracking_number.strip().upper()).exists():
        raise SlipScanned


def find_to_send(number: str) -> ToSend:
    """Raises NoSuchOrder, NotPaid, NothingToShip, SeveralParcels."""
    typed = number.strip().upper().replace(" ", "-")
    order = Order.objects.select_related("contact").filter(number=typed).first()
    if order is None:
        raise NoSuchOrder
    if order.status not in PAID:
        raise NotPaid
    groups = [(group, unshipped(group)) for group in order.groups.order_by("pk")]
    open_groups = [(group, left) for group, left in groups if left]
    if not open_groups:
        raise NothingToShip
    if len(open_groups) > 1:
        raise SeveralParcels
    group, left = open_groups[0]
    lines = group.lines.order_by("pk")
    return ToSend(order, group, [(line, left[line.pk]) for line in lines if line.pk in left])


def _send(request: HttpRequest, to_send: ToSend, tracking_number: str) -> None:
    ship_lines(
        group_id=to_send.group.pk,
        courier=to_send.group.courier,
        tracking_number=tracking_number,
        actor_id=user_of(request),
    )
    text = gettext("%(order)s sent with %(courier)s, %(number)s.")
    facts = {
        "order": to_send.order.number,
        "courier": to_send.group.courier,
        "number": tracking_number.strip(),
    }
    messages.success(request, text % facts)
