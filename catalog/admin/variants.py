"""Variants for looking up: found by code, with all that ever happened to price and stock.

They are edited on the page of their product, all at once.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.admin.finding import FoundList, first_of, with_code, with_name, with_sku_from
from catalog.admin.labels import variant_names
from catalog.admin.product_pages import may, may_change, page_url, require_change
from catalog.editing.measures import measure
from catalog.models import Price, StockItem, StockMovement, Variant
from catalog.models.variant import LONGEST_SIDE_MM
from shop.core.admin import RecordAdmin

MOVEMENTS_PER_PAGE = 100
PRICES_SHOWN = 50
SEEN_WITH = (
    "view_variant",
    "view_product",
    "change_product",
    "view_stockitem",
    "change_stockitem",
)


class NamedRows(FoundList):
    """A page of rows of variants, or of what hangs on them, with their names: asked for at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows: list[Any] = list(self.result_list)
        names = variant_names(variant_pk_of(row) for row in rows)
        for row in rows:
            row.variant_name = names[variant_pk_of(row)]
        self.result_list = rows


def variant_pk_of(row: Any) -> int:
    return int(row.pk if isinstance(row, Variant) else row.variant_id)


def find_variants(text: str, *, variant: str, product: str) -> list[Q]:
    """Searches for SKU (or its beginning), barcode, and all of the words of the product's name.

    `variant` and `product` are the lookups that lead there from the rows of the list.
    """
    text = " ".join(text.split())
    return [
        Q((f"{variant}__in", with_code(text).values("pk"))),
        Q((f"{variant}__in", with_sku_from(text).values("pk"))),
        Q((f"{product}__in", with_name(text))),
    ]


def variant_link(variant_pk: int, name: str) -> SafeString:
    return format_html(
        '<a href="{}">{}</a>', reverse("admin:catalog_variant_change", args=[variant_pk]), name
    )


class MeasuresForm(forms.Form):
    """Of one piece as it is packed."""

    length_mm = forms.IntegerField(
        label=_("length in millimetres"), required=False, min_value=1, max_value=LONGEST_SIDE_MM
    )
    width_mm = forms.IntegerField(
        label=_("width in millimetres"), required=False, min_value=1, max_value=LONGEST_SIDE_MM
    )
    height_mm = forms.IntegerField(
        label=_("height in millimetres"), required=False, min_value=1, max_value=LONGEST_SIDE_MM
    )


@admin.register(Variant)
class VariantAdmin(RecordAdmin[Variant]):
    list_display = ("name", "sku", "barcode", "is_active")
    list_filter = ("is_active",)
    search_fields = ("sku", "barcode")
    search_help_text = _("SKU, barcode or name of the product")
    change_form_template = "admin/catalog/variant/page.html"

    class Media:
        css = {"all": ["admin_shop/product.css"]}

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may see products or stock may see what became of a variant."""
        return any(may(request, permission) for permission in SEEN_WITH)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.measures_view)
        return [
            path("<int:variant_pk>/measures/", view, name="catalog_variant_measures"),
            *super().get_urls(),
        ]

    def measures_view(self, request: HttpRequest, variant_pk: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        require_change(request)
        variant = get_object_or_404(Variant, pk=variant_pk)
        form = MeasuresForm(request.POST)
        if form.is_valid():
            measure(variant_pk=variant.pk, **form.cleaned_data)
            messages.success(request, _("The measures are saved."))
        else:
            messages.error(request, _("Measures are whole millimetres, at most 10 metres."))
        return redirect("admin:catalog_variant_change", variant.pk)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return NamedRows

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Variant], search_term: str
    ) -> tuple[QuerySet[Variant], bool]:
        if search_term.strip():
            searches = find_variants(search_term, variant="pk", product="product")
            queryset = first_of(queryset, searches)
        return queryset, False

    @admin.display(description=_("variant"))
    def name(self, variant: Any) -> str:
        return variant.variant_name or str(variant)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        variant: Variant = context["original"]
        return TemplateResponse(
            request,
            self.change_form_template,
            {
                **context,
                "opts": self.opts,
                "measures": MeasuresForm(initial=vars(variant)) if may_change(request) else None,
                **history_of(variant, request.GET.dict()),
            },
        )


def history_of(variant: Variant, query: Mapping[str, str]) -> dict[str, Any]:
    """What the page of a variant shows. Six queries, however long its history is."""
    before = query.get("before", "")
    movements = StockMovement.objects.filter(stock_item__variant=variant)
    if before.isdecimal() and len(before) < 19:
        movements = movements.filter(pk__lt=int(before))
    shown = list(
        movements.select_related("actor", "stock_item__location").order_by("-pk")[
            : MOVEMENTS_PER_PAGE + 1
        ]
    )
    stock = StockItem.objects.filter(variant=variant).select_related("location")
    return {
        "title": variant_names([variant.pk])[variant.pk] or str(variant),
        "variant": variant,
        "matrix_url": page_url(variant.product_id, "variants"),
        "prices": prices_of(variant),
        "now": timezone.now(),
        "stock": stock.order_by("pk"),
        "movements": shown[:MOVEMENTS_PER_PAGE],
        "older": shown[MOVEMENTS_PER_PAGE - 1].pk if len(shown) > MOVEMENTS_PER_PAGE else None,
    }


def prices_of(variant: Variant) -> Iterable[Price]:
    return Price.objects.filter(variant=variant).order_by("-valid_from")[:PRICES_SHOWN]
