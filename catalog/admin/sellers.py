from django.contrib import admin

from catalog.models import Location, Seller
from shop.core.admin import ModelAdmin, StackedInline


class LocationInline(StackedInline[Location, Seller]):
    model = Location
    extra = 0


@admin.register(Seller)
class SellerAdmin(ModelAdmin[Seller]):
    inlines = [LocationInline]
    list_display = ["name", "is_active"]
    search_fields = ["name"]
