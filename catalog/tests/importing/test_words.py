"""Sizes, colours and attributes of a file: what is one value, and what are two."""

from pathlib import Path

import pytest

from catalog.importing.export import exported
from catalog.models import (
    Attribute,
    AttributeValue,
    AttributeValueTranslation,
    OptionValue,
    OptionValueTranslation,
    ProductAttribute,
)
from catalog.tests.builders import make_product, make_value, make_variant
from catalog.tests.importing.files import (
    coordinates,
    counts_of,
    import_file,
    matrix,
    names,
    own,
    product_named,
    write,
)

pytestmark = pytest.mark.usefixtures("boutique")


def shoes(*sizes: str) -> list[str]:
    return [f",,Wanita,yes,Sepatu,,,,300,Navy,{size},99000,,1" for size in sizes]


def sizes_of(name: str) -> list[str]:
    """Of each variant its size by name, in order."""
    texts = dict(OptionValueTranslation.objects.values_list("value__code", "name"))
    return [texts.get(each["size"], each["size"]) for each in matrix(product_named(name))]


def test_a_half_size_is_not_the_size_ten_times_as_large(tmp_path: Path) -> None:
    make_value("size", "35")
    run = import_file(own(tmp_path, *shoes("35", "3.5", "2/3", "23", "23+")))
    assert counts_of(run) == (1, 0, 0, 0)
    assert sizes_of("Sepatu") == ["35", "3.5", "2/3", "23", "23+"]
    assert len({each["size"] for each in matrix(product_named("Sepatu"))}) == 5


def test_it_does_not_matter_which_of_them_the_shop_knew_first(tmp_path: Path) -> None:
    for size in ("3.5", "35", "3-5"):
        import_file(own(tmp_path, *shoes(size)))
    assert sizes_of("Sepatu") == ["3.5", "35", "3-5"]
    again = import_file(own(tmp_path, *shoes("3-5", "35", "3.5")))
    assert counts_of(again)[0] == 0
    assert sizes_of("Sepatu") == ["3-5", "35", "3.5"]


def test_a_code_that_staff_gave_means_its_size_in_an_export_only(tmp_path: Path) -> None:
    """The editor makes 35 of 3.5 as well."""
    size = make_value("size", "35")
    OptionValueTranslation.objects.filter(value=size).update(name="3.5")
    file = tmp_path / "ekspor.csv"
    variant = make_variant(product=make_product("Sandal"), size="35", colour=None)
    file.write_bytes(b"".join(exported()))
    assert counts_of(import_file(file)) == (0, 0, 1, 0)
    assert coordinates(variant) == {"size": "35"}

    import_file(own(tmp_path, *shoes("35", "3.5")))
    assert sizes_of("Sepatu") == ["35", "3.5"]
    assert matrix(product_named("Sepatu"))[1]["size"] == "35"


def test_letters_that_no_code_can_hold_tell_colours_apart(tmp_path: Path) -> None:
    rows = [row.replace("Navy", colour) for colour in ("白色 XL", "黑色 XL") for row in shoes("M")]
    file = own(tmp_path, *rows)
    assert counts_of(import_file(file)) == (1, 0, 0, 0)
    made = OptionValue.objects.filter(option__code="colour").values_list("translations__name")
    assert sorted(made) == [("白色 XL",), ("黑色 XL",)]
    assert len({each["colour"] for each in matrix(product_named("Sepatu"))}) == 2
    assert counts_of(import_file(file)) == (0, 0, 1, 0)
    assert OptionValue.objects.filter(option__code="colour").count() == 2


def test_spaces_and_capitals_tell_nothing_apart(tmp_path: Path) -> None:
    make_value("size", "extra-large")
    file = own(tmp_path, *shoes("Extra  Large"))
    import_file(file)
    assert matrix(product_named("Sepatu")) == [{"colour": "navy", "size": "extra-large"}]
    run = import_file(own(tmp_path, *(r.replace("Sepatu", "Rok") for r in shoes("Kecil", "KECIL"))))
    assert counts_of(run) == (0, 0, 0, 1)
    assert names() == ["Sepatu"]


def test_a_name_too_long_to_be_kept_is_known_again(tmp_path: Path) -> None:
    long = "Hijau botol " * 6
    rows = [*shoes(f"{long} A"), *shoes(f"{long} B")]
    assert counts_of(import_file(own(tmp_path, *rows))) == (1, 0, 0, 0)
    again = import_file(own(tmp_path, *reversed(rows), ",,Wanita,yes,Rok,,,,1,Navy,S,1,,1"))
    assert counts_of(again)[0] == 1
    assert len(matrix(product_named("Sepatu"))) == 2


def test_attributes_are_told_apart_in_the_same_way(tmp_path: Path) -> None:
    attribute = Attribute.objects.create(code="heel")
    known = AttributeValue.objects.create(attribute=attribute, code="35")
    AttributeValueTranslation.objects.create(value=known, language="id", name="35")
    header = "name:id,category,price:IDR,attribute:heel"
    import_file(write(tmp_path, f"{header}\r\nSepatu,Wanita,99000,3.5 | 35\r\n"))
    rows = ProductAttribute.objects.order_by("value__translations__name")
    assert list(rows.values_list("value__translations__name", flat=True)) == ["3.5", "35"]
