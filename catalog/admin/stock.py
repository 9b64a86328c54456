"""Stock for staff: what there is, what is running out, and goods that came in."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.admin.finding import first_of
from catalog.admin.product_pages import may
from catalog.admin.receiving import receive, receiving_url
from catalog.admin.variants import NamedRows, find_variants, variant_link
from catalog.models import Location, StockItem
from catalog.picker import LOW_STOCK
from shop.core.admin import ModelAdmin, RecordAdmin

# A marketplace with more places than that is searched, not clicked through.
MOST_LOCATIONS = 30


class StockTabs(admin.SimpleListFilter):
    title = _("stock")
    parameter_name = "show"
    template = "admin/tabs.html"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return [("low", _("Running out: %(count)s or fewer") % {"count": LOW_STOCK})]

    def queryset(self, request: HttpRequest, queryset: QuerySet[StockItem]) -> QuerySet[StockItem]:
        if self.value() != "low":
            return queryset
        # What nobody can buy is not running out.
        return queryset.filter(
            on_hand__lte=F("reserved") + LOW_STOCK,
            variant__is_active=True,
            variant__product__is_published=True,
        )


class LocationTabs(admin.SimpleListFilter):
    title = _("location")
    parameter_name = "location"
    template = "admin/tabs.html"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        places = list(Location.objects.order_by("pk")[: MOST_LOCATIONS + 1])
        return (
            [] if len(places) > MOST_LOCATIONS else [(str(each.pk), each.name) for each in places]
        )

    def has_output(self) -> bool:
        return len(self.lookup_choices) > 1

    def queryset(self, request: HttpRequest, queryset: QuerySet[StockItem]) -> QuerySet[StockItem]:
        value = self.value() or ""
        return queryset.filter(location=int(value)) if value.isdecimal() else queryset


@admin.register(StockItem)
class StockItemAdmin(RecordAdmin[StockItem]):
    list_display = ("name", "sku", "location", "on_hand", "reserved", "available", "acts")
    list_display_links = None
    list_filter = (StockTabs, LocationTabs)
    list_select_related = ("variant", "location")
    search_fields = ("variant__sku", "variant__barcode")
    search_help_text = _("SKU, barcode or name of the product")
    # Variants of a product were made together, so they stand together; the order of an index.
    ordering = ("-variant_id", "location_id")
    change_list_template = "admin/catalog/stockitem/change_list.html"

    class Media:
        css = {"all": ["admin_shop/product.css"]}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return NamedRows

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[StockItem], search_term: str
    ) -> tuple[QuerySet[StockItem], bool]:
        if search_term.strip():
            searches = find_variants(search_term, variant="variant", product="variant__product")
            queryset = first_of(queryset, searches)
        return queryset, False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(receive)
        return [path("receive/", view, name="catalog_stockitem_receive"), *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any) -> HttpResponse:
        """All there is to say about a stock item stands on the page of its variant."""
        item = self.get_object(request, object_id)
        if item is None:
            return super().change_view(request, object_id, *args)
        return redirect("admin:catalog_variant_change", item.variant_id)

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return self.list_display if may(request, "change_stockitem") else self.list_display[:-1]

    @admin.display(description=_("variant"))
    def name(self, item: Any) -> SafeString:
        return variant_link(item.variant_id, item.variant_name or str(item.variant))

    @admin.display(description=_("SKU"))
    def sku(self, item: StockItem) -> str:
        return item.variant.sku

    @admin.display(description=_("available"))
    def available(self, item: StockItem) -> int:
        return item.on_hand - item.reserved

    @admin.display(description="")
    def acts(self, item: StockItem) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', receiving_url(variant=item.variant_id), _("Receive goods")
        )
