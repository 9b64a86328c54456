"""Orders for staff: a list of what is to be done, and one page with all there is to one order."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from orders.admin.badges import fulfilment_badge, order_badge
from orders.admin.filters import OrderTabs, PlacedTabs
from orders.admin.forms import ShipForm
from orders.admin.page import show_order
from orders.admin.search import find_orders
from orders.fulfilment import AlreadyShipped, ship_lines, unshipped
from orders.models import FulfilmentGroup, Order, ShippingRate
from orders.status import fulfilment_statuses
from shop.core.admin import RecordPageAdmin
from shop.core.errors import DomainError
from shop.core.templatetags.shop import moment


class OrderList(ChangeList):
    model_admin: "OrderAdmin"

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        orders = list(self.result_list)
        facts = self.model_admin.facts_of(orders)
        for order in orders:
            vars(order).update(facts[order.pk])
        self.result_list = orders


@admin.register(Order)
class OrderAdmin(RecordPageAdmin[Order]):
    """Money and goods of an order are never edited by a form; what staff do are operations."""

    ordering = ("-placed_at", "-id")
    list_display: tuple[str, ...] = (
        "number",
        "placed",
        "recipient",
        "total_shown",
        "state",
        "fulfilment",
    )
    list_select_related = ("contact",)
    list_filter = (OrderTabs, ("placed_at", PlacedTabs))
    search_fields = ("number",)
    search_help_text = _("Number, recipient, phone, e-mail or tracking number")
    change_form_template = "admin/orders/order/page.html"

    def facts_of(self, orders: list[Order]) -> dict[int, dict[str, object]]:
        """What a page of the list shows beside the orders' own columns, by order pk."""
        statuses = fulfilment_statuses([order.pk for order in orders])
        return {pk: {"shown_fulfilment": status} for pk, status in statuses.items()}

    @admin.display(description=_("placed"))
    def placed(self, order: Order) -> str:
        return moment(order.placed_at)

    @admin.display(description=_("recipient"))
    def recipient(self, order: Order) -> str:
        contact = getattr(order, "contact", None)
        return contact.recipient_name if contact else "–"

    @admin.display(description=_("total"))
    def total_shown(self, order: Order) -> str:
        return order.total.format()

    @admin.display(description=_("order"))
    def state(self, order: Order) -> SafeString:
        return order_badge(order)

    @admin.display(description=_("goods"))
    def fulfilment(self, order: Order) -> SafeString | str:
        return fulfilment_badge(order, vars(order)["shown_fulfilment"])

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return OrderList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        found = find_orders(queryset, search_term) if search_term.strip() else queryset
        return found, False

    def get_urls(self) -> list[URLPattern]:
        ship = path(
            "<int:order_id>/groups/<int:group_id>/ship/",
            self.admin_site.admin_view(self.ship_view),
            name="orders_order_ship",
        )
        return [ship, *super().get_urls()]

    def ship_view(self, request: HttpRequest, order_id: int, group_id: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        user = request.user
        if user.is_anonymous or not self.may_ship(request):
            raise PermissionDenied
        group = get_object_or_404(
            FulfilmentGroup.objects.select_related("order"), pk=group_id, order=order_id
        )
        form = ShipForm(group=group, left=unshipped(group), data=request.POST)
        if form.is_valid() and self.ship(request, group, form, actor_id=user.pk):
            return redirect("admin:orders_order_change", order_id)
        return self.render_page(request, group.order, typed={group.pk: form}, status=422)

    def ship(
        self, request: HttpRequest, group: FulfilmentGroup, form: ShipForm, *, actor_id: int
    ) -> bool:
        """Whether the parcel is recorded now, be it by this click or by the one before."""
        try:
            shipment = ship_lines(
                group_id=group.pk,
                courier=form.cleaned_data["courier"],
                tracking_number=form.cleaned_data["tracking_number"],
                quantities=form.quantities(),
                actor_id=actor_id,
            )
        except AlreadyShipped as error:
            messages.warning(request, error.user_message)
        except DomainError as error:
            messages.error(request, error.user_message)
            return False
        else:
            text = gettext(
                "Sent with %(courier)s, tracking number %(number)s. The customer is told."
            )
            messages.success(
                request, text % {"courier": shipment.courier, "number": shipment.tracking_number}
            )
        return True

    def may_ship(self, request: HttpRequest) -> bool:
        return request.user.has_perm("orders.change_order")

    def render_page(
        self,
        request: HttpRequest,
        order: Order,
        *,
        typed: Mapping[int, ShipForm] | None = None,
        status: int = 200,
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": order.number,
            "opts": self.opts,
            "page": show_order(order, may_ship=self.may_ship(request), typed=typed),
            "couriers": self.couriers(),
            **self.page_extras(order),
        }
        return TemplateResponse(request, self.change_form_template, context, status=status)

    def page_extras(self, order: Order) -> dict[str, object]:
        """For a higher app that knows more about the order than orders do."""
        return {}

    def couriers(self) -> Iterable[str]:
        return (
            ShippingRate.objects.filter(is_active=True)
            .order_by("courier")
            .distinct()
            .values_list("courier", flat=True)
        )
