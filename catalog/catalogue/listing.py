"""Pages of products."""

from datetime import datetime, timedelta

from django.db.models import Min, OuterRef, QuerySet, Subquery
from django.utils import timezone

from catalog.catalogue.categories import count_by_category, find_branch
from catalog.catalogue.languages import in_language
from catalog.catalogue.offers import Offer, offers_of, on_display, prices_now
from catalog.catalogue.pictures import Picture, cover, pictures_of
from catalog.catalogue.shapes import ListingView, ProductCard, Swatch
from catalog.models import Product, ProductTranslation, VariantValue

NEW_FOR = timedelta(days=30)
# A price list goes by the price that the card shows; equal ones, the newer first.
SORTS = {
    "newest": ("-created_at", "-pk"),
    "price_asc": ("lowest_price", "-pk"),
    "price_desc": ("-lowest_price", "-pk"),
}


def list_products(
    *,
    language: str,
    currency: str,
    category_slug: str | None = None,
    page: int = 1,
    page_size: int = 24,
    sort: str = "newest",
) -> ListingView:
    """One page of what is on display, in the category and all below it.

    A page out of range gives the nearest one there is. `sort` is a key of SORTS. Seven queries.
    Raises CategoryNotFound.
    """
    at = timezone.now()
    shown = on_display(currency=currency, at=at)
    branch = find_branch(language=language, slug=category_slug) if category_slug else None
    if branch:
        shown = shown.filter(category__in=[each.pk for each in branch.walk()])
    counts = count_by_category(shown)
    page_count = max(1, -(-counts.total() // page_size))
    page = min(max(page, 1), page_count)
    start = (page - 1) * page_size
    products = in_order(shown, sort, currency=currency, at=at)[start : start + page_size]
    return ListingView(
        cards=cards(products, language=language, currency=currency, at=at),
        total=counts.total(),
        page=page,
        page_count=page_count,
        category=branch.view(counts) if branch else None,
    )


def in_order(
    products: QuerySet[Product], sort: str, *, currency: str, at: datetime
) -> QuerySet[Product]:
    if sort != "newest":
        lowest = (
            prices_now(currency=currency, at=at)
            .filter(variant__product=OuterRef("pk"))
            .order_by()
            .values("variant__product")
            .annotate(lowest=Min("amount_minor"))
            .values("lowest")
        )
        products = products.annotate(lowest_price=Subquery(lowest))
    return products.order_by(*SORTS[sort])


def cards(
    products: QuerySet[Product], *, language: str, currency: str, at: datetime
) -> list[ProductCard]:
    """Five queries."""
    created = dict(products.values_list("pk", "created_at"))
    names = product_names(created, language=language)
    offers = offers_of(created, currency=currency, at=at)
    values = values_of(offers, language=language)
    names_of_values = {pk: one.name for own in values.values() for pk, one in own.items()}
    pictures = pictures_of(created, shown_values=names_of_values)
    return [
        card(
            name=names[pk],
            offers=offers[pk],
            currency=currency,
            picture=cover(pictures.get(pk, [])),
            values=values.get(pk, {}),
            is_new=at - created_at < NEW_FOR,
        )
        for pk, created_at in created.items()
        # Between two of the queries staff may have taken it off sale.
        if pk in names and pk in offers
    ]


def card(
    *,
    name: tuple[str, str],
    offers: list[Offer],
    currency: str,
    picture: Picture | None,
    values: dict[int, Swatch],
    is_new: bool,
) -> ProductCard:
    cheapest = min(offers, key=lambda offer: offer.price_minor)
    product_name, slug = name
    value_names = {pk: value.name for pk, value in values.items()}
    swatches = [value for value in values.values() if value.hex]
    return ProductCard(
        slug=slug,
        name=product_name,
        price_minor=cheapest.price_minor,
        compare_at_minor=cheapest.compare_at_minor,
        currency=currency,
        price_varies=len({offer.price_minor for offer in offers}) > 1,
        image=picture.view(product_name=product_name, value_names=value_names) if picture else None,
        swatches=swatches,
        colour_count=len(swatches),
        is_new=is_new,
        is_available=any(offer.available > 0 for offer in offers),
    )


def product_names(product_pks: dict[int, datetime], *, language: str) -> dict[int, tuple[str, str]]:
    """Product pk → (name, slug). One query."""
    rows = (
        ProductTranslation.objects.filter(product__in=list(product_pks))
        .order_by("language")
        .values_list("product_id", "language", "name", "slug")
    )
    return in_language(((pk, code, (name, slug)) for pk, code, name, slug in rows), language)


def values_of(offers: dict[int, list[Offer]], *, language: str) -> dict[int, dict[int, Swatch]]:
    """Product pk → the values it is offered in, by their pk; sizes have no hex. One query."""
    rows = (
        VariantValue.objects.filter(
            variant__in=[offer.variant_pk for own in offers.values() for offer in own]
        )
        .order_by("value__position", "value_id", "value__translations__language")
        .values_list(
            "variant__product_id",
            "value_id",
            "value__code",
            "value__swatch",
            "value__translations__language",
            "value__translations__name",
        )
        .distinct()
    )
    texts = in_language(
        (
            ((product_pk, pk), row_language, Swatch(name=name or code, hex=swatch))
            for product_pk, pk, code, swatch, row_language, name in rows
        ),
        language,
    )
    values: dict[int, dict[int, Swatch]] = {}
    for (product_pk, pk), value in texts.items():
        values.setdefault(product_pk, {})[pk] = value
    return values
