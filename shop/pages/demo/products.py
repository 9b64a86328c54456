"""The products of the demo, all of a kind of row in one statement."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from catalog.models import (
    Category,
    ImageState,
    Location,
    OptionValue,
    Price,
    Product,
    ProductAttribute,
    ProductImage,
    ProductOption,
    ProductTranslation,
    SizeGuide,
    StockItem,
    StockMovement,
    Variant,
    VariantValue,
)
from shop.pages.demo import LANGUAGES, shapes
from shop.pages.demo.barcodes import ean13
from shop.pages.demo.pictures import average_colours, renditions
from shop.pages.demo.vocabulary import AttributeValues, OptionValues

PICTURE_SIZE = (900, 1200)


@dataclass(frozen=True, slots=True)
class Shelves:
    """What is there before the products: where they go and what describes them."""

    location: Location
    currency: str
    note: dict[str, str]
    categories: dict[str, Category]
    values: OptionValues
    attributes: AttributeValues
    size_guides: dict[str, SizeGuide]


@dataclass(frozen=True, slots=True)
class Cell:
    """One variant in a product's table of colours and sizes; `values` has the colour first."""

    product: Product
    data: shapes.Product
    position: int
    values: list[OptionValue]
    surcharge: int
    units: int

    def variant(self) -> Variant:
        stem = self.data.get("barcode")
        return Variant(
            product=self.product,
            sku="-".join([self.data["sku"], *(value.code[:3].upper() for value in self.values)]),
            barcode=ean13(stem, self.position) if stem else "",
            weight_grams=self.data["weight_grams"],
            cost_minor=self.data["cost"],
            position=self.position,
        )


def load_products(data: list[shapes.Product], shelves: Shelves, *, now: datetime) -> None:
    made = Product.objects.bulk_create(product_of(each, shelves, now=now) for each in data)
    rows = list(zip(made, data, strict=True))
    ProductTranslation.objects.bulk_create(
        text_of(product, each, language, note=shelves.note[language])
        for product, each in rows
        for language in LANGUAGES
    )
    ProductAttribute.objects.bulk_create(
        ProductAttribute(product=product, value=shelves.attributes[attribute, code])
        for product, each in rows
        for attribute, codes in each["attributes"].items()
        for code in codes
    )
    ProductImage.objects.bulk_create(pictures_of(rows, shelves.values))
    ProductOption.objects.bulk_create(
        ProductOption(product=product, option=shelves.values[key].option, position=position)
        for product, each in rows
        for position, key in enumerate(keys_of(each["colours"][0], each["sizes"][:1]))
    )
    load_variants([cell for row in rows for cell in cells(*row, shelves.values)], shelves, now=now)


def product_of(data: shapes.Product, shelves: Shelves, *, now: datetime) -> Product:
    guide = data.get("size_guide")
    wait = data.get("publish_in_days")
    return Product(
        seller=shelves.location.seller,
        category=shelves.categories[data["category"]],
        size_guide=shelves.size_guides[guide] if guide else None,
        is_published=True,
        publish_from=now + timedelta(days=wait) if wait else None,
        created_at=now - timedelta(days=data["days_ago"]),
    )


def text_of(
    product: Product, data: shapes.Product, language: str, *, note: str
) -> ProductTranslation:
    """The last sentence of each description says that its picture is an illustration."""
    text = data["id"] if language == "id" else data["en"]
    described = {"description": f"{text['description']} {note}"}
    return ProductTranslation(product=product, language=language, **{**text, **described})


def pictures_of(
    rows: Iterable[tuple[Product, shapes.Product]], values: OptionValues
) -> Iterator[ProductImage]:
    files, averages = renditions(), average_colours()
    width, height = PICTURE_SIZE
    for product, data in rows:
        shown = [(colour, name) for colour in data["colours"] for name in colour["pictures"]]
        for position, (colour, name) in enumerate(shown):
            yield ProductImage(
                product=product,
                option_value=values["colour", colour["code"]],
                file=f"products/{name}-{width}.webp",
                width=width,
                height=height,
                renditions=files[name],
                state=ImageState.READY,
                colour=averages[name],
                position=position,
            )


def keys_of(colour: shapes.Colour, sizes: list[str]) -> list[tuple[str, str]]:
    """Where a variant stands: its colour and, where the product has sizes, its size."""
    return [("colour", colour["code"]), *(("size", size) for size in sizes)]


def cells(product: Product, data: shapes.Product, values: OptionValues) -> Iterator[Cell]:
    surcharge = data.get("surcharge", {})
    table = [
        (colour, [size] if size else [], units)
        for colour in data["colours"]
        for size, units in zip(data["sizes"] or [""], colour["stock"], strict=True)
    ]
    for position, (colour, sizes, units) in enumerate(table):
        yield Cell(
            product=product,
            data=data,
            position=position,
            values=[values[key] for key in keys_of(colour, sizes)],
            surcharge=sum(surcharge.get(size, 0) for size in sizes),
            units=units,
        )


def load_variants(table: list[Cell], shelves: Shelves, *, now: datetime) -> None:
    """The variants with their values and prices, and the stock as goods received."""
    variants = Variant.objects.bulk_create(cell.variant() for cell in table)
    rows = list(zip(variants, table, strict=True))
    VariantValue.objects.bulk_create(
        VariantValue(variant=variant, option=value.option, value=value)
        for variant, cell in rows
        for value in cell.values
    )
    Price.objects.bulk_create(
        price
        for variant, cell in rows
        for price in prices_of(variant, cell, currency=shelves.currency, now=now)
    )
    # New items that nobody can have reserved: written with their units, and the same in history.
    items = StockItem.objects.bulk_create(
        StockItem(variant=variant, location=shelves.location, on_hand=cell.units)
        for variant, cell in rows
    )
    StockMovement.objects.bulk_create(
        StockMovement(
            stock_item=item,
            kind=StockMovement.Kind.RECEIVED,
            quantity=item.on_hand,
            reason="demo",
        )
        for item in items
        if item.on_hand
    )


def prices_of(variant: Variant, cell: Cell, *, currency: str, now: datetime) -> Iterator[Price]:
    """One price, or three where there is a sale: before, during, after."""
    usual, since = cell.data["price"] + cell.surcharge, cell.product.created_at
    periods: list[tuple[int, int | None, datetime, datetime | None]]
    if sale := cell.data.get("sale"):
        starts = now + timedelta(days=sale["starts_in_days"])
        ends = starts + timedelta(days=sale["lasts_days"])
        lower = sale["price"] + cell.surcharge
        periods = [
            (usual, None, since, starts),
            (lower, usual, starts, ends),
            (usual, None, ends, None),
        ]
    else:
        once = cell.data.get("compare_at")
        periods = [(usual, once + cell.surcharge if once else None, since, None)]
    for amount, before, valid_from, valid_until in periods:
        yield Price(
            variant=variant,
            currency=currency,
            amount_minor=amount,
            compare_at_minor=before,
            valid_from=valid_from,
            valid_until=valid_until,
        )
