"""Bar codes of the demo can be scanned, and mean no product of anybody else."""

import pytest

from shop.pages.demo import read_products, shapes
from shop.pages.demo.barcodes import ean13

PRODUCTS: list[shapes.Product] = read_products()
# Reserved by GS1 for numbers that mean something within one shop only.
OUR_OWN = {str(prefix) for prefix in range(20, 30)}


def all_barcodes() -> list[str]:
    return [
        ean13(product["barcode"], position)
        for product in PRODUCTS
        if "barcode" in product
        for position in range(sum(len(colour["stock"]) for colour in product["colours"]))
    ]


@pytest.mark.parametrize(
    ("stem", "position", "expected"),
    [("4006381333", 93, "4006381333931"), ("9780306406", 15, "9780306406157")],
)
def test_the_check_digit_is_the_standard_one(stem: str, position: int, expected: str) -> None:
    assert ean13(stem, position) == expected


def test_every_barcode_is_valid_ours_and_given_once() -> None:
    barcodes = all_barcodes()

    assert len(barcodes) == len(set(barcodes)) > 100
    for barcode in barcodes:
        digits = [int(digit) for digit in barcode]
        assert len(digits) == 13
        assert (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0
        assert barcode[:2] in OUR_OWN


def test_some_products_have_none_as_in_a_real_catalogue() -> None:
    assert 0 < sum("barcode" not in product for product in PRODUCTS) < len(PRODUCTS) / 2
