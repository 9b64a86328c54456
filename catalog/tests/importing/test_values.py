"""What stands in a cell, and what it means."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from catalog.importing import values
from catalog.importing.plain_text import plain_text
from catalog.importing.values import BadValue
from shop.core import spreadsheets

JAKARTA = ZoneInfo("Asia/Jakarta")


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("149000", "IDR", 149_000),
        ("149000.00", "IDR", 149_000),
        ("149000,00", "IDR", 149_000),
        ("1.149.000", "IDR", 1_149_000),
        ("1,149,000.00", "IDR", 1_149_000),
        ("1.149.000,00", "IDR", 1_149_000),
        ("12.5", "USD", 1250),
        ("0.125e2", "USD", 1250),
        ("0", "IDR", 0),
    ],
)
def test_an_amount_is_whole_minor_units(text: str, currency: str, minor: int) -> None:
    assert values.amount(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency", "code"),
    [
        ("149000.50", "IDR", "too_fine"),
        ("12.505", "USD", "ambiguous_number"),
        # A hundred and forty-nine rupiah, or as many thousand?
        ("149.000", "IDR", "ambiguous_number"),
        ("149,000", "IDR", "ambiguous_number"),
        ("-5", "IDR", "negative"),
        ("Rp149000", "IDR", "not_a_number"),
        ("NaN", "IDR", "not_a_number"),
        ("1e400", "IDR", "not_a_number"),
        ("99999999999999999", "IDR", "too_large"),
    ],
)
def test_an_amount_that_could_be_wrong_is_refused(text: str, currency: str, code: str) -> None:
    with pytest.raises(BadValue) as refusal:
        values.amount(text, currency)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("text", "unit", "grams"),
    [
        ("300", "g", 300),
        ("0.3", "kg", 300),
        (".5", "lbs", 227),
        ("8", "oz", 227),
        ("1.250 kg", "g", 1250),
        ("0,3kg", "g", 300),
    ],
)
def test_weights_are_whole_grams(text: str, unit: str, grams: int) -> None:
    assert values.grams(text, unit) == grams


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("5 stone", "unknown_unit"),
        ("-3", "negative"),
        ("x", "not_a_number"),
        ("9e9", "not_a_number"),
    ],
)
def test_a_weight_that_cannot_be_read_is_refused(text: str, code: str) -> None:
    with pytest.raises(BadValue) as refusal:
        values.grams(text)
    assert refusal.value.code == code


def test_a_time_without_an_offset_is_the_shops_own() -> None:
    assert values.moment("2026-01-31T18:00") == datetime(2026, 1, 31, 18, tzinfo=JAKARTA)
    assert values.moment("2026-01-31") == datetime(2026, 1, 31, tzinfo=JAKARTA)


def test_a_day_ends_at_its_midnight() -> None:
    assert values.moment("2026-01-31", is_end=True) == datetime(2026, 2, 1, tzinfo=JAKARTA)
    last_second = values.moment("2026-01-31 23:59:59", is_end=True)
    assert last_second == datetime(2026, 2, 1, tzinfo=JAKARTA)


@pytest.mark.parametrize("text", ["31.01.2026", "2026-13-01", "besok"])
def test_other_dates_are_refused(text: str) -> None:
    with pytest.raises(BadValue):
        values.moment(text)


@pytest.mark.parametrize("text", ["=1+1", "+62 812", "-", "@x", "'=x", "''=x", "\t=x"])
def test_what_a_spreadsheet_would_run_is_quoted_and_comes_back(text: str) -> None:
    assert spreadsheets.guarded(text) == f"'{text}"
    assert spreadsheets.unguarded(spreadsheets.guarded(text)) == text


@pytest.mark.parametrize("text", ["'s Lands", "'", "Kemeja", "a=b", ""])
def test_other_texts_are_left_as_they_are(text: str) -> None:
    assert spreadsheets.guarded(text) == spreadsheets.unguarded(text) == text


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/x.jpg",
        "javascript:alert(1)",
        "https://user@a.example/x.jpg",
        "https:///x.jpg",
        "https://a.example/x y.jpg",
        "https://a.example/" + "x" * 1000,
        "https://[::1/x",
        "http://a.example:99999/x.jpg",
        "http://a.example:abc/x.jpg",
        "http://a.example:0/x.jpg",
    ],
)
def test_what_is_no_address_of_a_picture_is_refused(url: str) -> None:
    with pytest.raises(BadValue):
        values.picture_url(url)


def test_a_barcode_that_a_spreadsheet_rounded_is_lost() -> None:
    assert values.barcode("'8991234567890") == "8991234567890"
    with pytest.raises(BadValue) as refusal:
        values.barcode("8.99123E+12")
    assert refusal.value.code == "mangled_barcode"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("Katun &amp; linen", "Katun & linen"),
        ("<p>Satu</p>\n<p>Dua<br>tiga</p>", "Satu\n\nDua\ntiga"),
        ("<ul>\n<li>Satu</li>\n<li><p>Dua</p></li>\n</ul>", "• Satu\n• Dua"),
        ("<h2>Bahan</h2><div>Katun\n  halus</div>", "Bahan\n\nKatun halus"),
        ("<style>p{}</style><script>alert(1)</script>Halo <b>semua</b>", "Halo semua"),
        ("<table><tr><td>M</td><td>50 cm</td></tr></table>", "M 50 cm"),
        ("Baris satu\r\n\r\nBaris dua  \r\n", "Baris satu\n\nBaris dua"),
        ("5 < 6 dan 7 > 6", "5 < 6 dan 7 > 6"),
        ("<p>Kaos\n\nPolos", "Kaos\n\nPolos"),
    ],
)
def test_descriptions_become_plain_text_with_paragraphs(html: str, text: str) -> None:
    assert plain_text(html) == text
