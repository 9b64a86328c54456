"""Saving the table of variants: all of it at once, in a number of queries that does not grow."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError

from catalog.editing.booking import Booking, SoldMeanwhile, book_rows
from catalog.editing.prices import write_prices
from catalog.editing.products import EditedMeanwhile, clock, lock_product, touch
from catalog.editing.typed import Row
from catalog.models import (
    Location,
    Product,
    ProductOption,
    Reservation,
    StockItem,
    StockMovement,
    Variant,
    VariantValue,
)
from shop.core.rows import update_each

FIELDS = ("sku", "barcode", "weight_grams", "cost_minor", "is_active", "position")


@dataclass(frozen=True, slots=True)
class Saved:
    """How many variants were made, changed, deleted or, for their history, only switched off."""

    created: int
    changed: int
    deleted: int
    switched_off: int
    repriced: int
    restocked: int
    sold_meanwhile: Sequence[SoldMeanwhile] = ()


@transaction.atomic
def save_matrix(
    *,
    product_pk: int,
    seen: datetime | None,
    option_pks: Sequence[int],
    rows: Sequence[Row],
    dropped: Iterable[int],
    booking: Booking,
    currency: str,
) -> Saved:
    """Make the product's variants what the rows say, and drop those variants.

    `option_pks` are the options that the rows' values belong to, in order. A dropped variant is
    deleted, or switched off where it was ever in stock or in an order. Stock changes by the
    difference to what the page showed, a price only where it was typed. Raises EditedMeanwhile,
    PriceMoved, StockRefused; then nothing has changed.
    """
    product = lock_product(product_pk, seen=seen)
    at = clock()
    created, changed = _write_variants(product, rows)
    variants = created | changed.rows
    _write_options(product, option_pks)
    _write_values(rows, variants, option_pks)
    deleted, switched_off = drop_variants(product, dropped)
    repriced = write_prices(
        cells={variants[row.key].pk: row.price for row in rows}, currency=currency, at=at
    )
    touch(product, at=at)
    # Last before COMMIT, so that a hot stock row is locked for as short as can be.
    add_stock_items(product, created.values())
    restocked, sold = book_rows(rows={variants[row.key].pk: row for row in rows}, booking=booking)
    return Saved(len(created), changed.count, deleted, switched_off, repriced, restocked, sold)


@dataclass(frozen=True, slots=True)
class _Changed:
    rows: dict[str, Variant]
    count: int


def _write_variants(product: Product, rows: Sequence[Row]) -> tuple[dict[str, Variant], _Changed]:
    """Row key → variant: those that are new, and those that were there. Three queries."""
    known = {variant.pk: variant for variant in product.variants.all()}
    created, kept = {}, {}
    moved: dict[int, list[Any]] = {}
    count = 0
    for position, row in enumerate(rows):
        fields = {
            "sku": row.sku,
            "barcode": row.barcode,
            "weight_grams": row.weight_grams,
            "cost_minor": row.cost_minor,
            "is_active": row.is_active,
        }
        if row.variant_pk is None:
            created[row.key] = Variant(product=product, position=position, **fields)
            continue
        if row.variant_pk not in known:
            raise EditedMeanwhile(str(product.pk))
        variant = kept[row.key] = known[row.variant_pk]
        is_changed = any(getattr(variant, name) != value for name, value in fields.items())
        count += is_changed
        if is_changed or variant.position != position:
            moved[variant.pk] = [*fields.values(), position]
    update_each(Variant, FIELDS, moved)
    Variant.objects.bulk_create(created.values())
    return created, _Changed(kept, count)


def _write_options(product: Product, option_pks: Sequence[int]) -> None:
    known = {row.option_id: row for row in product.product_options.all()}
    gone = [row.pk for pk, row in known.items() if pk not in option_pks]
    ProductOption.objects.filter(pk__in=gone).delete()
    moved = {
        known[pk].pk: [position]
        for position, pk in enumerate(option_pks)
        if pk in known and known[pk].position != position
    }
    update_each(ProductOption, ["position"], moved)
    ProductOption.objects.bulk_create(
        ProductOption(product=product, option_id=pk, position=position)
        for position, pk in enumerate(option_pks)
        if pk not in known
    )


def _write_values(
    rows: Iterable[Row], variants: Mapping[str, Variant], option_pks: Sequence[int]
) -> None:
    wanted = {
        (variants[row.key].pk, option_pk, value_pk)
        for row in rows
        if row.value_pks is not None
        for option_pk, value_pk in zip(option_pks, row.value_pks, strict=True)
    }
    placed = [variants[row.key].pk for row in rows if row.value_pks is not None]
    gone = []
    for row in VariantValue.objects.filter(variant__in=placed):
        coordinate = (row.variant_id, row.option_id, row.value_id)
        if coordinate in wanted:
            wanted.remove(coordinate)
        else:
            gone.append(row.pk)
    VariantValue.objects.filter(pk__in=gone).delete()
    VariantValue.objects.bulk_create(
        VariantValue(variant_id=variant_pk, option_id=option_pk, value_id=value_pk)
        for variant_pk, option_pk, value_pk in sorted(wanted)
    )


def drop_variants(product: Product, variant_pks: Iterable[int]) -> tuple[int, int]:
    """Delete variants without a history, switch the others off; returns how many of each."""
    dropped = set(product.variants.filter(pk__in=list(variant_pks)).values_list("pk", flat=True))
    if not dropped:
        return 0, 0
    # An order that is being placed right now either waits for these rows and then finds them
    # gone, as if sold out, or has reserved before and counts as history.
    items = StockItem.objects.select_for_update().filter(variant__in=dropped)
    list(items.order_by("pk").values_list("pk", flat=True))
    kept = variants_with_history(dropped)
    if not _delete(dropped - kept):
        kept = dropped
    return len(dropped - kept), Variant.objects.filter(pk__in=kept).update(is_active=False)


def _delete(variant_pks: Iterable[int]) -> bool:
    """Whether nothing protects them: apps above may know of things that this one does not."""
    try:
        with transaction.atomic():
            StockItem.objects.filter(variant__in=variant_pks).delete()
            Variant.objects.filter(pk__in=variant_pks).delete()
    except ProtectedError:
        return False
    return True


def variants_with_history(variant_pks: Iterable[int]) -> set[int]:
    """Those ever in stock or in an order: an order reserves what it sells. Two queries."""
    pks = list(variant_pks)
    return {
        pk
        for rows in (StockMovement.objects, Reservation.objects)
        for pk in rows.filter(stock_item__variant__in=pks)
        .values_list("stock_item__variant", flat=True)
        .distinct()
    }


def add_stock_items(product: Product, variants: Iterable[Variant]) -> None:
    """An empty shelf for each variant at each of the seller's locations."""
    locations = list(Location.objects.filter(seller=product.seller_id).values_list("pk", flat=True))
    StockItem.objects.bulk_create(
        (
            StockItem(variant=variant, location_id=location_pk)
            for variant in variants
            for location_pk in locations
        ),
        ignore_conflicts=True,
    )
