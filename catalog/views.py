"""Catalogue pages. They carry nothing of the visitor, so that any cache may keep them."""

from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from catalog import listing_page, picker
from catalog.caching import cached_page
from catalog.catalogue import (
    CategoryNotFound,
    ProductNotFound,
    ProductPage,
    get_product,
    related_products,
)
from catalog.catalogue.cards import cards_of_slugs
from catalog.catalogue.categories import find_branch
from catalog.frame import known_branches
from catalog.listing_address import known_parameters
from catalog.paths import moved_category, moved_product, paths_in_languages
from catalog.search import suggest
from catalog.sharing import share_page, share_product
from catalog.structured_data import describe_product, describe_trail

MOST_CARDS = 8
PROBLEMS = {
    "not_made": _("This combination is not available. Choose another."),
    "not_sold_out": _("This one is in stock: you can buy it now."),
    "sold_out": _("This one is sold out. Choose another size or colour."),
    "not_for_sale": _("This one is no longer sold. Choose another."),
    "too_few_in_stock": _("There is not that much left. What you have in the cart counts too."),
    "too_many_wanted": _("That is more than fits into one order. Choose a smaller number."),
    "cart_full": _("The cart is full. Please order what is in it first."),
}


@require_safe
@cached_page("tree", "c:{slug}", params=known_parameters)
def view_category(request: HttpRequest, slug: str) -> HttpResponse:
    language = get_language() or settings.LANGUAGE_CODE
    try:
        page = listing_page.show_category(
            slug=slug,
            query=dict(request.GET.lists()),
            language=language,
            currency=settings.DEFAULT_CURRENCY,
        )
    except CategoryNotFound:
        now = moved_category(language=language, slug=slug)
        if now is None:
            raise
        return _moved(request, "catalog:view_category", now)
    branch = find_branch(known_branches(language), slug)
    return _listing(request, page, title=branch.seo_title, description=branch.seo_description)


@require_safe
@cached_page("tree", "catalogue", params=known_parameters)
def search(request: HttpRequest) -> HttpResponse:
    page = listing_page.show_search(
        query=dict(request.GET.lists()),
        language=get_language() or settings.LANGUAGE_CODE,
        currency=settings.DEFAULT_CURRENCY,
        languages=[code for code, _name in settings.LANGUAGES],
    )
    return _listing(request, page)


@require_safe
@cached_page("tree", "catalogue", params=("q",))
def suggest_searches(request: HttpRequest) -> HttpResponse:
    """What opens under the search box while somebody types: a fragment, not a page."""
    suggestions = suggest(
        typed=request.GET.get("q", ""),
        language=get_language() or settings.LANGUAGE_CODE,
        currency=settings.DEFAULT_CURRENCY,
    )
    answer = render(request, "catalog/suggestions.html", {"suggestions": suggestions})
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def _listing(
    request: HttpRequest, page: listing_page.ListingPage, *, title: str = "", description: str = ""
) -> HttpResponse:
    """`title` and `description` are what staff wrote for search engines, if they did."""
    trail = [(step.name, reverse("catalog:view_category", args=[step.slug])) for step in page.trail]
    name = page.trail[-1].name if page.trail else gettext("All products")
    title = title or name
    description = description or gettext(
        "%(name)s at %(shop)s: choose by size, colour and price, and see what shipping costs"
        " before you pay."
    ) % {"name": name, "shop": settings.SHOP_NAME}
    context = {
        "title": title,
        "description": description,
        "breadcrumbs": describe_trail([(gettext("Home"), reverse("pages:home")), *trail]),
        "share": share_page(
            title=title,
            description=description,
            path=page.canonical,
            language=get_language() or settings.LANGUAGE_CODE,
            languages=page.alternates,
            cards=page.listing.cards,
        ),
        "page": page,
        "listing": page.listing,
        # The header marks the top category.
        "category": page.trail[0] if page.trail else None,
        "alternates": page.alternates,
    }
    return render(request, "catalog/listing.html", context)


def _moved(request: HttpRequest, view: str, slug: str) -> HttpResponse:
    query = request.GET.urlencode()
    path = reverse(view, args=[slug])
    return HttpResponsePermanentRedirect(f"{path}?{query}" if query else path)


@require_safe
@cached_page("tree", "p:{slug}", params=picker.query_names)
def view_product(request: HttpRequest, slug: str) -> HttpResponse:
    language, currency = get_language() or settings.LANGUAGE_CODE, settings.DEFAULT_CURRENCY
    try:
        product = get_product(language=language, slug=slug, currency=currency)
    except ProductNotFound:
        now = moved_product(language=language, slug=slug)
        if now is None:
            raise
        return _moved(request, "catalog:view_product", now)
    context = product_context(product, request.GET.dict(), currency=currency)
    return render(request, "catalog/product.html", context)


def product_context(
    product: ProductPage, given: Mapping[str, str], *, currency: str
) -> dict[str, object]:
    """What the template of a product shows. `given` is the query: the choice, what went wrong."""
    language = get_language() or settings.LANGUAGE_CODE
    choice = picker.read_choice(product, given)
    variant = picker.find_variant(product, choice)
    paths = paths_in_languages("catalog:view_product", product.slugs)
    # Shown in another language than it is written in, it is a copy of the page there.
    canonical = paths.get(language) or next(iter(paths.values()))
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
        "is_sold_out": variant is not None and variant.available <= 0,
        "is_waiting": "waiting" in given,
        "images": picker.images_first(product, choice),
        "currency": currency,
        "picker_data": picker.script_data(product, currency),
        "structured_data": describe_product(product, currency=currency),
        "breadcrumbs": describe_trail(
            [
                (gettext("Home"), reverse("pages:home")),
                (
                    product.category.name,
                    reverse("catalog:view_category", args=[product.category.slug]),
                ),
                (product.name, canonical),
            ]
        ),
        "share": share_product(
            product,
            picker.cheapest(product),
            path=canonical,
            language=language,
            currency=currency,
        ),
        "canonical": canonical,
        "alternates": paths,
        "related": related_products(product, language=language, currency=currency),
    }


@require_safe
@cached_page("tree", "catalogue", params=("slug",))
def show_cards(request: HttpRequest) -> HttpResponse:
    """Cards by the slugs of the address, in their order: for what a browser remembers by itself."""
    cards = cards_of_slugs(
        request.GET.getlist("slug")[:MOST_CARDS],
        language=get_language() or settings.LANGUAGE_CODE,
        currency=settings.DEFAULT_CURRENCY,
    )
    answer = render(request, "catalog/cards.html", {"cards": cards})
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
