"""Why a coupon's code takes nothing off, in words that say what to do."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orders.pricing.engine import Reason, Refused
from shop.core.money import Money
from shop.core.templatetags.shop import moment


class Trouble(StrEnum):
    """Stable codes for the API; those of the engine (`Reason`) are among them."""

    UNKNOWN = "unknown"
    NOT_YET = "not_yet"
    ENDED = "ended"
    USED_UP = "used_up"
    USED_BY_YOU = "used_by_you"
    NOT_FIRST_ORDER = "not_first_order"
    OTHER_CURRENCY = "other_currency"
    NOTHING_ELIGIBLE = Reason.NOTHING_ELIGIBLE.value
    MINIMUM = Reason.MINIMUM.value
    NOT_ENOUGH_UNITS = Reason.NOT_ENOUGH_UNITS.value
    NEEDS_ADDRESS = Reason.NEEDS_ADDRESS.value
    BETTER_WITHOUT = Reason.BETTER_WITHOUT.value
    NOTHING_LEFT = Reason.NOTHING_LEFT.value


_TEXTS: dict[Trouble, str | Promise] = {
    Trouble.UNKNOWN: _("We do not know this code. Check it letter by letter."),
    Trouble.NOT_YET: _("This code is valid from {moment}."),
    Trouble.ENDED: _("This code is no longer valid."),
    Trouble.USED_UP: _("This code has been used up."),
    Trouble.USED_BY_YOU: _("You have used this code as often as it allows."),
    Trouble.NOT_FIRST_ORDER: _("This code is for a first order only."),
    Trouble.OTHER_CURRENCY: _("This code is for another currency."),
    Trouble.NOTHING_ELIGIBLE: _("Nothing in your cart is among the goods this code is for."),
    Trouble.MINIMUM: _("Add goods for {missing} more, then this code applies."),
    Trouble.NOT_ENOUGH_UNITS: _("Add more of the goods this code is for, then it applies."),
    Trouble.NEEDS_ADDRESS: _("Applied to shipping at checkout, once we know where it goes."),
    Trouble.BETTER_WITHOUT: _(
        "It cannot be combined with the discounts you have, and those take off more."
        " Your code stays unused."
    ),
    Trouble.NOTHING_LEFT: _("There is nothing left to take off. Your code stays unused."),
}


@dataclass(frozen=True, slots=True)
class CouponTrouble:
    """`since` is when the code begins to be valid; `missing` is what the goods lack."""

    trouble: Trouble
    since: datetime | None = None
    missing: Money | None = None

    @property
    def message(self) -> str:
        facts: dict[str, Callable[[], str]] = {
            "moment": lambda: moment(self.since) if self.since else "",
            "missing": lambda: self.missing.format() if self.missing else "",
        }
        return str(_TEXTS[self.trouble]).format(**{name: fact() for name, fact in facts.items()})


def trouble_of(refused: Refused, currency: str) -> CouponTrouble:
    missing = Money(refused.missing_minor, currency) if refused.missing_minor else None
    return CouponTrouble(Trouble(refused.reason.value), missing=missing)
