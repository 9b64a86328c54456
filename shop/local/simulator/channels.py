"""The channels on offer: their limits, how long a request lives, what the payer is asked to do.

Limits and lifetimes: reference/payments.md §1.2, Xendit's channel pages of April and July 2026.
"""

import secrets
from binascii import crc_hqx
from dataclasses import dataclass
from datetime import timedelta

from .errors import Json


@dataclass(frozen=True, slots=True)
class Channel:
    """Amounts in whole rupiah; a channel without a lifetime takes the merchant's `expires_at`.

    `refund_window` counts from the last capture; without one the channel takes no refunds.
    """

    code: str
    name: str
    minimum: int
    maximum: int
    lifetime: timedelta | None
    category: str
    refund_window: timedelta | None


CHANNELS = {
    channel.code: channel
    for channel in (
        Channel("OVO", "OVO", 100, 20_000_000, timedelta(hours=0.25), "EWALLET", None),
        Channel(
            "DANA", "DANA", 100, 20_000_000, timedelta(hours=24), "EWALLET", timedelta(days=30)
        ),
        Channel(
            "BCA_VIRTUAL_ACCOUNT",
            "BCA virtual account",
            10_000,
            50_000_000,
            None,
            "VIRTUAL_ACCOUNT",
            None,
        ),
        Channel("QRIS", "QRIS", 1, 10_000_000, timedelta(hours=48), "QR_CODE", timedelta(days=7)),
        Channel(
            "CARDS",
            "Card",
            5_000,
            200_000_000,
            timedelta(minutes=10),
            "CARDS",
            timedelta(days=365),
        ),
    )
}
# Cards need a page that may see card numbers: a session.
BY_REQUEST = tuple(code for code in CHANNELS if code != "CARDS")
# OVO answers the create call first and pushes to the phone "almost immediately" after.
OVO_PUSH_DELAY = timedelta(milliseconds=100)


def actions_for(
    channel_code: str, *, checkout_url: str, amount: int, virtual_account_number: str | None
) -> list[Json]:
    """What the payer has to do next. Empty for OVO: the request appears on the payer's phone."""
    match channel_code:
        case "DANA":
            return [_action("REDIRECT_CUSTOMER", "WEB_URL", checkout_url)]
        case "BCA_VIRTUAL_ACCOUNT":
            number = virtual_account_number or new_virtual_account_number()
            return [_action("PRESENT_TO_CUSTOMER", "VIRTUAL_ACCOUNT_NUMBER", number)]
        case "QRIS":
            return [_action("PRESENT_TO_CUSTOMER", "QR_STRING", qr_string(amount))]
        case _:
            return []


def _action(kind: str, descriptor: str, value: str) -> Json:
    return {"type": kind, "descriptor": descriptor, "value": value}


def new_virtual_account_number() -> str:
    return f"3816{secrets.randbelow(10**9):09d}"


def qr_string(amount: int) -> str:
    """A well-formed EMV merchant-presented code, so that a scanner reads it; it pays nobody."""
    merchant = _field("00", "ID.CO.SIMULATOR.WWW") + _field(
        "01", f"{secrets.randbelow(10**15):015d}"
    )
    code = "".join(
        (
            _field("00", "01"),
            _field("01", "12"),  # dynamic: good for one payment
            _field("26", merchant),
            _field("52", "5651"),  # merchant category: family clothing
            _field("53", "360"),  # rupiah
            _field("54", str(amount)),
            _field("58", "ID"),
            _field("59", "SIMULATOR"),
            _field("60", "JAKARTA"),
            "6304",
        )
    )
    return f"{code}{crc_hqx(code.encode(), 0xFFFF):04X}"


def _field(tag: str, value: str) -> str:
    return f"{tag}{len(value):02d}{value}"
