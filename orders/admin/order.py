"""Orders for staff: a list of what is to be done, and one page with all there is to one order."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.admin.form_tokens import TOKEN, Notes, do_once, new_token, tell
from catalog.admin.product_pages import user_of
from orders.admin.actions import ACTIONS, PACKING, Action, Press
from orders.admin.badges import fulfilment_badge, order_badge
from orders.admin.filters import OrderTabs, PlacedTabs
from orders.admin.forms import ShipForm
from orders.admin.page import neighbours, show_order
from orders.admin.returning import ask_for_customer
from orders.admin.scanning import scan_parcels
from orders.admin.search import find_orders
from orders.admin.slips import MOST_CHOSEN, Batch, asked_batch, chosen_batch
from orders.fulfilment import AlreadyShipped, ship_lines, unshipped
from orders.letters import LetterNotFound, find_letter, preview
from orders.models import (
    CallOffReason,
    FulfilmentGroup,
    FulfilmentStatus,
    GoodsCondition,
    Order,
    ShippingRate,
)
from orders.slips_printed import printed_of, record_printed
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
    actions = ("print_slips",)
    buttons: Mapping[str, Action] = ACTIONS
    # What a button asks for beside the right to change orders.
    rights: Mapping[str, str] = MappingProxyType({})

    def facts_of(self, orders: list[Order]) -> dict[int, dict[str, object]]:
        """What a page of the list shows beside the orders' own columns, by order pk."""
        return {order.pk: {} for order in orders}

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
        return fulfilment_badge(order, FulfilmentStatus(order.fulfilment))

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
        return [*self.own_urls(), ship, *super().get_urls()]

    def own_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path(
                "<int:order_id>/do/<slug:name>/<int:target>/",
                view(self.do_view),
                name="orders_order_do",
            ),
            path(
                "<int:order_id>/mail/<slug:key>/",
                view(self.mail_view),
                name="orders_order_mail",
            ),
            path("<int:order_id>/return/", view(self.return_view), name="orders_order_return"),
            path("slips/", view(self.slips_view), name="orders_order_slips"),
            path("scan/", view(self.scan_view), name="orders_order_scan"),
        ]

    def do_view(self, request: HttpRequest, order_id: int, name: str, target: int) -> HttpResponse:
        """One button of an order's page."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        allowed = self.may_ship if name in PACKING else self.may_change
        right = self.rights.get(name)
        if not allowed(request) or (right and not request.user.has_perm(right)):
            raise PermissionDenied
        action = self.buttons.get(name)
        order = get_object_or_404(Order.objects.select_related("contact"), pk=order_id)
        if action is None:
            raise Http404
        press = Press(order, target, request.POST, user_of(request), request.POST.get(TOKEN, ""))

        def work() -> Notes:
            return [(messages.SUCCESS, str(action(press)))]

        try:
            tell(request, do_once(request, page=f"order:{order_id}:{name}:{target}", work=work))
        except DomainError as error:
            messages.error(request, error.user_message)
        return redirect("admin:orders_order_change", order_id)

    def return_view(self, request: HttpRequest, order_id: int) -> HttpResponse:
        """A return that staff ask for: also late, and of a closed order."""
        if not self.may_change(request):
            raise PermissionDenied
        order = get_object_or_404(Order, pk=order_id)
        context = {**self.admin_site.each_context(request), "opts": self.opts}
        return ask_for_customer(request, order, context)

    def mail_view(self, request: HttpRequest, order_id: int, key: str) -> HttpResponse:
        """A mail of the order as its reader would get it now."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        order = get_object_or_404(Order.objects.select_related("contact"), pk=order_id)
        try:
            found = find_letter(order, key)
        except LetterNotFound as error:
            messages.error(request, error.user_message)
            return redirect("admin:orders_order_change", order_id)
        context = {
            **self.admin_site.each_context(request),
            "title": found.label,
            "opts": self.opts,
            "order": order,
            "letter": found,
            "mail": preview(found.letter),
            "form_token": new_token(),
            "may_change": self.may_change(request),
        }
        return TemplateResponse(request, "admin/orders/order/mail.html", context)

    def slips_view(self, request: HttpRequest) -> HttpResponse:
        """Packing slips of the orders asked for, each on a sheet of its own."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        is_post = request.method == "POST"
        batch = asked_batch(request.POST if is_post else request.GET)
        if is_post and batch.prints and not self.may_ship(request):
            raise PermissionDenied
        return self.render_slips(request, batch)

    def render_slips(self, request: HttpRequest, batch: Batch) -> HttpResponse:
        """Those that are printed now are noted, so that the next ones say that they are not the
        first."""
        if batch.prints and request.method == "POST":
            printed = record_printed(order_pks=batch.pks, user_id=user_of(request))
        else:
            printed = printed_of(batch.pks)
        shown = batch.shown(printed=printed) | {"may_print": self.may_ship(request)}
        return TemplateResponse(request, "admin/orders/order/slips.html", shown)

    def scan_view(self, request: HttpRequest) -> HttpResponse:
        """Order number, tracking number, Enter: one parcel after the other."""
        if not self.may_ship(request):
            raise PermissionDenied
        return scan_parcels(request, {**self.admin_site.each_context(request), "opts": self.opts})

    @admin.action(description=_("Print packing slips"), permissions=["view"])
    def print_slips(self, request: HttpRequest, queryset: QuerySet[Order]) -> HttpResponse:
        batch, has_more = chosen_batch(queryset)
        if has_more:
            text = gettext("At most %(most)s orders at once: choose fewer of them.")
            messages.error(request, text % {"most": MOST_CHOSEN})
            return redirect("admin:orders_order_changelist")
        return self.render_slips(request, batch)

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

    def may_change(self, request: HttpRequest) -> bool:
        return request.user.has_perm("orders.change_order")

    def may_ship(self, request: HttpRequest) -> bool:
        """Parcels only: what decides about money or tells a customer no is not the packer's."""
        return self.may_change(request) or request.user.has_perm("orders.pack_order")

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
            "page": show_order(
                order,
                may_ship=self.may_ship(request),
                may_change=self.may_change(request),
                typed=typed,
            ),
            "neighbours": neighbours(order),
            "conditions": GoodsCondition.choices,
            "call_off_reasons": CallOffReason.choices,
            "couriers": self.couriers(),
            "form_token": new_token(),
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
