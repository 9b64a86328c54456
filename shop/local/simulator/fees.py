"""What the gateway keeps of a payment, and when it hands over the rest.

Rates are per contract; these are usual ones (reference/payments.md §1.2, §1.9.9).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

JAKARTA = timezone(timedelta(hours=7))
VAT_PER_CENT = 11


@dataclass(frozen=True, slots=True)
class Terms:
    """`basis_points` of the amount and a `flat` fee in rupiah; settled so many days after."""

    basis_points: int
    flat: int
    days: int
    is_business: bool = False

    def fee(self, amount: int) -> int:
        return _rounded(amount * self.basis_points, 10_000) + self.flat

    def settles_at(self, captured_at: datetime) -> datetime:
        """Business days are those of Jakarta, without holidays."""
        if not self.is_business:
            return captured_at + timedelta(days=self.days)
        moment = captured_at.astimezone(JAKARTA)
        days_left = self.days
        while days_left:
            moment += timedelta(days=1)
            days_left -= moment.weekday() < 5
        return moment


TERMS = {
    "OVO": Terms(150, 0, 1, is_business=True),
    "DANA": Terms(150, 0, 2),
    "BCA_VIRTUAL_ACCOUNT": Terms(0, 4_000, 1, is_business=True),
    "QRIS": Terms(70, 0, 2),
    "CARDS": Terms(290, 2_000, 5),
}


def vat_on(fee: int) -> int:
    return _rounded(fee * VAT_PER_CENT, 100)


def _rounded(value: int, divisor: int) -> int:
    """Half up."""
    return (2 * value + divisor) // (2 * divisor)
