"""The courier table: zones of regions, and what each service costs into them."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from orders.models import Region, ShippingRate, ShippingZone
from orders.regions.words import plain
from shop.core.admin import ModelAdmin, ReadOnly, TabularInline


class ShippingRateInline(TabularInline[ShippingRate, ShippingZone]):
    model = ShippingRate
    extra = 0


@admin.register(ShippingZone)
class ShippingZoneAdmin(ModelAdmin[ShippingZone]):
    list_display = ("name", "country")
    ordering = ("name",)
    autocomplete_fields = ("regions",)
    inlines = (ShippingRateInline,)


@admin.register(Region)
class RegionAdmin(ReadOnly, ModelAdmin[Region]):
    """Official places: looked up when a zone is drawn, never edited here."""

    list_display = ("name", "code", "level", "parent", "is_active")
    list_filter = ("level", "is_active", "country")
    list_select_related = ("parent",)
    ordering = ("code",)
    # The start of a code, and words of the name or of what it lies in, by the index of both.
    search_fields = ("code__startswith", "search_text__contains")
    show_full_result_count = False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Region], search_term: str
    ) -> tuple[QuerySet[Region], bool]:
        term = search_term if search_term[:1].isdigit() else plain(search_term)
        return super().get_search_results(request, queryset, term)
