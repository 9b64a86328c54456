"""The tabs above the list of orders: what there is to do first."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from orders.models import Order, OrderLine, OrderStatus, ShipmentStatus
from shop.core.admin import ModelAdmin

COUNTED_AMONG = 1000


def with_unshipped_lines() -> Exists:
    """Whether an order has units that have not left; what came back has to be sent again."""
    sent = Sum(
        "shipment_lines__quantity",
        filter=~Q(shipment_lines__shipment__status=ShipmentStatus.RETURNED_TO_SENDER),
    )
    lines = OrderLine.objects.filter(order=OuterRef("pk")).annotate(sent=Coalesce(sent, 0))
    return Exists(lines.filter(quantity__gt=F("sent")))


def to_ship(orders: QuerySet[Order]) -> QuerySet[Order]:
    return orders.filter(with_unshipped_lines(), status=OrderStatus.CONFIRMED)


def awaiting_payment(orders: QuerySet[Order]) -> QuerySet[Order]:
    return orders.filter(status=OrderStatus.PENDING)


def sent(orders: QuerySet[Order]) -> QuerySet[Order]:
    return orders.filter(
        ~with_unshipped_lines(), status__in=[OrderStatus.CONFIRMED, OrderStatus.CLOSED]
    )


def ended(orders: QuerySet[Order]) -> QuerySet[Order]:
    return orders.filter(status__in=[OrderStatus.CANCELLED, OrderStatus.EXPIRED])


class OrderTabs(admin.SimpleListFilter):
    """Views of the list; those that are work to do say how much of it there is."""

    title = _("orders")
    parameter_name = "show"
    template = "admin/tabs.html"
    views = {
        "to_ship": (_("To ship"), to_ship),
        "awaiting_payment": (_("Awaiting payment"), awaiting_payment),
        "sent": (_("Sent"), sent),
        "ended": (_("Cancelled or expired"), ended),
    }
    # What to count among: the newest that are in that state, so that it never costs more.
    counted: dict[str, QuerySet[Order]] = {
        "to_ship": Order.objects.filter(status=OrderStatus.CONFIRMED),
        "awaiting_payment": Order.objects.filter(status=OrderStatus.PENDING),
    }

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return [(name, label) for name, (label, _filter) in self.views.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        name = self.value()
        return self.views[name][1](queryset) if name in self.views else queryset

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        names = [None, *self.views]
        for name, choice in zip(names, super().choices(changelist), strict=True):
            yield {**choice, "count": self._count(name) if name in self.counted else ""}

    def _count(self, name: str) -> str:
        """Of all orders, not of those searched for: it is the day's work."""
        newest = list(
            self.counted[name]
            .order_by("-placed_at")
            .values_list("pk", flat=True)[: COUNTED_AMONG + 1]
        )
        count = self.views[name][1](Order.objects.filter(pk__in=newest[:COUNTED_AMONG])).count()
        number = number_format(count, force_grouping=True)
        return f"{number}+" if len(newest) > COUNTED_AMONG else number


class PlacedTabs(admin.DateFieldListFilter):
    template = "admin/tabs.html"
