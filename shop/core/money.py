"""Money: exact amounts in whole minor units, and the one table of currencies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Self


@dataclass(frozen=True, slots=True)
class Currency:
    """How many decimals a currency has: in our books, on the page, and at each gateway.

    Gateways disagree: Stripe counts the rupiah in hundredths, Xendit in whole rupiah.
    """

    code: str
    symbol: str
    decimals: int
    display_decimals: int
    gateway_decimals: Mapping[str, int]


CURRENCIES: dict[str, Currency] = {
    "IDR": Currency("IDR", "Rp", 0, 0, {"xendit": 0, "midtrans": 0, "stripe": 2}),
    "USD": Currency("USD", "US$", 2, 2, {"xendit": 2, "stripe": 2}),
    "SGD": Currency("SGD", "S$", 2, 2, {"xendit": 2, "stripe": 2}),
    "JPY": Currency("JPY", "¥", 0, 0, {"stripe": 0}),
}
CURRENCY_CHOICES = [(code, code) for code in CURRENCIES]


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount: `minor` whole units of the currency's smallest coin."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if self.currency not in CURRENCIES:
            raise ValueError(f"unknown currency {self.currency!r}")

    def __add__(self, other: Self) -> Self:
        self._same_currency(other)
        return type(self)(self.minor + other.minor, self.currency)

    def __sub__(self, other: Self) -> Self:
        self._same_currency(other)
        return type(self)(self.minor - other.minor, self.currency)

    def __mul__(self, quantity: int) -> Self:
        return type(self)(self.minor * quantity, self.currency)

    def __lt__(self, other: Self) -> bool:
        self._same_currency(other)
        return self.minor < other.minor

    def _same_currency(self, other: Self) -> None:
        if self.currency != other.currency:
            raise ValueError(f"cannot mix {other.currency} with {self.currency}")

    def share(self, ratio: Decimal) -> Self:
        """Round half up (away from zero), once. Splitting among lines uses `allocate`."""
        exact = self.minor * ratio
        return type(self)(int(exact.quantize(Decimal(1), ROUND_HALF_UP)), self.currency)

    def allocate(self, weights: Sequence[int]) -> list[Self]:
        """Split into parts proportional to the weights; the parts always sum to the whole.

        Largest remainder: each part is floored, then the units left over go one by one to the
        parts with the largest fraction, the earlier part first.
        Raises ValueError for a negative weight or a sum of zero.
        """
        total = sum(weights)
        if total <= 0 or any(weight < 0 for weight in weights):
            raise ValueError("weights must not be negative, and one must be positive")
        sign = -1 if self.minor < 0 else 1
        amount = abs(self.minor)
        parts = [amount * weight // total for weight in weights]
        by_fraction = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % total), i))
        for index in by_fraction[: amount - sum(parts)]:
            parts[index] += 1
        return [type(self)(sign * part, self.currency) for part in parts]

    def format(self) -> str:
        """For people, in both languages: `Rp149.000`, `US$12,50`."""
        currency = CURRENCIES[self.currency]
        whole, fraction = divmod(abs(self.minor), 10**currency.decimals)
        text = f"{whole:,}".replace(",", ".")
        if currency.display_decimals:
            text += f",{fraction:0{currency.decimals}d}"
        return f"{'−' if self.minor < 0 else ''}{currency.symbol}{text}"

    def for_gateway(self, gateway: str) -> int | float:
        """The JSON number a gateway expects: major units, an integer where it has no decimals."""
        decimals = CURRENCIES[self.currency].gateway_decimals[gateway]
        if decimals == 0 or CURRENCIES[self.currency].decimals == 0:
            return self.minor
        return float(Decimal(self.minor).scaleb(-CURRENCIES[self.currency].decimals))

    @classmethod
    def from_gateway(cls, amount: int | float | str, currency: str) -> Self:
        """The exact amount behind a gateway's JSON number in major units.

        Raises ValueError where it is no number, or finer than the currency's smallest coin.
        """
        if isinstance(amount, bool):
            raise ValueError("an amount is a number")
        try:
            exact = Decimal(str(amount)).scaleb(CURRENCIES[currency].decimals)
        except (ArithmeticError, KeyError) as error:
            raise ValueError(f"no amount of {currency}: {amount!r}") from error
        if not exact.is_finite() or exact.adjusted() > 18 or exact != exact.to_integral_value():
            raise ValueError(f"{amount!r} is finer than {currency} allows")
        return cls(int(exact), currency)
