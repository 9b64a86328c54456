"""Codes of options and attributes stand in addresses beside the names that the shop needs there."""

from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from catalog.models import Attribute, Option, Product, Seller
from catalog.parameters import RESERVED
from catalog.tests.editing.pages import signed_in
from catalog.tests.importing.conftest import boutique
from catalog.tests.importing.files import HEADER, counts_of, import_file, own, problems_of
from catalog.tests.vocabulary.pages import adding, rows

__all__ = ["boutique"]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("code", sorted(RESERVED))
def test_no_option_and_no_attribute_takes_a_name_of_the_shops_own(code: str) -> None:
    for row in (Option(code=code), Attribute(code=code), Option(code=code.upper())):
        with pytest.raises(ValidationError) as refusal:
            row.full_clean()
        assert list(refusal.value.message_dict) == ["code"]


@pytest.mark.parametrize("kind", ["option", "attribute"])
def test_staff_are_told_to_choose_another_code(kind: str) -> None:
    names = rows("translations", {"language": "id", "name": "Harga"})

    page = signed_in().post(
        adding(kind), {"code": "price", "position": 0, **names, **rows("values")}
    )

    assert page.status_code == 200
    assert "Addresses of the shop use “price” for something else." in page.text
    assert not Option.objects.filter(code="price").exists()
    assert not Attribute.objects.filter(code="price").exists()


def test_an_option_and_an_attribute_have_different_codes() -> None:
    option = Option.objects.create(code="fit")
    attribute = Attribute.objects.create(code="material")

    for row in (Attribute(code="fit"), Option(code="material")):
        with pytest.raises(ValidationError) as refusal:
            row.full_clean()
        assert [each.code for each in refusal.value.error_dict["code"]] == ["taken"]
    option.full_clean()
    attribute.full_clean()


@pytest.mark.parametrize("column", ["option:Page", "attribute:Price"])
def test_a_file_with_such_a_name_is_told_so_and_the_rest_of_it_imported(
    tmp_path: Path, boutique: Seller, column: str
) -> None:
    first = ",,Wanita,yes,Rok,,,R-M,300,Navy,M,99000,,1,A"
    second = ",,Wanita,yes,Celana,,,C-M,300,Navy,M,99000,,1,"

    run = import_file(own(tmp_path, first, second, header=f"{HEADER},{column}"))

    assert problems_of(run) == [(2, column, "reserved_name")]
    assert counts_of(run) == (1, 0, 0, 1)
    assert Product.objects.count() == 1
    assert not Option.objects.filter(code="page").exists()
    assert not Attribute.objects.filter(code="price").exists()


def test_an_option_and_an_attribute_of_one_name_in_a_file_stay_two(
    tmp_path: Path, boutique: Seller
) -> None:
    row = ",,Wanita,yes,Rok,,,R-M,300,Navy,M,99000,,1,Besar"
    file = own(tmp_path, row, header=f"{HEADER},attribute:Size")

    assert counts_of(import_file(file)) == (1, 0, 0, 0)
    assert counts_of(import_file(file)) == (0, 0, 1, 0)

    assert sorted(Option.objects.values_list("code", flat=True)) == ["colour", "size"]
    assert list(Attribute.objects.values_list("code", flat=True)) == ["size-2"]
