"""Gateways' own lists beside ours: read, never written."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.admin.badges import Shape, badge
from payments.gateways.statements import TransactionState
from payments.models import GatewayTransaction
from payments.reconciling.overview import overview
from shop.core.admin import ModelAdmin, RecordAdmin

SHAPES: dict[TransactionState, Shape] = {
    TransactionState.PENDING: Shape.HALF,
    TransactionState.SUCCEEDED: Shape.DONE,
    TransactionState.FAILED: Shape.ENDED,
    TransactionState.VOIDED: Shape.ALERT,
    TransactionState.REVERSED: Shape.ALERT,
    TransactionState.OTHER: Shape.OPEN,
}


class MatchFilter(admin.SimpleListFilter):
    title = _("matched")
    parameter_name = "matched"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return [
            ("yes", _("With a receipt or a refund")),
            ("no", _("With nothing")),
            ("waiting", _("To be matched")),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[GatewayTransaction]
    ) -> QuerySet[GatewayTransaction]:
        if self.value() == "waiting":
            return queryset.filter(next_match_at__isnull=False)
        has_any = Q(receipt__isnull=False) | Q(refund__isnull=False)
        match self.value():
            case "yes":
                return queryset.filter(has_any)
            case "no":
                return queryset.exclude(has_any)
            case _:
                return queryset


@admin.register(GatewayTransaction)
class GatewayTransactionAdmin(RecordAdmin[GatewayTransaction]):
    change_list_template = "admin/payments/gatewaytransaction/change_list.html"
    list_display = (
        "created_at",
        "reference",
        "kind",
        "state_shown",
        "amount_shown",
        "settlement",
        "matched",
    )
    list_display_links = ("created_at", "reference")
    list_select_related = ("receipt", "refund")
    list_filter = ("kind", "state", "settlement", MatchFilter)
    search_fields = (
        "reference__exact",
        "product_id__exact",
        "gateway_ref__exact",
        "transaction_id__exact",
    )
    search_help_text = _("Our reference, or the gateway's payment, refund or transaction")
    fields = (
        "gateway",
        "transaction_id",
        "kind",
        "kind_given",
        "state_shown",
        "amount_shown",
        "fee_shown",
        "tax_shown",
        "net_shown",
        "settlement",
        "settles_at",
        "settled_at",
        "channel",
        "reference",
        "product_id",
        "gateway_ref",
        "matched",
        "troubles",
        "created_at",
        "updated_at",
        "seen_at",
        "next_match_at",
        "tries",
    )
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        page = path(
            "reconciliation/",
            self.admin_site.admin_view(self.reconciliation_view),
            name="payments_gatewaytransaction_reconciliation",
        )
        return [page, *super().get_urls()]

    def reconciliation_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": _("Reconciliation"),
            "opts": self.opts,
            "overview": overview(),
            "may_read_in": request.user.has_perm("payments.add_gatewayreport"),
        }
        return TemplateResponse(
            request, "admin/payments/gatewaytransaction/reconciliation.html", context
        )

    @admin.display(description=_("state"))
    def state_shown(self, row: GatewayTransaction) -> SafeString:
        state = TransactionState(row.state)
        return badge(state.label, SHAPES[state])

    @admin.display(description=_("amount"))
    def amount_shown(self, row: GatewayTransaction) -> str:
        return row.amount.format() if row.is_incoming else f"−{row.amount.format()}"

    @admin.display(description=_("fee"))
    def fee_shown(self, row: GatewayTransaction) -> str:
        return row.fee.format()

    @admin.display(description=_("tax in the fee"))
    def tax_shown(self, row: GatewayTransaction) -> str:
        return row.fee_tax.format()

    @admin.display(description=_("net"))
    def net_shown(self, row: GatewayTransaction) -> str:
        return row.net.format()

    @admin.display(description=_("matched with"))
    def matched(self, row: GatewayTransaction) -> SafeString | str:
        match = row.receipt or row.refund
        if match is None:
            return "–"
        url = reverse(f"admin:payments_{match._meta.model_name}_change", args=[match.pk])
        return format_html('<a href="{}">{}</a>', url, str(match))

    @admin.display(description=_("payment exceptions"))
    def troubles(self, row: GatewayTransaction) -> SafeString | str:
        found = row.exceptions.order_by("pk").first()
        if found is None:
            return "–"
        url = reverse("admin:payments_paymentexception_change", args=[found.pk])
        return format_html('<a href="{}">{}</a>', url, found.note)
