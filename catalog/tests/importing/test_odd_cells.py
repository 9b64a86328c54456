"""One cell that nobody thought of costs its own product, never the run or the next export."""

import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client

from catalog.importing.export import exported
from catalog.importing.formats.base import MAX_CELL
from catalog.importing.formats.shopify import ShopifyFormat
from catalog.models import Product
from catalog.tests.builders import make_product
from catalog.tests.importing.files import (
    counts_of,
    import_file,
    names,
    own,
    problems_of,
    product_named,
    write,
)

pytestmark = pytest.mark.usefixtures("boutique")

HEADER = "name:id,category,price:IDR,weight_grams,length_mm,publish_from,publish_until,created_at"


def with_cell(tmp_path: Path, column: str, text: str) -> Path:
    """Three products, of which the middle one has this cell."""
    cells = dict.fromkeys(HEADER.split(","), "")
    cells |= {"category": "Wanita", "price:IDR": "99000"}
    odd = {**cells, "name:id": "Aneh", column: text}
    plain = [",".join({**cells, "name:id": name}.values()) for name in ("Rok", "Kaos")]
    return own(
        tmp_path, plain[0], ",".join(f'"{c}"' for c in odd.values()), plain[1], header=HEADER
    )


@pytest.mark.parametrize(
    ("column", "text", "code"),
    [
        ("weight_grams", ".", "not_a_number"),
        ("weight_grams", ",", "not_a_number"),
        ("weight_grams", "1" * 40, "too_large"),
        ("weight_grams", "1" * 5000, "too_large"),
        ("length_mm", "10001", "too_large"),
        ("length_mm", "-3", "negative"),
        ("length_mm", "2.5", "not_whole"),
        ("price:IDR", "1" * 5000, "too_large"),
        ("category", "#" + "1" * 5000, "unknown_category"),
        ("publish_until", "9999-12-31 23:59:59", "not_a_time"),
        ("publish_until", "9999-12-31", "not_a_time"),
        ("publish_until", "9999-12-31T23:59:59+00:00", "not_a_time"),
        ("publish_from", "0001-01-01", "not_a_time"),
        ("publish_from", "0001-01-01T00:00:00+14:00", "not_a_time"),
        ("created_at", "1969-12-31", "not_a_time"),
    ],
)
def test_the_product_of_the_cell_is_left_out(
    tmp_path: Path, column: str, text: str, code: str
) -> None:
    run = import_file(with_cell(tmp_path, column, text))
    assert problems_of(run) == [(3, column, code)]
    assert (run.state, counts_of(run)) == ("done", (2, 0, 0, 1))
    assert names() == ["Rok", "Kaos"]


@pytest.mark.parametrize(
    ("column", "text"), [("publish_from", "1970-01-01"), ("publish_until", "9998-12-30")]
)
def test_years_that_a_calendar_has_are_taken_and_come_back(
    tmp_path: Path, client: Client, column: str, text: str
) -> None:
    file = with_cell(tmp_path, column, text)
    assert counts_of(import_file(file)) == (3, 0, 0, 0)
    assert product_named("Aneh").publish_from in (None, datetime(1969, 12, 31, 17, tzinfo=UTC))
    exported_file = tmp_path / "ekspor.csv"
    exported_file.write_bytes(b"".join(exported()))
    assert counts_of(import_file(exported_file)) == (0, 0, 3, 0)


def test_a_long_text_is_taken_and_comes_back(tmp_path: Path) -> None:
    long = "Dijahit rapi. " * 10_000
    file = own(
        tmp_path, f"Rok,Wanita,{long}", "Kaos,Wanita,", header="name:id,category,description:id"
    )
    assert counts_of(import_file(file)) == (2, 0, 0, 0)
    assert len(product_named("Rok").translations.get().description) == 140_000
    file.write_bytes(b"".join(exported()))
    assert counts_of(import_file(file)) == (0, 0, 2, 0)


def test_a_text_that_is_none_costs_its_product_only(tmp_path: Path) -> None:
    long = "x" * (MAX_CELL + 1)
    rows = (f"{name},Wanita,{text}" for name, text in (("Rok", ""), ("Aneh", long), ("Kaos", "")))
    run = import_file(own(tmp_path, *rows, header="name:id,category,description:id"))
    assert problems_of(run) == [(3, "description:id", "too_long")]
    assert names() == ["Rok", "Kaos"]


def test_a_product_of_the_last_day_there_is_can_be_exported() -> None:
    make_product("Abadi")
    Product.objects.update(publish_until=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))
    assert b",9999-12-31T23:59:59+00:00," in b"".join(exported())


@pytest.mark.parametrize(
    "text", ["<![foo[ Lembut", "<p>Lembut</p><![endif[x]>", "<![if mso]>Lembut<![endif]>"]
)
def test_markup_that_no_browser_knows_leaves_its_text(tmp_path: Path, text: str) -> None:
    file = write(
        tmp_path,
        f"Handle,Title,Body (HTML),Type,Variant Price\r\nrok,Rok,{text},Wanita,99000\r\n",
    )
    assert counts_of(import_file(file)) == (1, 0, 0, 0)
    description = product_named("Rok").translations.get().description
    assert "Lembut" in description
    assert "<" not in description


def test_what_a_format_stumbles_over_is_logged_and_costs_that_product(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever the next such cell is: here a reader of cells that fails for one of them."""
    published = ShopifyFormat._is_published

    def stumble(self: ShopifyFormat, row: object) -> bool:
        if "Aneh" in row.cells:  # type: ignore[attr-defined]
            raise ZeroDivisionError
        return published(self, row)  # type: ignore[arg-type]

    monkeypatch.setattr(ShopifyFormat, "_is_published", stumble)
    rows = [f"{name.lower()},{name},Wanita,99000" for name in ("Rok", "Aneh", "Kaos")]
    file = write(tmp_path, "\r\n".join(["Handle,Title,Type,Variant Price", *rows]) + "\r\n")
    with caplog.at_level(logging.ERROR):
        run = import_file(file)
    assert problems_of(run) == [(3, "", "unreadable")]
    assert counts_of(run) == (2, 0, 0, 1)
    assert "import_product_unreadable" in caplog.text
