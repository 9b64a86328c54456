"""The courier table: zones of regions, and what each service costs into them."""

from django.contrib import admin

from orders.models import Region, ShippingRate, ShippingZone
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

    list_display = ("name", "code", "parent", "country")
    list_select_related = ("parent",)
    ordering = ("name",)
    search_fields = ("name", "code")
