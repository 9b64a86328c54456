"""The ways to pay: which gateway and channel stand behind each, and what amounts it takes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shop.core.money import Money


class Flow(StrEnum):
    """What the customer does after choosing it."""

    PUSH = "push"  # confirms a notification on the phone
    REDIRECT = "redirect"  # goes to the gateway's page and comes back
    PRESENT = "present"  # pays to a number that we show
    SCAN = "scan"  # scans a code that we show
    TRANSFER = "transfer"  # transfers an exact amount to our own account


@dataclass(frozen=True, slots=True)
class MethodSpec:
    """`min_minor` and `max_minor` are whole minor units of `currency`, both included.

    `refund_days`: how long the gateway gives money back, from the payment; 0 where it never does.
    """

    code: str
    name: str | Promise
    description: str | Promise
    gateway: str
    channel: str
    min_minor: int
    max_minor: int
    needs_phone: bool
    flow: Flow
    refund_days: int = 0
    # Its money is told from others' by the amount alone.
    is_told_by_amount: bool = False
    # Less time than this is too little for it.
    min_window: timedelta = timedelta(0)
    # Settings without which it is not offered.
    needs: tuple[str, ...] = ()
    currency: str = "IDR"
    country: str = "ID"

    @property
    def is_ready(self) -> bool:
        return all(getattr(settings, name) for name in self.needs)

    def takes(self, total: Money) -> bool:
        return total.currency == self.currency and self.min_minor <= total.minor <= self.max_minor


_DEFAULTS = (
    MethodSpec(
        code="ovo",
        name=_("OVO"),
        description=_("Confirm the payment in the OVO app on your phone."),
        gateway="xendit",
        channel="OVO",
        min_minor=100,
        max_minor=20_000_000,
        needs_phone=True,
        flow=Flow.PUSH,
    ),
    MethodSpec(
        code="dana",
        name=_("DANA"),
        description=_("You pay on DANA's page and come back here."),
        gateway="xendit",
        channel="DANA",
        min_minor=100,
        max_minor=20_000_000,
        needs_phone=False,
        flow=Flow.REDIRECT,
        refund_days=30,
    ),
    MethodSpec(
        code="bca_va",
        name=_("BCA virtual account"),
        description=_("Transfer from BCA mobile, internet banking or an ATM to a number we show."),
        gateway="xendit",
        channel="BCA_VIRTUAL_ACCOUNT",
        min_minor=10_000,
        max_minor=50_000_000,
        needs_phone=False,
        flow=Flow.PRESENT,
    ),
    MethodSpec(
        code="qris",
        name=_("QRIS"),
        description=_("Scan a code with any banking app or wallet."),
        gateway="xendit",
        channel="QRIS",
        min_minor=1,
        max_minor=10_000_000,
        needs_phone=False,
        flow=Flow.SCAN,
        refund_days=7,
    ),
    MethodSpec(
        code="bca_transfer",
        name=_("Bank transfer (BCA)"),
        description=_("Transfer an exact amount to our account; we see it within a working day."),
        gateway="bank_transfer",
        channel="",
        min_minor=10_000,
        max_minor=100_000_000,
        needs_phone=False,
        flow=Flow.TRANSFER,
        is_told_by_amount=True,
        min_window=timedelta(hours=2),
        needs=("TRANSFER_ACCOUNT_NUMBER", "TRANSFER_ACCOUNT_HOLDER"),
    ),
)


def configured(spec: MethodSpec) -> MethodSpec:
    """Channels change their limits more often than we release: XENDIT_CHANNELS has the last word.

    `{"ovo": {"max_minor": 10000000}}`; an unknown field stops the program.
    """
    changes: Mapping[str, Mapping[str, Any]] = getattr(settings, "XENDIT_CHANNELS", {})
    return replace(spec, **changes.get(spec.code, {}))


# In the order in which they are offered.
METHODS: dict[str, MethodSpec] = {spec.code: configured(spec) for spec in _DEFAULTS}


def offered_for(total: Money) -> list[MethodSpec]:
    """The methods that take this amount."""
    return [spec for spec in METHODS.values() if spec.is_ready and spec.takes(total)]
