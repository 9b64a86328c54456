"""Where parcels start, with the province by its name: only this app knows regions."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest

from catalog.admin.labels import NOTHING
from catalog.admin.sellers import LocationAdmin, LocationInline, SellerAdmin
from catalog.models import Location, Seller
from orders.addresses import provinces


def with_provinces(field: forms.Field | None) -> forms.Field | None:
    """A list to choose from, where the shop's country has one; what is stored stays in it."""
    known = provinces(country=settings.DEFAULT_COUNTRY)
    if field is None or not known:
        return field
    stored = set(Location.objects.order_by().values_list("province", flat=True).distinct())
    others = sorted(stored - {code for code, _name in known} - {""})
    field.widget = forms.Select(choices=[("", NOTHING), *known, *((code, code) for code in others)])
    field.help_text = ""
    return field


class OriginInline(LocationInline):
    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        return with_provinces(field) if db_field.name == "province" else field


admin.site.unregister([Seller, Location])


@admin.register(Seller)
class SellerWithOriginsAdmin(SellerAdmin):
    inlines = [OriginInline]


@admin.register(Location)
class OriginAdmin(LocationAdmin):
    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        return with_provinces(field) if db_field.name == "province" else field
