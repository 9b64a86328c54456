"""The list of products: found by name or SKU, and what stands beside each on a page."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.core.files.storage import default_storage
from django.db.models import F, Min, Q, QuerySet, Sum
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from catalog.admin.finding import FoundList, first_of, with_name, with_sku_from
from catalog.admin.labels import category_choices, language
from catalog.admin.product_pages import currency
from catalog.catalogue.categories import branches
from catalog.catalogue.languages import in_language
from catalog.catalogue.offers import prices_now
from catalog.models import Product, ProductImage, ProductTranslation, StockItem


class ProductList(FoundList):
    """Adds what a page shows beside the products' own columns: for its rows only, at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        products = list(self.result_list)
        facts = facts_of(products)
        for product in products:
            product.facts = facts[product.pk]
        self.result_list = products


def facts_of(products: Sequence[Product]) -> dict[int, dict[str, Any]]:
    """Product pk → name, lowest price, available units, cover picture, category. Five queries."""
    categories = {product.pk: product.category_id for product in products}
    pks = list(categories)
    texts = ProductTranslation.objects.filter(product__in=pks).order_by("language")
    names = in_language(texts.values_list("product_id", "language", "name"), language())
    lowest = (
        prices_now(currency=currency(), at=timezone.now())
        .filter(variant__product__in=pks)
        .values_list("variant__product")
        .annotate(lowest=Min("amount_minor"))
    )
    left = (
        StockItem.objects.filter(variant__product__in=pks, variant__is_active=True)
        .values_list("variant__product")
        .annotate(left=Sum(F("on_hand") - F("reserved")))
    )
    pictures = ProductImage.objects.filter(product__in=pks).exclude(renditions=[])
    covers = (
        pictures.order_by("product", "position", "pk")
        .distinct("product")
        .values_list("product", "renditions")
    )
    prices, units, files, paths = dict(lowest), dict(left), dict(covers), dict(category_choices())
    return {
        pk: {
            "name": names.get(pk, ""),
            "lowest": prices.get(pk),
            "left": units.get(pk, 0),
            "cover": files.get(pk),
            "category": paths.get(category_pk),
        }
        for pk, category_pk in categories.items()
    }


def find_products(products: QuerySet[Product], text: str) -> QuerySet[Product]:
    """Those whose name contains all of the words, or that have a variant with this SKU."""
    text = " ".join(text.split())
    by_sku = with_sku_from(text).values("product_id")
    return first_of(products, [Q(pk__in=with_name(text)), Q(pk__in=by_sku)])


class CategoryFilter(admin.SimpleListFilter):
    """A category with everything below it."""

    title = _("category")
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(pk), path) for pk, path in category_choices()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        chosen = self.value()
        for top in branches(language()) if chosen else ():
            for branch in top.walk():
                if str(branch.pk) == chosen:
                    return queryset.filter(category__in=[each.pk for each in branch.walk()])
        return queryset


def thumbnail(renditions: list[dict[str, Any]] | None) -> str:
    """The smallest file, 48 pixels wide; nothing while there is none."""
    if not renditions:
        return ""
    smallest = min(renditions, key=lambda file: file["width"])
    return format_html(
        '<img src="{}" width="48" height="64" alt="" loading="lazy">',
        default_storage.url(smallest["path"]),
    )
