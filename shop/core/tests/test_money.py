"""Money is exact: it adds in one currency, rounds once, and splits without losing a unit."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.core.money import Money


def rupiah(minor: int) -> Money:
    return Money(minor, "IDR")


def test_amounts_of_two_currencies_do_not_mix() -> None:
    with pytest.raises(ValueError, match="cannot mix USD with IDR"):
        rupiah(1) + Money(1, "USD")


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown currency 'XXX'"):
        Money(1, "XXX")


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (rupiah(149_000), "Rp149.000"),
        (rupiah(0), "Rp0"),
        (rupiah(-1_500), "−Rp1.500"),
        (rupiah(12_345_678), "Rp12.345.678"),
        (Money(123_456, "USD"), "US$1.234,56"),
        (Money(5, "USD"), "US$0,05"),
    ],
)
def test_an_amount_reads_as_people_write_it(amount: Money, text: str) -> None:
    assert amount.format() == text


@pytest.mark.parametrize(("ratio", "share"), [("0.5", 3), ("0.11", 1), ("0.29", 1), ("0.3", 2)])
def test_a_share_rounds_half_up_once(ratio: str, share: int) -> None:
    assert rupiah(5).share(Decimal(ratio)) == rupiah(share)


def test_a_negative_share_rounds_away_from_zero() -> None:
    assert rupiah(-5).share(Decimal("0.5")) == rupiah(-3)


@given(
    st.integers(-(10**12), 10**12),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any),
)
def test_parts_sum_to_the_whole_and_differ_from_the_exact_share_by_less_than_one(
    minor: int, weights: list[int]
) -> None:
    parts = rupiah(minor).allocate(weights)
    assert sum(part.minor for part in parts) == minor
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.minor - Fraction(minor * weight, sum(weights))) < 1


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1, 1]])
def test_nothing_can_be_split_by_such_weights(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        rupiah(10).allocate(weights)


@pytest.mark.parametrize(
    ("wire", "currency", "minor"),
    [(149_000, "IDR", 149_000), (149_000.0, "IDR", 149_000), ("12.34", "USD", 1_234)],
)
def test_a_gateways_number_becomes_an_exact_amount(
    wire: int | float | str, currency: str, minor: int
) -> None:
    assert Money.from_gateway(wire, currency) == Money(minor, currency)


@pytest.mark.parametrize("wire", [True, "NaN", "1e400", 0.5, "x", "Infinity"])
def test_a_gateways_nonsense_is_no_amount(wire: float | str) -> None:
    with pytest.raises(ValueError, match=r"amount|finer|number"):
        Money.from_gateway(wire, "IDR")
