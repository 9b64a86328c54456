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
from orders.fulfilment import (
    AlreadyShipped,
    NothingToShip,
    NotPaid,
    ship_lines,
    ship_packed,
    unshipped_of,
)
from orders.models import PAID, FulfilmentGroup, Order, OrderLine, Shipment, ShipmentStatus
from shop.core.errors import DomainError, NotFound


class NoSuchOrder(NotFound):
    code = "no_such_order"
    message = _("No order has this number.")


class SeveralParcels(DomainError):
    code = "several_parcels"
    message = _("Several parcels of this order are to be sent: enter them on its own page.")


class CalledOff(DomainError):
    code = "called_off"
    message = _("This order was cancelled: do not send it, its goods go back to their shelf.")


class SlipScanned(DomainError):
    code = "slip_scanned"
    message = _("That is the number of an order. Scan the courier's label instead.")


@dataclass(frozen=True, slots=True)
class ToSend:
    """The one parcel of an order that is to leave: packed already, or what is left of a group."""

    order: Order
    group: FulfilmentGroup
    rows: list[tuple[OrderLine, int]]
    packed: Shipment | None = None


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
    """Raises NoSuchOrder, NotPaid, CalledOff, NothingToShip, SeveralParcels."""
    typed = number.strip().upper().replace(" ", "-")
    order = Order.objects.select_related("contact").filter(number=typed).first()
    if order is None:
        raise NoSuchOrder
    if order.status not in PAID:
        raise CalledOff if order.confirmed_at else NotPaid
    waiting = [*_packed(order), *_left(order)]
    if not waiting:
        raise NothingToShip
    if len(waiting) > 1:
        raise SeveralParcels
    return waiting[0]


def _packed(order: Order) -> list[ToSend]:
    """Parcels that wait for their number."""
    parcels = Shipment.objects.filter(group__order=order, status=ShipmentStatus.PACKED)
    parcels = parcels.select_related("group").prefetch_related("lines__order_line")
    return [
        ToSend(
            order,
            parcel.group,
            [(row.order_line, row.quantity) for row in parcel.lines.all()],
            packed=parcel,
        )
        for parcel in parcels.order_by("pk")
    ]


def _left(order: Order) -> list[ToSend]:
    """What of each group is in no parcel yet."""
    groups = list(order.groups.order_by("pk").prefetch_related("lines"))
    left = unshipped_of(groups)
    return [
        ToSend(
            order,
            group,
            [
                (line, left[group.pk][line.pk])
                for line in sorted(group.lines.all(), key=lambda line: line.pk)
                if line.pk in left[group.pk]
            ],
        )
        for group in groups
        if left[group.pk]
    ]


def _send(request: HttpRequest, to_send: ToSend, tracking_number: str) -> None:
    packed = to_send.packed
    courier = packed.courier if packed else to_send.group.courier
    if packed is not None:
        ship_packed(
            shipment_id=packed.pk,
            courier=courier,
            tracking_number=tracking_number,
            actor_id=user_of(request),
        )
    else:
        ship_lines(
            group_id=to_send.group.pk,
            courier=courier,
            tracking_number=tracking_number,
            actor_id=user_of(request),
        )
    text = gettext("%(order)s sent with %(courier)s, %(number)s.")
    facts = {
        "order": to_send.order.number,
        "courier": courier,
        "number": tracking_number.strip(),
    }
    messages.success(request, text % facts)
