"""Seller, categories, options and products of the demo."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from django.utils import timezone

from catalog.inventory import receive_stock
from catalog.models import (
    Category,
    CategoryTranslation,
    Location,
    Option,
    OptionTranslation,
    OptionValue,
    OptionValueTranslation,
    Price,
    Product,
    ProductImage,
    ProductOption,
    ProductTranslation,
    Seller,
    StockItem,
    Variant,
    VariantValue,
)
from shop.pages.demo import shapes
from shop.pages.demo.pictures import renditions

LANGUAGES: tuple[Literal["id", "en"], ...] = ("id", "en")
PICTURE_SIZE = (900, 1200)

Values = dict[tuple[str, str], OptionValue]


def load_catalogue(boutique: shapes.Boutique) -> bool:
    """Fill an empty catalogue; returns whether it was empty."""
    if Product.objects.exists():
        return False
    seller = Seller.objects.create(name=boutique["seller"])
    location = Location.objects.create(seller=seller, **boutique["location"])
    categories = load_categories(boutique["categories"], parent=None)
    values = load_options(boutique["options"])
    for data in boutique["products"]:
        product = Product.objects.create(
            seller=seller,
            category=categories[data["category"]],
            is_published=True,
            created_at=timezone.now() - timedelta(days=data["days_ago"]),
        )
        load_texts(product, data, note=boutique["note"])
        load_pictures(product, data, values)
        load_variants(product, data, values, currency=boutique["currency"], location=location)
    return True


def load_categories(
    categories: list[shapes.Category], *, parent: Category | None
) -> dict[str, Category]:
    """Code → category, with everything below."""
    made = {}
    for position, data in enumerate(categories):
        category = Category.objects.create(parent=parent, position=position)
        CategoryTranslation.objects.bulk_create(
            CategoryTranslation(category=category, language=language, **data[language])
            for language in LANGUAGES
        )
        made[data["code"]] = category
        made |= load_categories(data.get("children", []), parent=category)
    return made


def load_options(options: list[shapes.Option]) -> Values:
    """(Option code, value code) → value."""
    values: Values = {}
    for position, data in enumerate(options):
        option = Option.objects.create(code=data["code"], position=position)
        OptionTranslation.objects.bulk_create(
            OptionTranslation(option=option, language=language, name=data[language])
            for language in LANGUAGES
        )
        made = OptionValue.objects.bulk_create(
            OptionValue(
                option=option, code=value["code"], swatch=value.get("swatch", ""), position=place
            )
            for place, value in enumerate(data["values"])
        )
        OptionValueTranslation.objects.bulk_create(
            OptionValueTranslation(value=row, language=language, name=value[language])
            for row, value in zip(made, data["values"], strict=True)
            for language in LANGUAGES
        )
        values |= {(option.code, value.code): value for value in made}
    return values


def load_texts(product: Product, data: shapes.Product, *, note: dict[str, str]) -> None:
    """The last sentence of each description says that its picture is an illustration."""
    for language in LANGUAGES:
        text = data[language]
        described = {"description": f"{text['description']} {note[language]}"}
        ProductTranslation.objects.create(
            product=product, language=language, **{**text, **described}
        )


def load_pictures(product: Product, data: shapes.Product, values: Values) -> None:
    files = renditions()
    width, height = PICTURE_SIZE
    ProductImage.objects.bulk_create(
        ProductImage(
            product=product,
            option_value=values["colour", colour["code"]],
            file=f"products/{colour['picture']}-{width}.webp",
            width=width,
            height=height,
            renditions=files[colour["picture"]],
            state=ProductImage.State.READY,
            position=position,
        )
        for position, colour in enumerate(data["colours"])
    )


@dataclass(frozen=True, slots=True)
class Cell:
    """One variant in the table of colours and sizes; `values` has the colour first."""

    values: list[OptionValue]
    sku: str
    price: int
    units: int


def cells(data: shapes.Product, values: Values) -> Iterator[Cell]:
    surcharge = data.get("surcharge", {})
    for colour in data["colours"]:
        for size, units in zip(data["sizes"] or [""], colour["stock"], strict=True):
            keys = (
                [("colour", colour["code"]), ("size", size)]
                if size
                else [("colour", colour["code"])]
            )
            yield Cell(
                values=[values[key] for key in keys],
                sku="-".join([data["sku"], *(code[:3].upper() for _option, code in keys)]),
                price=data["price"] + surcharge.get(size, 0),
                units=units,
            )


def load_variants(
    product: Product, data: shapes.Product, values: Values, *, currency: str, location: Location
) -> None:
    """The matrix with its prices, and the stock as goods received."""
    table = list(cells(data, values))
    ProductOption.objects.bulk_create(
        ProductOption(product=product, option=value.option, position=position)
        for position, value in enumerate(table[0].values)
    )
    variants = Variant.objects.bulk_create(
        Variant(product=product, sku=cell.sku, weight_grams=data["weight_grams"], position=position)
        for position, cell in enumerate(table)
    )
    Price.objects.bulk_create(
        Price(
            variant=variant,
            currency=currency,
            amount_minor=cell.price,
            compare_at_minor=data.get("compare_at"),
        )
        for variant, cell in zip(variants, table, strict=True)
    )
    VariantValue.objects.bulk_create(
        VariantValue(variant=variant, option=value.option, value=value)
        for variant, cell in zip(variants, table, strict=True)
        for value in cell.values
    )
    items = StockItem.objects.bulk_create(
        StockItem(variant=variant, location=location) for variant in variants
    )
    for item, cell in zip(items, table, strict=True):
        if cell.units:
            receive_stock(stock_item_id=item.pk, quantity=cell.units, reason="demo")
