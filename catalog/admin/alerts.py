"""What customers wait for: how many for each variant, never who."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from catalog.admin.labels import name_of, value_names
from catalog.models import ProductTranslation, StockAlert
from shop.core.admin import RecordAdmin
from shop.core.templatetags.shop import moment


class VariantList(ChangeList):
    """Adds the names of the variants on the page, all at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows: list[Any] = list(self.result_list)
        names = value_names(row.variant_id for row in rows)
        for row in rows:
            row.values = names.get(row.variant_id, "")
        self.result_list = rows


@admin.register(StockAlert)
class StockAlertAdmin(RecordAdmin[StockAlert]):
    """One line for each variant that somebody waits for: its first alert stands for all."""

    list_display = ("product", "variant_name", "waiting_shown", "since")
    list_display_links = None
    list_select_related = ("variant",)
    search_fields = ("variant__sku__iexact",)
    search_help_text = _("SKU")
    ordering = ()

    class Media:
        css = {"all": ["admin_shop/catalogue.css"]}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return VariantList

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockAlert]:
        waiting = StockAlert.objects.filter(notified_at=None, confirmed_at__isnull=False)
        same = waiting.filter(variant=OuterRef("variant")).order_by()
        texts = ProductTranslation.objects.filter(product=OuterRef("variant__product"))
        rows = super().get_queryset(request).filter(pk__in=waiting.values("pk"))
        return (
            rows.filter(~Exists(same.filter(pk__lt=OuterRef("pk"))))
            .annotate(
                waiting=Subquery(
                    same.values("variant").annotate(count=Count("pk")).values("count")
                ),
                label=name_of(texts),
            )
            .order_by("-waiting", "pk")
        )

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The list only: a row would show an address."""
        return obj is None and super().has_view_permission(request)

    @admin.display(description=_("product"))
    def product(self, alert: Any) -> str:
        page = reverse("admin:catalog_product_change", args=[alert.variant.product_id])
        return format_html('<a href="{}">{}</a>', page, alert.label or alert.variant.product_id)

    @admin.display(description=_("variant"))
    def variant_name(self, alert: Any) -> str:
        return " · ".join(filter(None, [alert.values, alert.variant.sku]))

    @admin.display(description=_("waiting"))
    def waiting_shown(self, alert: Any) -> str:
        return ngettext("%(number)s waiting", "%(number)s waiting", alert.waiting) % {
            "number": number_format(alert.waiting, force_grouping=True)
        }

    @admin.display(description=_("since"))
    def since(self, alert: StockAlert) -> str:
        return gettext("since %(at)s") % {"at": moment(alert.created_at)}
