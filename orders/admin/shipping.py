"""The courier table: zones of regions, what each service costs into them, and what APIs add."""

from itertools import combinations
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from orders.admin.probing import ProbeForm
from orders.models import (
    CourierArea,
    CourierService,
    Region,
    ShippingBracket,
    ShippingRate,
    ShippingZone,
)
from orders.regions.words import plain
from orders.shipping.probing import probe
from shop.core.admin import BaseInlineFormSet, ModelAdmin, ReadOnly, StackedInline, TabularInline

WHO = (("courier", "service", "name"), ("origin", "currency", "is_active"))
PRICE = (("first_kg_minor", "next_kg_minor", "max_grams"), ("eta_min_days", "eta_max_days"))
MORE = (("first_grams", "tolerance_grams", "volumetric_divisor"), ("starts_on", "ends_on"))
RATE_FIELDSETS: Any = (
    (None, {"fields": (*WHO, *PRICE)}),
    (_("Weighing and validity"), {"fields": MORE, "classes": ("collapse",)}),
)


class RatesFormSet(BaseInlineFormSet[ShippingRate, ShippingZone, Any]):
    def clean(self) -> None:
        """The database compares with what is saved; rows of one form are compared here."""
        super().clean()
        rates = [
            form.instance
            for form in self.forms
            if form.is_valid() and (form.instance.pk or form.has_changed())
            if form not in self.deleted_forms
        ]
        for one, other in combinations(rates, 2):
            if _is_same_service(one, other) and one.overlaps(other):
                raise forms.ValidationError(
                    _("%(service)s has two prices for the same time."),
                    params={"service": f"{one.courier} {one.service}"},
                )


def _is_same_service(one: ShippingRate, other: ShippingRate) -> bool:
    def key(rate: ShippingRate) -> tuple[object, ...]:
        return rate.origin_id, rate.courier.lower(), rate.service.lower(), rate.currency

    return key(one) == key(other)


class ShippingRateInline(StackedInline[ShippingRate, ShippingZone]):
    model = ShippingRate
    formset = RatesFormSet
    extra = 0
    fieldsets = RATE_FIELDSETS
    # Where the weight brackets are.
    show_change_link = True


@admin.register(ShippingZone)
class ShippingZoneAdmin(ModelAdmin[ShippingZone]):
    list_display = ("name", "country", "is_active")
    ordering = ("name",)
    autocomplete_fields = ("regions",)
    inlines = (ShippingRateInline,)
    change_list_template = "admin/orders/shippingzone/list.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.probe_view)
        return [path("probe/", view, name="orders_shippingzone_probe"), *super().get_urls()]

    def probe_view(self, request: HttpRequest) -> HttpResponse:
        """Asked with GET: it changes nothing, and its address can be kept."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = ProbeForm(request.GET or None)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("What would a parcel cost?"),
            "form": form,
            "findings": probe(form.request()) if form.is_valid() else None,
        }
        return TemplateResponse(request, "admin/orders/shippingzone/probe.html", context)


class ShippingBracketInline(TabularInline[ShippingBracket, ShippingRate]):
    model = ShippingBracket
    extra = 0
    ordering = ("up_to_grams",)


@admin.register(ShippingRate)
class ShippingRateAdmin(ModelAdmin[ShippingRate]):
    """One price with its weight brackets; usually reached from the page of its zone."""

    list_display = ("name", "courier", "service", "zone", "origin", "is_active")
    list_filter = ("zone", "is_active")
    list_select_related = ("zone", "origin")
    ordering = ("zone__name", "courier", "service", "pk")
    search_fields = ("name", "courier", "service", "zone__name")
    fieldsets = ((None, {"fields": ("zone",)}), *RATE_FIELDSETS)
    inlines = (ShippingBracketInline,)


@admin.register(CourierService)
class CourierServiceAdmin(ModelAdmin[CourierService]):
    """Only asked about what a courier API offers; the table says for itself what it offers."""

    list_display = ("courier", "service", "name", "fee_minor", "is_active")
    list_editable = ("name", "fee_minor", "is_active")
    ordering = ("courier", "service")


@admin.register(CourierArea)
class CourierAreaAdmin(ModelAdmin[CourierArea]):
    """Filled by the shop; corrected here where an API does not know a place, or takes another."""

    list_display = ("postal_code", "region", "label", "area_id", "source")
    list_filter = ("source",)
    ordering = ("postal_code", "region", "pk")
    search_fields = ("postal_code", "region", "label")


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
