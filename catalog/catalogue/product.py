"""The page of one product."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.catalogue.languages import in_language
from catalog.catalogue.offers import MANY, Offer
from catalog.catalogue.pictures import Picture
from catalog.catalogue.product_data import Data, read_on_sale, read_product
from catalog.catalogue.shapes import (
    CategoryLink,
    OptionValueView,
    OptionView,
    ProductPage,
    VariantView,
)
from catalog.catalogue.size_guide import read_size_guide
from catalog.models import Option, Product, ProductTranslation
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

    One query, two with a size guide. Raises ProductNotFound where there is none, or none with an
    offer.
    """
    found = read_on_sale(slug=_possible(slug), currency=currency, at=timezone.now())
    slugs = {data["pk"]: _slugs(data) for data in found}
    pk = _meant(slugs, language, slug)
    return page_of(next(data for data in found if data["pk"] == pk), language, currency)


def preview_product(*, product_pk: int, language: str, currency: str, at: datetime) -> ProductPage:
    """The page as customers would see it at that time, were it published.

    As many queries. Raises ProductNotFound where nothing is written, or nothing has a price then.
    """
    found = read_product(pk=product_pk, currency=currency, at=at)
    if not found or not found[0]["texts"]:
        raise ProductNotFound(str(product_pk))
    return page_of(found[0], language, currency)


def page_of(data: Data, language: str, currency: str) -> ProductPage:
    """Raises ProductNotFound without an offer."""
    texts = data["texts"]
    text = texts.get(language) or texts[min(texts)]
    if not data["offers"]:
        raise ProductNotFound(text["slug"])
    offers = [Offer(pk, UUID(public_id), *rest) for pk, public_id, *rest in data["offers"]]
    options = options_of(data, language)
    values = values_of(data, offers, language)
    value_names = {value.value_pk: value.name for value in values}
    return ProductPage(
        **text,
        category=category_of(data, language),
        seller_name=data["seller"],
        ships_from=data["ships_from"] or "",
        images=[
            picture.view(product_name=text["name"], value_names=value_names)
            for picture in (Picture(*row) for row in data["pictures"] or ())
            if picture.value_pk is None or picture.value_pk in value_names
        ],
        options=[view for option in options if (view := option_view(option, values)).values],
        variants=[variant_view(offer, options, values) for offer in offers],
        slugs=_slugs(data),
        rating_sum=data["rating_sum"],
        rating_count=data["rating_count"],
        size_guide=read_size_guide(data["size_guide_pk"], language=language),
        pk=data["pk"],
        category_pk=data["category_pk"],
    )


def _slugs(data: Data) -> dict[str, str]:
    return {code: text["slug"] for code, text in data["texts"].items()}


def _possible(slug: str) -> str:
    """Raises ProductNotFound."""
    if "\x00" in slug:
        # A form may send it; PostgreSQL would not even look.
        raise ProductNotFound(slug)
    return slug


def _meant(slugs: Mapping[int, Mapping[str, str]], language: str, slug: str) -> int:
    """Which product the slug means in the language. `slugs` maps product pk to language to slug.

    Two products may have the slug, in different languages; the one of this language is meant.
    Raises ProductNotFound.
    """
    for pk, own in slugs.items():
        if own.get(language) == slug:
            return pk
    for pk, own in slugs.items():
        if language not in own:
            return pk
    raise ProductNotFound(slug)


def find_texts(
    products: Iterable[Product], language: str, slug: str
) -> dict[str, ProductTranslation]:
    """Language → text of the one product that the slug means. One query. Raises ProductNotFound."""
    _possible(slug)
    rows = ProductTranslation.objects.filter(product__in=products).order_by(
        "product_id", "language"
    )
    found: dict[int, dict[str, ProductTranslation]] = {}
    for row in rows:
        found.setdefault(row.product_id, {})[row.language] = row
    slugs = {pk: {code: each.slug for code, each in own.items()} for pk, own in found.items()}
    return found[_meant(slugs, language, slug)]


def category_of(data: Data, language: str) -> CategoryLink:
    texts = {code: (name, slug) for code, name, slug in data["category"] or ()}
    # Unnamed, it is found under its number, as in the tree.
    number = str(data["category_pk"])
    name, slug = texts.get(language) or next(iter(texts.values()), (number, number))
    return CategoryLink(slug=slug, name=name)


def option_codes() -> list[str]:
    """Of every option there is. One query."""
    return list(Option.objects.order_by("code").values_list("code", flat=True))


def options_of(data: Data, language: str) -> list[NamedOption]:
    texts = in_language(
        (((pk, code), own, name or code) for pk, code, own, name in data["options"] or ()),
        language,
    )
    return [NamedOption(pk=pk, code=code, name=name) for (pk, code), name in texts.items()]


def values_of(data: Data, offers: Sequence[Offer], language: str) -> list[Value]:
    """Of the variants that are offered, in the order in which a customer sees them."""
    offered = {offer.variant_pk for offer in offers}
    texts = in_language(
        (
            (
                (variant_pk, value_pk),
                own,
                Value(variant_pk, option_pk, value_pk, code, name or code, swatch),
            )
            for variant_pk, option_pk, value_pk, code, swatch, own, name in data["values"] or ()
            if variant_pk in offered
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
        available=min(offer.available, MANY),
        weight_grams=offer.weight_grams,
    )
