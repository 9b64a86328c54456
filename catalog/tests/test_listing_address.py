"""Addresses of listings, and numbers that stop at a thousand."""

import pytest
from django.utils.translation import override

from catalog.catalogue import Filters
from catalog.listing_address import Address, chosen_pairs, filters_without, known_parameters
from catalog.listing_facets import tally
from catalog.tests.shirts import make_shirts

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("number", "text"), [(1, "1"), (999, "999"), (1_000, "1.000"), (1_001, "1.000+")]
)
def test_counts_stop_at_a_thousand(number: int, text: str) -> None:
    with override("id"):
        assert tally(number) == text


def test_an_address_does_not_depend_on_the_order_of_the_choice() -> None:
    make_shirts()
    one = Address("/c/wanita/").adding("size", "m").adding("colour", "navy")
    two = Address("/c/wanita/").adding("colour", "navy").adding("size", "m")

    assert one.url() == two.url()
    assert {"size", "colour", "material", "page", "min_price"} <= known_parameters()


@pytest.mark.parametrize("code", ["size", "price", "seller", "in_stock", "reduced"])
def test_a_facet_is_dropped_whole(code: str) -> None:
    filters = Filters(
        terms={"size": ["m", "l"]},
        sellers=["a-1"],
        price_ranges=["0-100000"],
        min_price=1_000,
        max_price=2_000,
        in_stock=True,
        reduced=True,
    )

    rest = Address("/", chosen=chosen_pairs(filters)).without_facet(code)

    assert sorted(rest.chosen) == sorted(chosen_pairs(filters_without(filters, code)))
    assert rest.chosen != chosen_pairs(filters)
