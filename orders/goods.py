"""What is for sale, as carts and orders name it and at what price. Read without locks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, JSONObject

from catalog.models import (
    OptionValueTranslation,
    Price,
    ProductTranslation,
    Variant,
    VariantValue,
)
from shop.core.kept import Kept, among


@dataclass(frozen=True, slots=True)
class CurrentPrice:
    minor: int
    is_reduced: bool


@dataclass(frozen=True, slots=True)
class Goods:
    """A variant: its product's name and address, its own name (`Terakota, M`), its price if any."""

    name: str
    slug: str
    label: str
    price: CurrentPrice | None


NOTHING_KNOWN = Goods("", "", "", None)


def goods_of(
    variant_pks: Iterable[int], *, currency: str, language: str, at: datetime
) -> dict[int, Goods]:
    """Variant pk → what it is called in the language, or in any other, and costs. One query."""
    rows = _GOODS.fetch(variants=list(variant_pks), currency=currency, language=language, at=at)
    return {
        pk: Goods(
            name=text["name"] if text else "",
            slug=text["slug"] if text else "",
            label=", ".join(filter(None, labels)),
            price=CurrentPrice(price["minor"], price["before"] is not None) if price else None,
        )
        for pk, price, text, labels in rows
    }


def _described(*, variants: object, currency: str, language: str, at: datetime) -> "QuerySet[Any]":
    """The price, the product's text and the values of each, in the order customers choose them."""
    wanted_first = _wanted_first(language)
    texts = ProductTranslation.objects.filter(product=OuterRef("product"))
    names = OptionValueTranslation.objects.filter(value=OuterRef("value"))
    values = VariantValue.objects.filter(variant=OuterRef("pk"))
    return Variant.objects.filter(among("pk", variants)).values_list(
        "pk",
        Subquery(
            _valid(currency, at)
            .filter(variant=OuterRef("pk"))
            .values(row=JSONObject(minor="amount_minor", before="compare_at_minor"))
        ),
        Subquery(
            texts.order_by(wanted_first, "language").values(
                row=JSONObject(name="name", slug="slug")
            )[:1]
        ),
        ArraySubquery(
            values.order_by("option__position", "option_id").values(
                name=Coalesce(
                    Subquery(names.order_by(wanted_first, "language").values("name")[:1]),
                    Value(""),
                )
            )
        ),
    )


def _wanted_first(language: str) -> Case:
    return Case(When(language=language, then=Value(0)), default=Value(1))


def current_price(variant_pk: int, *, currency: str, at: datetime) -> CurrentPrice | None:
    """None for what has no price now."""
    found = _PRICE.first(variant=variant_pk, currency=currency, at=at)
    return CurrentPrice(found[0], found[1] is not None) if found else None


def _valid(currency: str, at: datetime) -> "QuerySet[Price]":
    """Of each variant one at most: periods do not overlap."""
    return Price.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=at), currency=currency, valid_from__lte=at
    )


def product_text(product_pk: int, *, language: str) -> tuple[str, str]:
    """(name, slug), in the language or, where that is missing, in any other."""
    found = _TEXT.first(product=product_pk, language=language)
    return found or ("", "")


def buyable_variant(variant_id: UUID, *, at: datetime) -> Variant | None:
    """The variant behind a public id, if customers may buy it now."""
    variant: Variant | None = _VARIANT.first(public_id=variant_id)
    return variant if variant and variant.product.is_on_sale(at=at) else None


_AT = datetime(1999, 1, 1, tzinfo=UTC)
# Each is asked some times for every order.
_GOODS = Kept(_described, variants=[-1], currency="a currency", language="a language", at=_AT)
_PRICE = Kept(
    lambda *, variant, currency, at: (
        _valid(currency, at).filter(variant=variant).values_list("amount_minor", "compare_at_minor")
    ),
    variant=-1,
    currency="a currency",
    at=_AT,
)
_TEXT = Kept(
    lambda *, product, language: (
        ProductTranslation.objects.filter(product=product)
        .order_by(_wanted_first(language), "language")
        .values_list("name", "slug")[:1]
    ),
    product=-1,
    language="a language",
)
_VARIANT = Kept(
    lambda *, public_id: Variant.objects.select_related("product__seller").filter(
        public_id=public_id, is_active=True, product__seller__is_active=True
    ),
    public_id=UUID(int=1),
)
