"""All variants of a product as staff edit them: what there is, in nine queries however many."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from catalog.catalogue.languages import in_language
from catalog.editing import timeline
from catalog.editing.prices import timelines_of
from catalog.editing.timeline import Period
from catalog.models import (
    Location,
    Option,
    OptionValue,
    Product,
    ProductOption,
    StockItem,
    VariantValue,
)

# A shop may have thousands of colours: the first ones are offered, any other is found by its name.
OFFERED_VALUES = 120
COLOUR_CODES = {"colour", "color", "warna"}


@dataclass(frozen=True, slots=True)
class Value:
    pk: int
    option_pk: int
    code: str
    name: str
    swatch: str


@dataclass(frozen=True, slots=True)
class OptionChoices:
    """An option with the values that a product may be given."""

    pk: int
    code: str
    name: str
    values: tuple[Value, ...]

    @property
    def has_swatches(self) -> bool:
        return self.code in COLOUR_CODES or any(value.swatch for value in self.values)


@dataclass(frozen=True, slots=True)
class Stock:
    on_hand: int = 0
    reserved: int = 0


@dataclass(frozen=True, slots=True)
class VariantState:
    """A variant as it is now. `values` maps option to value, `stock` is by location.

    `regular` is the price that comes back when the sale that runs now has ended.
    """

    pk: int
    sku: str
    barcode: str
    weight_grams: int
    cost_minor: int | None
    is_active: bool
    values: Mapping[int, int]
    price: Period | None
    regular: Period | None
    stock: Mapping[int, Stock]


@dataclass(frozen=True, slots=True)
class Matrix:
    """`seen` is the product's `updated_at`; `own_options` are those that it varies in, in order."""

    product_pk: int
    seen: datetime
    currency: str
    options: tuple[OptionChoices, ...]
    own_options: tuple[int, ...]
    variants: tuple[VariantState, ...]
    locations: Mapping[int, str]

    def values(self) -> dict[int, Value]:
        return {value.pk: value for option in self.options for value in option.values}


def read_matrix(
    product: Product, *, language: str, currency: str, also: Iterable[int] = ()
) -> Matrix:
    """`also` are values to offer beside those that the product has and the first of the shop."""
    own = list(
        ProductOption.objects.filter(product=product)
        .order_by("position", "option__position", "pk")
        .values_list("option_id", flat=True)
    )
    variants = _variants(product, currency=currency)
    used = {pk for variant in variants for pk in variant.values.values()} | set(also)
    return Matrix(
        product_pk=product.pk,
        seen=product.updated_at,
        currency=currency,
        options=read_options(language=language, used=used, first=own),
        own_options=tuple(own),
        variants=variants,
        locations=_locations(product, variants),
    )


def read_options(
    *, language: str, used: Iterable[int] = (), first: Iterable[int] = ()
) -> tuple[OptionChoices, ...]:
    """All options of the shop, those in `first` before the others. Three queries.

    Each with the values in `used` and the first of all others.
    """
    places = {pk: place for place, pk in enumerate(first)}
    rows = Option.objects.order_by("position", "pk", "translations__language").values_list(
        "pk", "code", "translations__language", "translations__name"
    )
    names = in_language(
        (((pk, code), row_language, name or code) for pk, code, row_language, name in rows),
        language,
    )
    values = _values(language=language, used=used)
    return tuple(
        OptionChoices(pk, code, name, tuple(value for value in values if value.option_pk == pk))
        for (pk, code), name in sorted(
            names.items(), key=lambda item: places.get(item[0][0], len(places))
        )
    )


def _values(*, language: str, used: Iterable[int]) -> list[Value]:
    ranked = OptionValue.objects.annotate(
        rank=Window(RowNumber(), partition_by=[F("option")], order_by=["position", "pk"])
    )
    offered = list(ranked.filter(rank__lte=OFFERED_VALUES).values_list("pk", flat=True))
    return name_values(OptionValue.objects.filter(pk__in={*offered, *used}), language=language)


def name_values(values: QuerySet[OptionValue], *, language: str) -> list[Value]:
    """In the order of the shop, named in the language. One query."""
    rows = values.order_by("position", "pk", "translations__language").values_list(
        "pk", "option_id", "code", "swatch", "translations__language", "translations__name"
    )
    texts = in_language(
        (
            (pk, row_language, Value(pk, option_pk, code, name or code, swatch))
            for pk, option_pk, code, swatch, row_language, name in rows
        ),
        language,
    )
    return list(texts.values())


def _variants(product: Product, *, currency: str) -> tuple[VariantState, ...]:
    """In the order that customers see. Four queries."""
    at = timezone.now()
    values: dict[int, dict[int, int]] = {}
    for pk, option_pk, value_pk in VariantValue.objects.filter(
        variant__product=product
    ).values_list("variant_id", "option_id", "value_id"):
        values.setdefault(pk, {})[option_pk] = value_pk
    stock: dict[int, dict[int, Stock]] = {}
    for pk, location_pk, on_hand, reserved in StockItem.objects.filter(
        variant__product=product
    ).values_list("variant_id", "location_id", "on_hand", "reserved"):
        stock.setdefault(pk, {})[location_pk] = Stock(on_hand, reserved)
    prices = timelines_of(product.pk, currency=currency, at=at)
    states = []
    for variant in product.variants.order_by("position", "pk"):
        periods = prices.get(variant.pk, [])
        now = timeline.price_at(periods, at)
        states.append(
            VariantState(
                pk=variant.pk,
                sku=variant.sku,
                barcode=variant.barcode,
                weight_grams=variant.weight_grams,
                cost_minor=variant.cost_minor,
                is_active=variant.is_active,
                values=values.get(variant.pk, {}),
                price=now,
                regular=timeline.after_sale(periods, now) if now else None,
                stock=stock.get(variant.pk, {}),
            )
        )
    return tuple(states)


def _locations(product: Product, variants: Iterable[VariantState]) -> dict[int, str]:
    """Where the seller keeps goods, and wherever else some of the product lie."""
    elsewhere = {
        pk for variant in variants for pk, stock in variant.stock.items() if stock != Stock()
    }
    rows = Location.objects.filter(Q(seller=product.seller_id) | Q(pk__in=elsewhere))
    return dict(rows.order_by("pk").values_list("pk", "name"))
