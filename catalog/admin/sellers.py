"""Sellers, and where their goods lie: the address that parcels start from."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.models import Location, Seller
from shop.core.admin import ModelAdmin, StackedInline

ADDRESS = ("name", "street", "city", "province", "postal_code", "country")


class LocationInline(StackedInline[Location, Seller]):
    model = Location
    extra = 0
    fields = ADDRESS


@admin.register(Seller)
class SellerAdmin(ModelAdmin[Seller]):
    inlines = [LocationInline]
    list_display = ["name", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["name"]
    ordering = ["name", "pk"]
    show_full_result_count = False


@admin.register(Location)
class LocationAdmin(ModelAdmin[Location]):
    fields = ("seller", *ADDRESS)
    autocomplete_fields = ["seller"]
    list_display = ["name", "seller", "street", "city", "postal_code"]
    list_select_related = ["seller"]
    search_fields = ["name", "city", "seller__name"]
    search_help_text = _("name, city or seller")
    ordering = ["seller__name", "name", "pk"]
    show_full_result_count = False

    class Media:
        css = {"all": ["admin_shop/catalogue.css"]}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Goods do not change hands by the place where they lie."""
        return () if obj is None else ("seller",)
