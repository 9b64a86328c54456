"""Cells as values. Each function raises BadValue with the code of what is wrong."""

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from urllib.parse import urlsplit
from uuid import UUID

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from catalog.models.variant import LONGEST_SIDE_MM
from shop.core.money import CURRENCIES

# What the columns can hold.
MAX_INTEGER = 2_147_483_647
MAX_AMOUNT = 9_000_000_000_000_000
MAX_URL = 1000
# No shop means another year; with room for a day more or less in any time zone.
YEARS = range(1970, 9999)
GRAMS = {
    "g": Decimal(1),
    "gr": Decimal(1),
    "gram": Decimal(1),
    "grams": Decimal(1),
    "kg": Decimal(1000),
    "oz": Decimal("28.349523125"),
    "lb": Decimal("453.59237"),
    "lbs": Decimal("453.59237"),
}
YES = frozenset({"yes", "y", "true", "1", "ya", "on"})
NO = frozenset({"no", "n", "false", "0", "tidak", "off"})
_NUMBER = re.compile(r"(-?)(\d+)(?:([.,])(\d+))?\Z")
_GROUPED = re.compile(r"(-?)(\d{1,3}(?:([.,])\d{3})(?:\3\d{3})*)(?!\3)([.,])(\d+)\Z")
_MANY_GROUPS = re.compile(r"(-?)\d{1,3}(?:([.,])\d{3})(?:\2\d{3})+\Z")
_WEIGHT = re.compile(r"([\d.,]+)\s*([a-zA-Z]*)\Z")


class BadValue(Exception):
    """The cell cannot be read; `code` is one of `problems.REASONS` or `NOTICES`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def decimal(text: str) -> Decimal:
    """`149000`, `149000.00`, `149000,00`, `1.234.567,50`. What could mean two things is refused."""
    text = text.replace(" ", "").replace("\u00a0", "")
    if plain := _NUMBER.match(text):
        sign, whole, separator, fraction = plain.groups()
        if separator and len(fraction) == 3 and len(whole) <= 3 and whole != "0":
            raise BadValue("ambiguous_number")
        return Decimal(f"{sign}{whole}.{fraction or 0}")
    if grouped := _GROUPED.match(text):
        sign, whole, separator, _point, fraction = grouped.groups()
        return Decimal(f"{sign}{whole.replace(separator, '')}.{fraction}")
    if many := _MANY_GROUPS.match(text):
        return Decimal(text.replace(many.group(2), ""))
    try:
        exact = Decimal(text)
    except InvalidOperation:
        raise BadValue("not_a_number") from None
    if not exact.is_finite() or abs(exact.adjusted()) > 20:
        raise BadValue("not_a_number")
    return exact


@lru_cache(maxsize=8192)
def amount(text: str, currency: str) -> int:
    """Whole minor units of a currency."""
    exact = decimal(text).scaleb(CURRENCIES[currency].decimals)
    if exact < 0:
        raise BadValue("negative")
    if exact != exact.to_integral_value():
        raise BadValue("too_fine")
    if exact > MAX_AMOUNT:
        raise BadValue("too_large")
    return int(exact)


@lru_cache(maxsize=8192)
def whole(text: str) -> int:
    """A whole number of either sign: `12`, `12.0`."""
    exact = Decimal(text) if text.isdecimal() else decimal(text)
    if exact != exact.to_integral_value():
        raise BadValue("not_whole")
    if abs(exact) > MAX_INTEGER:
        raise BadValue("too_large")
    return int(exact)


@lru_cache(maxsize=8192)
def grams(text: str, unit: str = "g") -> int:
    """Rounded to whole grams; a unit in the cell itself (`0.3 kg`) goes before `unit`."""
    match = _WEIGHT.match(text)
    if match is None:
        raise BadValue("negative" if text.startswith("-") else "not_a_number")
    number, own_unit = match.groups()
    factor = GRAMS.get((own_unit or unit).lower())
    if factor is None:
        raise BadValue("unknown_unit")
    # ".5" is how WooCommerce writes half a pound; 1.250 kg is no riddle as 1.250 rupiah is.
    if number.count(".") + number.count(",") > 1:
        raise BadValue("ambiguous_number")
    try:
        exact = Decimal(number.replace(",", ".")) * factor
    except InvalidOperation:
        raise BadValue("not_a_number") from None
    if exact > MAX_INTEGER:
        raise BadValue("too_large")
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def millimetres(text: str) -> int:
    """One side of a packed piece."""
    length = whole(text)
    if length < 1:
        raise BadValue("negative" if length < 0 else "not_a_number")
    if length > LONGEST_SIDE_MM:
        raise BadValue("too_large")
    return length


def truth(text: str) -> bool:
    word = text.lower()
    if word in YES:
        return True
    if word in NO:
        return False
    raise BadValue("not_yes_or_no")


def moment(text: str, *, is_end: bool = False) -> datetime:
    """A time; without an offset it is the shop's. A mere date ends with its day if `is_end`."""
    try:
        at = _moment(text, is_end=is_end)
    except (ValueError, OverflowError):
        at = None
    if at is None or at.year not in YEARS:
        raise BadValue("not_a_time")
    return at


def _moment(text: str, *, is_end: bool) -> datetime | None:
    day = parse_date(text)
    if day is not None:
        return _midnight(day + timedelta(days=is_end))
    at = parse_datetime(text)
    if at is None or timezone.is_aware(at):
        return at
    if is_end and at.time() == time(23, 59, 59):
        return _midnight(at.date() + timedelta(days=1))
    return timezone.make_aware(at)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def identifier(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadValue("bad_identifier") from None


def picture_url(text: str) -> str:
    """An address that could be fetched; whether it may is decided when it is."""
    try:
        parts = urlsplit(text)
        is_good = (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and "@" not in parts.netloc
            and parts.port != 0
        )
    except ValueError:
        is_good = False
    if not is_good or len(written_url(text)) > MAX_URL or any(c.isspace() for c in text):
        raise BadValue("bad_picture")
    return written_url(text)


def written_url(url: str) -> str:
    """The same address in a cell where `|` stands between several."""
    return url.replace("|", "%7C")


def barcode(text: str) -> str:
    """`8.99123E+12` is what a spreadsheet makes of thirteen digits: they are lost."""
    text = text.lstrip("'")
    if re.fullmatch(r"\d[.,]?\d*[eE]\+\d+", text):
        raise BadValue("mangled_barcode")
    return text
