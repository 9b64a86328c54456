"""Amounts and numbers as people type them, or copy them from a spreadsheet."""

import pytest

from catalog.editing.typed import NotReadable, read_amount, read_count, write_amount


@pytest.mark.parametrize(
    "text",
    [
        "149000",
        "149.000",
        "149,000",
        "Rp149.000",
        "rp 149.000",
        "Rp. 149.000,-",
        "IDR 149000",
        "149.000,00",
        "149000.00",
        " 149 000 ",
        "149\N{NO-BREAK SPACE}000",
    ],
)
def test_every_way_to_write_149_thousand_rupiah_is_the_same(text: str) -> None:
    assert read_amount(text, "IDR") == 149_000


@pytest.mark.parametrize(
    "text",
    ["", "abc", "-5", "149.00", "149,5", "1.49.000", "14.9000", "149.000,50", "1e5", "9" * 16],
)
def test_what_is_no_clear_amount_of_rupiah_is_refused(text: str) -> None:
    with pytest.raises(NotReadable, match=r"149\.000"):
        read_amount(text, "IDR")


@pytest.mark.parametrize(
    ("text", "minor"),
    [("12", 1200), ("12.5", 1250), ("12,50", 1250), ("1.250", 125_000), ("US$1,250.99", 125_099)],
)
def test_a_currency_with_cents_takes_either_separator(text: str, minor: int) -> None:
    assert read_amount(text, "USD") == minor


def test_an_amount_is_written_as_in_the_shop_without_the_currency() -> None:
    assert write_amount(149_000, "IDR") == "149.000"
    assert write_amount(125_099, "USD") == "1.250,99"
    assert write_amount(None, "IDR") == ""


def test_a_count_is_a_whole_number() -> None:
    assert read_count("1.200", most=5000) == 1200
    for text in ("", "-1", "1,5", "6000", "x"):
        with pytest.raises(NotReadable):
            read_count(text, most=5000)
