"""Files for tests, and their import as the command does it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from catalog.importing import runs
from catalog.importing.options import ImportOptions
from catalog.importing.running import Work
from catalog.models import (
    ImportProblem,
    ImportRun,
    Product,
    ProductTranslation,
    StockMovement,
    Variant,
)

SAMPLES = Path(__file__).parent / "files"
HEADER = (
    "product,seller,category,published,name:id,slug:id,variant,sku,weight_grams,"
    "option:colour,option:size,price:IDR,price_before:IDR,stock:Gudang"
)


def write(path: Path, text: str, *, encoding: str = "utf-8") -> Path:
    file = path / "katalog.csv"
    file.write_bytes(text.encode(encoding))
    return file


def own(path: Path, *rows: str, header: str = HEADER) -> Path:
    """A file in our own format with these rows."""
    return write(path, "\r\n".join([header, *rows]) + "\r\n")


def import_file(path: Path, *, dry_run: bool = False, **options: Any) -> ImportRun:
    run = runs.begin(
        path=path, name=path.name, options=ImportOptions(**options), is_dry_run=dry_run
    )
    Work(runs.hold(run.pk, resume=True), path).go()
    run.refresh_from_db()
    return run


def problems_of(run: ImportRun) -> list[tuple[int, str, str]]:
    """(Line, column, code), in the order of the file."""
    rows = ImportProblem.objects.filter(run=run).order_by("line", "column", "code")
    return list(rows.values_list("line", "column", "code"))


def counts_of(run: ImportRun) -> tuple[int, int, int, int]:
    """Products created, changed, unchanged, skipped."""
    return (
        run.created_products,
        run.changed_products,
        run.unchanged_products,
        run.skipped_products,
    )


def names() -> list[str]:
    rows = ProductTranslation.objects.filter(language="id").order_by("product_id")
    return list(rows.values_list("name", flat=True))


def product_named(name: str) -> Product:
    return Product.objects.get(translations__name=name)


def variants_of(product: Product) -> list[Variant]:
    return list(product.variants.order_by("position", "pk"))


def coordinates(variant: Variant) -> dict[str, str]:
    """Option code → value code."""
    return dict(variant.values.values_list("option__code", "value__code"))


def matrix(product: Product) -> Sequence[dict[str, str]]:
    return [coordinates(variant) for variant in variants_of(product)]


def movements_sum_to_stock() -> bool:
    """The history of each stock item sums to what lies there."""
    sums: dict[int, int] = {}
    for item, quantity in StockMovement.objects.values_list("stock_item", "quantity"):
        sums[item] = sums.get(item, 0) + quantity
    return all(
        item.on_hand == sums.get(item.pk, 0)
        for variant in Variant.objects.prefetch_related("stock_items")
        for item in variant.stock_items.all()
    )


def snapshot() -> dict[str, list[tuple[Any, ...]]]:
    """Every row that an import writes, but for the numbers of rows: those may be drawn twice."""
    return {
        "products": list(
            Product.objects.order_by("translations__slug").values_list(
                "category", "is_published", "seller", "translations__slug"
            )
        ),
        "texts": list(
            ProductTranslation.objects.order_by("language", "slug").values_list(
                "language", "slug", "name", "description"
            )
        ),
        "variants": list(
            Variant.objects.order_by("sku", "position").values_list(
                "sku",
                "position",
                "weight_grams",
                "prices__amount_minor",
                "prices__compare_at_minor",
                "stock_items__on_hand",
            )
        ),
        "values": sorted(
            Variant.objects.values_list("sku", "values__option__code", "values__value__code")
        ),
    }
