"""How the shop is paid: the part of the settings that `payments` alone reads."""

from datetime import timedelta
from typing import Any

from environs import validate

from shop.environment import env

# Who collects which method: {"dana": "midtrans"}. What is not named is Xendit's.
PAYMENT_GATEWAYS: dict[str, str] = dict(env.json("PAYMENT_GATEWAYS", {}))

XENDIT_URL: str = env.str("XENDIT_URL").rstrip("/")
XENDIT_SECRET_KEY: str = env.str("XENDIT_SECRET_KEY")
XENDIT_CALLBACK_TOKENS: list[str] = env.list("XENDIT_CALLBACK_TOKENS")
# The name of this field in v3 is not published: a setting until it has been seen.
XENDIT_OVO_PHONE_FIELD: str = env.str("XENDIT_OVO_PHONE_FIELD", "account_mobile_number")
# Limits drift: {"ovo": {"max_minor": 10000000}} overrides payments/gateways/methods.py.
XENDIT_CHANNELS: dict[str, Any] = dict(env.json("XENDIT_CHANNELS", {}))
# Whose webhooks are taken, as Xendit's dashboard says it; empty: nothing is compared.
XENDIT_BUSINESS_ID: str = env.str("XENDIT_BUSINESS_ID", "")
# So long the bodies of webhooks are kept; what they did, and their ids, stay.
WEBHOOK_BODY_DAYS: int = env.int("WEBHOOK_BODY_DAYS", 90)
# An event that is not done after so many minutes is told, in the log and to staff.
WEBHOOK_ALARM_MINUTES: int = env.int("WEBHOOK_ALARM_MINUTES", 15)
# What strangers send: so much of it is kept for each gateway and hour, and so long; and so many in
# one hour are told.
WEBHOOK_REFUSED: dict[str, int] = {
    "number": 200,
    "bytes": 256 * 1024,
    "days": 14,
    "alarm": 100,
} | dict(env.json("WEBHOOK_REFUSED", {}))
# So long after an order's last refund the bank account is kept that it went to.
PAYOUT_ACCOUNT_DAYS: int = env.int("PAYOUT_ACCOUNT_DAYS", 90)
# Refunds of more than this, in minor units by currency, are approved by a second person.
REFUND_APPROVAL_ABOVE: dict[str, int] = dict(env.json("REFUND_APPROVAL_ABOVE", {"IDR": 2_000_000}))
# Days after which staff are told of a refund that the gateway has neither made nor refused.
REFUND_TOO_LONG_DAYS: int = env.int("REFUND_TOO_LONG_DAYS", 7)
# The same of gift cards and store credit that staff issue or correct.
CREDIT_APPROVAL_ABOVE: dict[str, int] = dict(env.json("CREDIT_APPROVAL_ABOVE", {"IDR": 1_000_000}))
# Many people of one mobile network share an address; a code is one of 2 to the power of 80.
GIFT_CARD_GUESSES_PER_HOUR: int = env.int("GIFT_CARD_GUESSES_PER_HOUR", 30)
# Required where it collects anything; kept while what it has collected is followed up.
MIDTRANS: dict[str, Any] = {
    "url": env.str("MIDTRANS_URL", "").rstrip("/"),
    "snap_url": env.str("MIDTRANS_SNAP_URL", "").rstrip("/"),
    "server_keys": env.list("MIDTRANS_SERVER_KEYS", []),
    # Whose QRIS codes it hands out.
    "qris_acquirer": env.str("MIDTRANS_QRIS_ACQUIRER", "gopay"),
    "channels": env.json("MIDTRANS_CHANNELS", {}),
}
if "midtrans" in PAYMENT_GATEWAYS.values():
    _is_given = validate.Length(min=1)
    env.str("MIDTRANS_URL", validate=_is_given)
    env.str("MIDTRANS_SNAP_URL", validate=_is_given)
    env.list("MIDTRANS_SERVER_KEYS", validate=_is_given)
PAYMENT_WINDOW = {
    method: timedelta(minutes=env.int(f"PAYMENT_WINDOW_{method.upper()}_MINUTES", minutes))
    for method, minutes in {
        "ovo": 30,
        "dana": 30,
        "bca_va": 60,
        "qris": 30,
        "card": 30,
        "bca_transfer": 1440,
        "cod": 30,
    }.items()
}
# Tests shorten time with this: the whole window, of every method, in seconds.
_window_override = env.int("PAYMENT_WINDOW_SECONDS", 0)
if _window_override:
    PAYMENT_WINDOW = dict.fromkeys(PAYMENT_WINDOW, timedelta(seconds=_window_override))

# Money that comes after its order has ended, by method; `*` is every other one. `then`: `fulfil`
# where the goods are still free, `give_back`, or `ask` staff; and ask in any case about money that
# comes more than so many hours after the end (null: no such limit). See payments/late_money.py.
LATE_MONEY: dict[str, Any] = {
    "*": {"then": "fulfil", "ask_after_hours": 336},
    **dict(env.json("LATE_MONEY", {})),
}

# --- the exceptions desk -------------------------------------------------------------------------
# So long, at least, a customer who is asked for the rest of a payment has for it.
REST_WINDOW = timedelta(hours=env.float("REST_WINDOW_HOURS", 24.0))
# So much of a total, in minor units by currency, staff may waive where less came.
WAIVE_UP_TO: dict[str, int] = dict(env.json("WAIVE_UP_TO", {"IDR": 5_000}))
# Exceptions that nobody has taken on for so long are told of in a mail to staff, every day.
UNTAKEN_AFTER = timedelta(hours=env.float("UNTAKEN_AFTER_HOURS", 4.0))

# --- transfers to the merchant's own account -----------------------------------------------------
# Offered once both are there.
TRANSFER_ACCOUNT_NUMBER: str = env.str("TRANSFER_ACCOUNT_NUMBER", "").replace(" ", "")
TRANSFER_ACCOUNT_HOLDER: str = env.str("TRANSFER_ACCOUNT_HOLDER", "")
TRANSFER_BANK: str = env.str("TRANSFER_BANK", "BCA")
# Money that comes so long after its time is still matched by its amount, where that is one order's.
TRANSFER_LATE = timedelta(days=env.int("TRANSFER_LATE_DAYS", 14))
# What the bank wrote about who paid is forgotten so long after it was read.
STATEMENT_WORDS_KEPT = timedelta(days=env.int("STATEMENT_WORDS_DAYS", 90))

# What customers sent to show a transfer is deleted so long after it came.
TRANSFER_PROOF_KEPT = timedelta(days=env.int("TRANSFER_PROOF_DAYS", 90))

# --- cash on delivery ----------------------------------------------------------------------------
COD_IS_OFFERED: bool = env.bool("COD_IS_OFFERED", False)
# In whole minor units of the default currency.
COD_MAX_TOTAL: int = env.int("COD_MAX_TOTAL", 1_000_000)
# Couriers that collect for us, and provinces (their codes); all of the country where empty.
COD_COURIERS: list[str] = env.list("COD_COURIERS", [])
COD_PROVINCES: list[str] = env.list("COD_PROVINCES", [])
# Orders of one person that are still to be paid at the door.
COD_MAX_OPEN: int = env.int("COD_MAX_OPEN", 2)
# So long after it was taken at the door the money should be here; then somebody is told.
COD_HANDED_OVER_WITHIN = timedelta(days=env.int("COD_HANDED_OVER_DAYS", 14))
# How long a parcel that was not taken is held against its buyer, and against its address.
COD_REFUSAL_REMEMBERED = timedelta(days=env.int("COD_REFUSAL_DAYS", 180))
