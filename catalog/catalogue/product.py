"""The page of one product."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.catalogue.languages import in_language
from catalog.catalogue.offers import Offer, offers_of
from catalog.catalogue.pictures import pictures_of
from catalog.catalogue.shapes import (
    CategoryLink,
    OptionValueView,
    OptionView,
    ProductPage,
    VariantView,
)
from catalog.catalogue.size_guide import read_size_guide
from catalog.models import (
    CategoryTranslation,
    Location,
    Option,
    Product,
    ProductOption,
    ProductTranslation,
    VariantValue,
)
from shop.core.errors import NotFound


class ProductNotFound(NotFound):
    code = "product_not_found"
    message = _("We do not sell this product any more.")


@dataclass(frozen=True, slots=True)
class Value:
    """One coordinate of a variant: which value of which option."""

    variant_pk: int
    option_pk: int
    value_pk: int
    code: str
    name: str
    swatch: str


@dataclass(frozen=True, slots=True)
class NamedOption:
    pk: int
    code: str
    name: str


def get_product(*, language: str, slug: str, currency: str) -> ProductPage:
    """The product whose slug that is in the language; in another one where it is not translated.

    Seven queries, eight with a size guide. Raises ProductNotFound where there is none, or none with
    an offer.
    """
    at = timezone.now()
    texts = find_texts(
        Product.objects.on_sale(at=at).filter(translations__slug=slug), language, slug
    )
    return page_of(texts, language=language, currency=currency, at=at)


def preview_product(*, product_pk: int, language: str, currency: str, at: datetime) -> ProductPage:
    """The page as customers would see it at that time, were it published.

    As many queries. Raises ProductNotFound where nothing is written, or nothing has a price then.
    """
    rows = ProductTranslation.objects.filter(product=product_pk).select_related("product__seller")
    texts = {row.language: row for row in rows.order_by("language")}
    if not texts:
        raise ProductNotFound(str(product_pk))
    return page_of(texts, language=language, currency=currency, at=at)


def page_of(
    texts: dict[str, ProductTranslation], *, language: str, currency: str, at: datetime
) -> ProductPage:
    """Of the product that has these texts, by language. Raises ProductNotFound without an offer."""
    text = texts.get(language) or next(iter(texts.values()))
    product = text.product
    offers = offers_of([product.pk], currency=currency, at=at).get(product.pk, [])
    if not offers:
        raise ProductNotFound(text.slug)
    options = options_of(product, language=language)
    values = values_of(offers, language=language)
    value_names = {value.value_pk: value.name for value in values}
    pictures = pictures_of([product.pk], shown_values=value_names).get(product.pk, [])
    return ProductPage(
        slug=text.slug,
        name=text.name,
        description=text.description,
        material=text.material,
        care=text.care,
        fit=text.fit,
        model_size=text.model_size,
        seo_title=text.seo_title,
        seo_description=text.seo_description,
        category=category_of(product, language=language),
        seller_name=product.seller.name,
        ships_from=origin_of(product),
        images=[
            picture.view(product_name=text.name, value_names=value_names) for picture in pictures
        ],
        options=[view for option in options if (view := option_view(option, values)).values],
        variants=[variant_view(offer, options, values) for offer in offers],
        slugs={code: each.slug for code, each in texts.items()},
        rating_sum=product.rating_sum,
        rating_count=product.rating_count,
        size_guide=read_size_guide(product.size_guide_id, language=language),
        pk=product.pk,
        category_pk=product.category_id,
    )


def find_texts(
    products: Iterable[Product], language: str, slug: str
) -> dict[str, ProductTranslation]:
    """Language → text of the one product that the slug means. One query. Raises ProductNotFound."""
    if "\x00" in slug:
        # A form may send it; PostgreSQL would not even look.
        raise ProductNotFound(slug)
    rows = (
        ProductTranslation.objects.filter(product__in=products)
        .select_related("product__seller")
        .order_by("product_id", "language")
    )
    found: dict[int, dict[str, ProductTranslation]] = {}
    for row in rows:
        found.setdefault(row.product_id, {})[row.language] = row
    # Two products may have the slug, in different languages; the one of this language is meant.
    for texts in found.values():
        if language in texts and texts[language].slug == slug:
            return texts
    for texts in found.values():
        if language not in texts:
            return texts
    raise ProductNotFound(slug)


def category_of(product: Product, *, language: str) -> CategoryLink:
    rows = (
        CategoryTranslation.objects.filter(category=product.category_id)
        .order_by("language")
        .values_list("category_id", "language", "name", "slug")
    )
    texts = in_language(((pk, code, (name, slug)) for pk, code, name, slug in rows), language)
    # Unnamed, it is found under its number, as in the tree.
    number = str(product.category_id)
    name, slug = texts.get(product.category_id, (number, number))
    return CategoryLink(slug=slug, name=name)


def origin_of(product: Product) -> str:
    """The city that most of its stock leaves from; empty where there has never been any."""
    place = (
        Location.objects.filter(stock_items__variant__product=product)
        .annotate(available=Sum(F("stock_items__on_hand") - F("stock_items__reserved")))
        .order_by("-available", "pk")
        .first()
    )
    return place.city if place else ""


def option_codes() -> list[str]:
    """Of every option there is. One query."""
    return list(Option.objects.order_by("code").values_list("code", flat=True))


def options_of(product: Product, *, language: str) -> list[NamedOption]:
    rows = (
        ProductOption.objects.filter(product=product)
        .order_by("position", "option__position", "pk", "option__translations__language")
        .values_list(
            "option_id",
            "option__code",
            "option__translations__language",
            "option__translations__name",
        )
    )
    texts = in_language(
        (((pk, code), row_language, name or code) for pk, code, row_language, name in rows),
        language,
    )
    return [NamedOption(pk=pk, code=code, name=name) for (pk, code), name in texts.items()]


def values_of(offers: list[Offer], *, language: str) -> list[Value]:
    """In the order in which a customer sees them."""
    rows = (
        VariantValue.objects.filter(variant__in=[offer.variant_pk for offer in offers])
        .order_by("value__position", "value_id", "variant_id", "value__translations__language")
        .values_list(
            "variant_id",
            "option_id",
            "value_id",
            "value__code",
            "value__swatch",
            "value__translations__language",
            "value__translations__name",
        )
    )
    texts = in_language(
        (
            (
                (variant_pk, value_pk),
                row_language,
                Value(variant_pk, option_pk, value_pk, code, name or code, swatch),
            )
            for variant_pk, option_pk, value_pk, code, swatch, row_language, name in rows
        ),
        language,
    )
    return list(texts.values())


def option_view(option: NamedOption, values: list[Value]) -> OptionView:
    offered = {value.value_pk: value for value in values if value.option_pk == option.pk}
    return OptionView(
        code=option.code,
        name=option.name,
        values=[
            OptionValueView(code=value.code, name=value.name, swatch=value.swatch)
            for value in offered.values()
        ],
    )


def variant_view(offer: Offer, options: list[NamedOption], values: list[Value]) -> VariantView:
    own = {value.option_pk: value for value in values if value.variant_pk == offer.variant_pk}
    chosen = [(option, own[option.pk]) for option in options if option.pk in own]
    return VariantView(
        public_id=offer.public_id,
        sku=offer.sku,
        values={option.code: value.code for option, value in chosen},
        name=", ".join(value.name for _option, value in chosen),
        price_minor=offer.price_minor,
        compare_at_minor=offer.compare_at_minor,
        available=offer.available,
        weight_grams=offer.weight_grams,
    )
