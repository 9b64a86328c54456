"""Catalogue pages. They carry nothing of the visitor, so that any cache may keep them."""

from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from catalog import picker
from catalog.caching import cacheable_page
from catalog.catalogue import Place, ProductPage, get_product, list_products
from catalog.paths import category_slugs, paths_in_languages
from catalog.structured_data import describe_product

SORT_NAMES = {
    "newest": _("Newest"),
    "price_asc": _("Lowest price"),
    "price_desc": _("Highest price"),
}
PROBLEMS = {
    "not_made": _("This combination is not available. Choose another."),
    "sold_out": _("This one is sold out. Choose another size or colour."),
    "not_for_sale": _("This one is no longer sold. Choose another."),
    "too_few_in_stock": _("There is not that much left. What you have in the cart counts too."),
    "too_many_wanted": _("That is more than fits into one order. Choose a smaller number."),
    "cart_full": _("The cart is full. Please order what is in it first."),
}


@require_safe
@cacheable_page
def view_category(request: HttpRequest, slug: str) -> HttpResponse:
    language = get_language() or settings.LANGUAGE_CODE
    sort = request.GET.get("sort", "newest")
    page = request.GET.get("page", "1")
    listing = list_products(
        language=language,
        currency=settings.DEFAULT_CURRENCY,
        category_slug=slug,
        place=Place(page=int(page) if page.isdecimal() and len(page) < 6 else 1),
        sort=sort if sort in SORT_NAMES else "newest",
    )
    slugs = category_slugs(language=language, slug=slug)
    context = {
        "listing": listing,
        "category": listing.category,
        "sorts": SORT_NAMES,
        "sort": sort,
        "previous_page": listing.page - 1,
        "next_page": listing.page + 1,
        "alternates": paths_in_languages("catalog:view_category", slugs),
    }
    return render(request, "catalog/category.html", context)


@require_safe
@cacheable_page
def view_product(request: HttpRequest, slug: str) -> HttpResponse:
    language, currency = get_language() or settings.LANGUAGE_CODE, settings.DEFAULT_CURRENCY
    product = get_product(language=language, slug=slug, currency=currency)
    context = product_context(product, request.GET.dict(), currency=currency)
    return render(request, "catalog/product.html", context)


def product_context(
    product: ProductPage, given: Mapping[str, str], *, currency: str
) -> dict[str, object]:
    """What the template of a product shows. `given` is the query: the choice, what went wrong."""
    choice = picker.read_choice(product, given)
    variant = picker.find_variant(product, choice)
    missing = given.get("missing", "")
    return {
        "product": product,
        "category": product.category,
        "fields": picker.fields(product, choice, missing=missing),
        "variant": variant,
        "shown": variant or picker.cheapest(product),
        "price_varies": variant is None and picker.price_varies(product),
        "stock_text": picker.stock_text(variant) if variant else "",
        "stock_level": picker.stock_level(variant.available) if variant else "",
        "problem": PROBLEMS.get(given.get("problem", "")),
        "has_missing": bool(missing),
        "images": picker.images_first(product, choice),
        "currency": currency,
        "picker_data": picker.script_data(product, currency),
        "structured_data": describe_product(product, currency=currency),
        "alternates": paths_in_languages("catalog:view_product", product.slugs),
    }
