"""Goods for tests. A test states what it is about; everything else is the same small boutique."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.text import slugify

from catalog.inventory import open_stock_in_bulk
from catalog.listing.follow_up import run_once
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
from shop.core.cache import cache_server

OPTION_NAMES = {
    "colour": {"id": "Warna", "en": "Colour"},
    "size": {"id": "Ukuran", "en": "Size"},
}
COLOURS = {
    "terakota": ("#b5593c", "Terakota", "Terracotta"),
    "navy": ("#29344d", "Navy", "Navy blue"),
    "gading": ("#ece3d2", "Gading", "Ivory"),
}
SIZES = ["S", "M", "L", "XL", "XXL"]

_numbers = count(1)


def make_seller(name: str = "RONA", **fields: Any) -> Seller:
    """The boutique itself unless another name is given."""
    seller, _is_new = Seller.objects.get_or_create(name=name, defaults=fields)
    return seller


def make_location(*, seller: Seller | None = None, city: str = "Kota Pekalongan") -> Location:
    """One per seller and city."""
    location, _is_new = Location.objects.get_or_create(
        seller=seller or make_seller(),
        city=city,
        defaults={"name": f"Gudang {city}", "province": "33", "postal_code": "51111"},
    )
    return location


def make_category(
    name: str = "Wanita", *, parent: Category | None = None, name_en: str = "", position: int = 0
) -> Category:
    """One per Indonesian name; in English it is called `Wanita (en)` unless said otherwise."""
    known = CategoryTranslation.objects.filter(language="id", name=name).first()
    if known:
        return known.category
    category = Category.objects.create(parent=parent, position=position)
    _translate(category, {"id": name, "en": name_en or f"{name} (en)"})
    return category


def _translate(category: Category, names: Mapping[str, str]) -> None:
    CategoryTranslation.objects.bulk_create(
        CategoryTranslation(category=category, language=language, name=name, slug=slugify(name))
        for language, name in names.items()
    )


def make_product(
    name: str = "",
    *,
    category: Category | None = None,
    seller: Seller | None = None,
    languages: Sequence[str] = ("id", "en"),
    is_published: bool = True,
    created_at: datetime | None = None,
    **fields: Any,
) -> Product:
    """Published, without variants: `make_variant(product=…)` adds what can be bought.

    Its slug is the slugified name, in other languages than Indonesian followed by the code.
    """
    name = name or f"Kemeja {next(_numbers)}"
    texts = {code: name if code == "id" else f"{name} ({code})" for code in languages}
    seller, category = seller or make_seller(), category or make_category()
    with transaction.atomic():
        product = Product.objects.create(
            seller=seller,
            category=category,
            is_published=is_published,
            created_at=created_at or timezone.now(),
            **fields,
        )
        ProductTranslation.objects.bulk_create(
            ProductTranslation(product=product, language=language, name=text, slug=slugify(text))
            for language, text in texts.items()
        )
    return product


def make_variant(
    *,
    product: Product | None = None,
    price: int | None = 149_000,
    compare_at: int | None = None,
    on_hand: int = 10,
    size: str | None = "M",
    colour: str | None = "terakota",
    weight_grams: int = 300,
    sku: str | None = None,
    is_active: bool = True,
    currency: str = "IDR",
    location: Location | None = None,
) -> Variant:
    """Something to buy, in stock. None leaves out its price, size or colour."""
    number = next(_numbers)
    with transaction.atomic():
        product = product or make_product()
        variant = Variant.objects.create(
            product=product,
            sku=f"SKU-{number}" if sku is None else sku,
            weight_grams=weight_grams,
            is_active=is_active,
            position=number,
        )
        if price is not None:
            make_price(variant, price, compare_at=compare_at, currency=currency)
        chosen = (("colour", colour), ("size", size))
        _give_values(variant, [make_value(option, code) for option, code in chosen if code])
        make_stock(variant, on_hand=on_hand, location=location)
    return variant


def make_price(
    variant: Variant,
    amount: int,
    *,
    compare_at: int | None = None,
    currency: str = "IDR",
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> Price:
    return Price.objects.create(
        variant=variant,
        currency=currency,
        amount_minor=amount,
        compare_at_minor=compare_at,
        valid_from=valid_from or timezone.now(),
        valid_until=valid_until,
    )


def make_value(option_code: str, code: str) -> OptionValue:
    """A size or a colour with its names; sizes come in their order."""
    values = OptionValue.objects.select_related("option")
    known = values.filter(option__code=option_code, code=code.lower()).first()
    if known:
        return known
    option = _option(option_code)
    swatch, name, name_en = COLOURS.get(code, ("", code, code))
    position = SIZES.index(code) if code in SIZES else 0
    value = OptionValue.objects.create(
        option=option, code=code.lower(), swatch=swatch, position=position
    )
    OptionValueTranslation.objects.bulk_create(
        OptionValueTranslation(value=value, language=language, name=text)
        for language, text in (("id", name), ("en", name_en))
    )
    return value


def _option(code: str) -> Option:
    option, is_new = Option.objects.get_or_create(
        code=code, defaults={"position": list(OPTION_NAMES).index(code)}
    )
    if is_new:
        OptionTranslation.objects.bulk_create(
            OptionTranslation(option=option, language=language, name=name)
            for language, name in OPTION_NAMES[code].items()
        )
    return option


def _give_values(variant: Variant, values: Sequence[OptionValue]) -> None:
    ProductOption.objects.bulk_create(
        [
            ProductOption(
                product_id=variant.product_id, option=value.option, position=value.option.position
            )
            for value in values
        ],
        ignore_conflicts=True,
    )
    VariantValue.objects.bulk_create(
        VariantValue(variant=variant, option=value.option, value=value) for value in values
    )


def make_stock(variant: Variant, *, on_hand: int, location: Location | None = None) -> StockItem:
    """Units at a location, received as all stock is: with a movement that says so."""
    location = location or make_location(seller=variant.product.seller)
    if not on_hand:
        return StockItem.objects.create(variant=variant, location=location)
    open_stock_in_bulk([(variant.pk, location.pk, on_hand)])
    return StockItem.objects.get(variant=variant, location=location)


def make_image(
    product: Product, *, colour: str | None = None, name: str = "foto", position: int = 0
) -> ProductImage:
    """A finished picture with two AVIF files and one WebP; the files themselves do not exist."""
    files = [("avif", 360), ("avif", 900), ("webp", 900)]
    return ProductImage.objects.create(
        product=product,
        option_value=make_value("colour", colour) if colour else None,
        file=f"products/{name}-900.webp",
        width=900,
        height=1200,
        state=ProductImage.State.READY,
        position=position,
        renditions=[
            {"format": kind, "width": width, "path": f"products/{name}-{width}.{kind}"}
            for kind, width in files
        ],
    )


def follow_up() -> None:
    """What a process of its own does within a second of a change: facet counts, caches."""
    while run_once():
        pass


def forget_pages() -> None:
    """Pages have to be built again; what they share, such as names of facets, stays known."""
    server = cache_server()
    pages: list[bytes] = server.run(lambda valkey: list(valkey.scan_iter("page:*")), [])
    if pages:
        server.run(lambda valkey: valkey.delete(*pages), 0)


def stock_of(variant: Variant) -> tuple[int, int]:
    """(on_hand, reserved), over all locations."""
    sums = variant.stock_items.aggregate(on_hand=Sum("on_hand"), reserved=Sum("reserved"))
    return sums["on_hand"] or 0, sums["reserved"] or 0
