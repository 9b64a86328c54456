"""Size, colour and length chosen together mean one variant that has all three and can be bought."""

import re

import pytest
from django.test import Client

from catalog.listing import tokens
from catalog.models import Listing, Option, OptionValue, Product, Variant
from catalog.tests.builders import follow_up, make_category, make_product, make_value, make_variant
from catalog.tests.test_listing_pages import names_in, page_of

pytestmark = pytest.mark.django_db


def make_trousers(name: str, *variants: tuple[str, str, str, int]) -> Product:
    """Each of (colour, size, length, units)."""
    product = make_product(name, category=make_category("Celana"))
    for colour, size, length, on_hand in variants:
        variant = make_variant(product=product, colour=colour, size=size, on_hand=on_hand)
        give_length(variant, length)
    return product


def give_length(variant: Variant, length: str) -> OptionValue:
    option, _is_new = Option.objects.get_or_create(code="length", position=2)
    value, _is_new = OptionValue.objects.get_or_create(option=option, code=length)
    variant.product.product_options.get_or_create(option=option, position=2)
    variant.values.create(option=option, value=value)
    return value


@pytest.fixture
def trousers() -> None:
    """Navy, M and long: any two are to be had together, all three only sold out or not at all."""
    pairs = [("navy", "M", "short", 1), ("navy", "L", "long", 1), ("terakota", "M", "long", 1)]
    make_trousers("Kulot", *pairs)
    make_trousers("Kulot Habis", ("navy", "M", "long", 0), *pairs)
    make_trousers("Kulot Ada", ("navy", "M", "long", 1))
    follow_up()


def count_of(page: str, name: str, value: str) -> int:
    found = re.search(rf'name="{name}" value="{value}".*?<small>(\d+)', page, re.DOTALL)
    assert found
    return int(found[1])


@pytest.mark.usefixtures("trousers")
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("colour=navy&size=m&length=long", {"Kulot Ada", "Kulot Habis"}),
        ("colour=navy&size=m&length=long&in_stock=1", {"Kulot Ada"}),
        ("colour=navy&size=m&size=l&length=long&in_stock=1", {"Kulot", "Kulot Ada", "Kulot Habis"}),
        ("colour=navy&size=m&in_stock=1", {"Kulot", "Kulot Ada", "Kulot Habis"}),
    ],
)
def test_three_chosen_values_are_those_of_one_variant(
    client: Client, query: str, names: set[str]
) -> None:
    page = page_of(client, f"/c/celana/?{query}")
    assert set(names_in(page)) == names
    assert f"{len(names)} produk" in page


@pytest.mark.usefixtures("trousers")
def test_a_third_value_is_counted_as_it_would_be_found(client: Client) -> None:
    page = page_of(client, "/c/celana/?colour=navy&size=m&in_stock=1")
    lengths = page_of(client, "/c/celana/?colour=navy&length=long&in_stock=1")

    assert "3 produk" in page
    assert count_of(page, "length", "long") == 1
    assert count_of(lengths, "size", "m") == 1


def test_three_values_have_a_token_however_many_options_there_are() -> None:
    product = make_trousers("Kulot", ("navy", "M", "long", 0))
    length = OptionValue.objects.get(code="long")
    three = [make_value("colour", "navy").pk, make_value("size", "M").pk, length.pk]

    own = Listing.objects.get(product=product).tokens

    assert tokens.option_values(*three, is_available=False) in own
    assert tokens.option_values(*three, is_available=True) not in own
    assert len([token for token in own if token.startswith("v")]) == 7
