"""The ways to pay: which gateway and channel stand behind each, and what amounts it takes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shop.core.money import Money


class Flow(StrEnum):
    """What the customer does after choosing it."""

    PUSH = "push"  # confirms a notification on the phone
    REDIRECT = "redirect"  # goes to the gateway's page and comes back
    PRESENT = "present"  # pays to a number that we show
    SCAN = "scan"  # scans a code that we show
    AT_THE_DOOR = "at_the_door"  # pays the courier: nothing is to be done now
    TRANSFER = "transfer"  # transfers an exact amount to our own account


@dataclass(frozen=True, slots=True)
class MethodSpec:
    """One way to pay at one gateway. `min_minor` and `max_minor` are whole minor units of
    `currency`, both included.

    `refund_days`: how long the gateway gives money back, from the payment; 0 where it never does.
    `refunds_parts`: whether less than the whole can be given back.
    `life_seconds`: how long a request lives where the gateway alone decides; 0 where we do.
    `least_seconds`: where we decide, the shortest life that the gateway takes.
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
    refunds_parts: bool = True
    life_seconds: int = 0
    least_seconds: int = 0
    currency: str = "IDR"
    country: str = "ID"

    @property
    def is_ready(self) -> bool:
        return all(getattr(settings, name) for name in self.needs)

    def takes(self, total: Money) -> bool:
        return total.currency == self.currency and self.min_minor <= total.minor <= self.max_minor

    def ends_at(self, *, now: datetime, window_end: datetime) -> datetime:
        """Until when a request made now can be paid: the gateway may stop before our window."""
        if not self.life_seconds:
            return window_end
        return min(window_end, now + timedelta(seconds=self.life_seconds))


# Offered as they are, unless PAYMENT_GATEWAYS says otherwise.
_USUAL = (
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
    MethodSpec(
        code="cod",
        name=_("Cash on delivery"),
        description=_("You pay the courier in cash when the parcel arrives."),
        gateway="cod",
        channel="",
        min_minor=1,
        max_minor=100_000_000,
        needs_phone=False,
        flow=Flow.AT_THE_DOOR,
        needs=("COD_IS_OFFERED",),
    ),
)
_BY_CODE = {spec.code: spec for spec in _USUAL}
_CARD = MethodSpec(
    code="card",
    name=_("Credit or debit card"),
    description=_("You enter your card on the payment page and come back here."),
    gateway="xendit",
    channel="CARDS",
    min_minor=5_000,
    max_minor=200_000_000,
    needs_phone=False,
    flow=Flow.REDIRECT,
    refund_days=365,
    # A page has to live for ten minutes at least, by their clock.
    least_seconds=11 * 60,
)
# Offered where PAYMENT_GATEWAYS chooses them: an account has to be admitted to cards.
_CHOSEN = (
    _CARD,
    replace(
        _BY_CODE["ovo"],
        gateway="midtrans",
        channel="ovo",
        refund_days=7,
        refunds_parts=False,
        life_seconds=65,
    ),
    replace(
        _BY_CODE["dana"],
        gateway="midtrans",
        channel="dana",
        refund_days=45,
        least_seconds=15 * 60,
    ),
    replace(_BY_CODE["bca_va"], gateway="midtrans", channel="bank_transfer", least_seconds=20),
    # The days of the strictest issuer: some give it back for a year.
    replace(_BY_CODE["qris"], gateway="midtrans", channel="qris", refund_days=7, least_seconds=60),
    replace(
        _CARD,
        gateway="midtrans",
        channel="credit_card",
        refund_days=180,
        least_seconds=60,
    ),
)


def configured(spec: MethodSpec) -> MethodSpec:
    """Channels change their limits more often than we release: XENDIT_CHANNELS and
    MIDTRANS_CHANNELS have the last word.

    `{"ovo": {"max_minor": 10000000}}`; an unknown field stops the program.
    """
    changes: dict[str, Mapping[str, Mapping[str, Any]]] = {
        "xendit": settings.XENDIT_CHANNELS,
        "midtrans": settings.MIDTRANS["channels"],
    }
    return replace(spec, **changes.get(spec.gateway, {}).get(spec.code, {}))


# By gateway and method, in the order in which methods are offered.
SPECS: dict[tuple[str, str], MethodSpec] = {
    (spec.gateway, spec.code): configured(spec) for spec in (*_USUAL, *_CHOSEN)
}


def chosen(gateways: Mapping[str, str]) -> dict[str, MethodSpec]:
    """What is offered where `gateways` names who collects a method, and the usual one the rest.

    Raises ImproperlyConfigured for a pair that nobody has.
    """
    for code, gateway in gateways.items():
        if (gateway, code) not in SPECS:
            raise ImproperlyConfigured(f"PAYMENT_GATEWAYS: {gateway!r} does not collect {code!r}")
    usual = {code: spec.gateway for code, spec in _BY_CODE.items()}
    return {code: SPECS[gateway, code] for code, gateway in (usual | dict(gateways)).items()}


METHODS: dict[str, MethodSpec] = chosen(settings.PAYMENT_GATEWAYS)


def spec_of(gateway: str, code: str) -> MethodSpec | None:
    """What an attempt was made with, whoever collects its method today."""
    return SPECS.get((gateway, code))


def offered_for(total: Money) -> list[MethodSpec]:
    """The methods that take this amount."""
    return [spec for spec in METHODS.values() if spec.is_ready and spec.takes(total)]
