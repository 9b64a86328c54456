"""What staff typed into the cells of the table, read as values; each problem says what to do."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from catalog.editing.prices import PriceCell, Typed
from shop.core.money import CURRENCIES, Money

Texts = Mapping[str, str]
SKU_LENGTH, BARCODE_LENGTH = 80, 40
MOST_GRAMS, MOST_UNITS, MOST_DIGITS = 1_000_000, 1_000_000, 15
_NUMBER = re.compile(
    r"(?P<whole>\d{1,3}(?:(?P<group>[.,'’])\d{3})?(?:(?P=group)\d{3})*|\d+)"
    r"(?:(?P<point>[.,])(?P<fraction>\d{1,2}))?"
)


@dataclass(frozen=True, slots=True)
class StockCell:
    """`shown` is what the page said when it was opened; the difference is what staff meant."""

    shown: int
    typed: int

    @property
    def difference(self) -> int:
        return self.typed - self.shown


@dataclass(frozen=True, slots=True)
class Row:
    """One variant as it shall be. `value_pks` go with the options of the product, in their order;
    None leaves the values alone. `stock` is by location.
    """

    key: str
    variant_pk: int | None
    value_pks: tuple[int, ...] | None
    is_active: bool
    sku: str = ""
    barcode: str = ""
    weight_grams: int = 0
    cost_minor: int | None = None
    price: PriceCell = field(default_factory=PriceCell)
    stock: Mapping[int, StockCell] = field(default_factory=dict)


class NotReadable(ValueError):
    """The text is not what the cell wants; the message is for the person who typed it."""


def read_amount(text: str, currency: str) -> int:
    """Minor units behind `149000`, `149.000`, `Rp149.000`, `149,000` or `149.000,00`.

    Raises NotReadable; `149,00` in a currency without decimals is one zero short of clear.
    """
    known = CURRENCIES[currency]
    bare = re.sub(r"\s", "", text).removesuffix(",-")
    unit = rf"^(?:{re.escape(known.symbol)}\.?|{known.code})"
    bare = re.sub(unit, "", bare, flags=re.IGNORECASE)
    match = _NUMBER.fullmatch(bare)
    if match is None or (match["group"] and match["group"] == match["point"]):
        raise _no_amount(currency)
    whole = re.sub(r"\D", "", match["whole"])
    fraction = match["fraction"] or ""
    if known.decimals == 0 and fraction:
        if fraction.strip("0") or len(whole) < 4:
            raise _no_amount(currency)
        fraction = ""
    if len(whole) > MOST_DIGITS:
        raise _no_amount(currency)
    return int(whole + fraction.ljust(known.decimals, "0"))


def _no_amount(currency: str) -> NotReadable:
    example = write_amount(149_000 * 10 ** CURRENCIES[currency].decimals, currency)
    return NotReadable(
        _("This is not an amount. Write it like %(example)s.") % {"example": example}
    )


def write_amount(minor: int | None, currency: str) -> str:
    """As in the shop but without the currency, which the column names: `149.000`."""
    if minor is None:
        return ""
    return Money(minor, currency).format().removeprefix(CURRENCIES[currency].symbol)


def read_count(text: str, *, most: int) -> int:
    """A whole number from 0, grouped or not. Raises NotReadable."""
    match = _NUMBER.fullmatch(re.sub(r"\s", "", text))
    if match is None or match["fraction"] or int(re.sub(r"\D", "", match["whole"])) > most:
        raise NotReadable(_("Write a whole number, 0 or more."))
    return int(re.sub(r"\D", "", match["whole"]))


class RowReader:
    """Reads the cells of one row and collects what is wrong with them, by column."""

    def __init__(self, texts: Texts, currency: str) -> None:
        self.texts = texts
        self.currency = currency
        self.problems: dict[str, str] = {}

    def text(self, column: str, *, longest: int) -> str:
        text = self.texts.get(column, "").strip()
        if len(text) > longest or "\0" in text:
            self.problems[column] = _("At most %(count)s characters.") % {"count": longest}
        return text

    def amount(self, column: str) -> int | None:
        text = self.texts.get(column, "").strip()
        try:
            return read_amount(text, self.currency) if text else None
        except NotReadable as error:
            self.problems[column] = str(error)
            return None

    def count(self, column: str, *, most: int, empty: int = 0) -> int:
        text = self.texts.get(column, "").strip()
        try:
            return read_count(text, most=most) if text else empty
        except NotReadable as error:
            self.problems[column] = str(error)
            return empty

    def price(self) -> Typed:
        amount, before = self.amount("price"), self.amount("compare_at")
        if before is not None and "price" not in self.problems:
            if amount is None:
                self.problems["price"] = _("Enter the price, or empty the price before.")
            elif before <= amount:
                self.problems["compare_at"] = _("Has to be higher than the price, or empty.")
        return Typed(amount, before)

    def row(
        self,
        *,
        key: str,
        variant_pk: int | None,
        value_pks: tuple[int, ...] | None,
        is_active: bool,
        shown_price: Typed,
        shown: Mapping[int, int],
        locations: Iterable[int],
    ) -> Row:
        """`shown` is by location: what the page said; an empty cell leaves the stock as it is."""
        return Row(
            key=key,
            variant_pk=variant_pk,
            value_pks=value_pks,
            is_active=is_active,
            sku=self.text("sku", longest=SKU_LENGTH),
            barcode=self.text("barcode", longest=BARCODE_LENGTH),
            weight_grams=self.count("weight", most=MOST_GRAMS),
            cost_minor=self.amount("cost"),
            price=PriceCell(shown_price, self.price()),
            stock={
                pk: StockCell(
                    shown.get(pk, 0),
                    self.count(f"stock-{pk}", most=MOST_UNITS, empty=shown.get(pk, 0)),
                )
                for pk in locations
            },
        )
