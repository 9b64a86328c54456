"""The tabs above the list of orders: what there is to do first."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from orders.models import (
    ASTRAY,
    ENDED,
    OPEN_RETURNS,
    OWING,
    PAID,
    FulfilmentStatus,
    Order,
    OrderStatus,
    RefundDue,
    Return,
    Shipment,
)
from shop.core.admin import ModelAdmin

COUNTED_AMONG = 1000
LEFT = (FulfilmentStatus.SHIPPED, FulfilmentStatus.DELIVERED, FulfilmentStatus.RETURNED)


# Each condition is that of an index of the orders: a tab costs what it shows.
def to_ship(orders: QuerySet[Order]) -> QuerySet[Order]:
    return orders.filter(status__in=PAID, fulfilment__in=OWING)


def awaiting_payment(orders: QuerySet[Order]) -> QuerySet[Order]:
    return orders.filter(status=OrderStatus.PENDING)


def to_settle(orders: QuerySet[Order]) -> QuerySet[Order]:
    """Those with a return to deal with, a parcel gone astray, or money to give back."""
    # Three short lists joined by key, each of them with an index of its own.
    returns = Return.objects.filter(state__in=OPEN_RETURNS).values("order_id")
    astray = Shipment.objects.filter(status__in=ASTRAY, decision="").values("group__order_id")
    owed = RefundDue.objects.filter(paid_at=None).values("order_id")
    return orders.filter(pk__in=returns.union(astray, owed))


def sent(orders: QuerySet[Order]) -> QuerySet[Order]:
    return orders.filter(status__in=PAID, fulfilment__in=LEFT)


def ended(orders: QuerySet[Order]) -> QuerySet[Order]:
    return orders.filter(status__in=ENDED)


class OrderTabs(admin.SimpleListFilter):
    """Views of the list; those that are work to do say how much of it there is."""

    title = _("orders")
    parameter_name = "show"
    template = "admin/tabs.html"
    views = {
        "to_ship": (_("To ship"), to_ship),
        "awaiting_payment": (_("Awaiting payment"), awaiting_payment),
        "to_settle": (_("Returns and trouble"), to_settle),
        "sent": (_("Sent"), sent),
        "ended": (_("Cancelled or expired"), ended),
    }
    # Work to do; of it no more is counted than is worth telling apart.
    counted: frozenset[str] = frozenset({"to_ship", "awaiting_payment", "to_settle"})

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
        work = self.views[name][1](Order.objects.all())
        count = len(work.order_by().values_list("pk", flat=True)[: COUNTED_AMONG + 1])
        number = number_format(min(count, COUNTED_AMONG), force_grouping=True)
        return f"{number}+" if count > COUNTED_AMONG else number


class PlacedTabs(admin.DateFieldListFilter):
    template = "admin/tabs.html"
