"""What a gateway says of every movement of our money: its own books, a page at a time.

Not every gateway has such a list; one that has none does not implement `Statements`. Some of those
give the same in files (`registry.REPORTS`).
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from django.db import models
from django.utils.translation import gettext_lazy as _

from payments.gateways.base import Ambiguous, Missing, Refused, RemoteCapture, Unavailable
from shop.core.money import Money


class TransactionKind(models.TextChoices):
    PAYMENT = "payment", _("payment")
    REFUND = "refund", _("refund")
    CHARGEBACK = "chargeback", _("chargeback")
    WITHDRAWAL = "withdrawal", _("withdrawal to the bank")
    ADJUSTMENT = "adjustment", _("adjustment by the gateway")
    # A word we do not know: kept, booked as money that moved, and somebody has to explain it.
    OTHER = "other", _("other")


class TransactionState(models.TextChoices):
    PENDING = "pending", _("under way")
    SUCCEEDED = "succeeded", _("done")
    FAILED = "failed", _("failed")
    VOIDED = "voided", _("taken back before it was settled")
    REVERSED = "reversed", _("taken back")
    # A word we do not know: nothing is concluded from it.
    OTHER = "other", _("unknown")


class Settlement(models.TextChoices):
    """Whether the money can be withdrawn, and the fee is kept."""

    NONE = "", _("none")
    PENDING = "pending", _("not settled yet")
    SETTLED = "settled", _("settled")


@dataclass(frozen=True, slots=True)
class RemoteTransaction:
    """One movement as the gateway lists it; amounts are never negative.

    `product_id` is the payment or refund that moved, `gateway_ref` its payment request. `fee` and
    `fee_tax` are what the gateway keeps; money in adds amount − fee − tax to our balance once it is
    settled, money out takes amount + fee + tax at once.
    """

    transaction_id: str
    kind: TransactionKind
    kind_given: str
    state: TransactionState
    product_id: str
    gateway_ref: str
    reference: str
    channel: str
    is_incoming: bool
    amount: Money
    fee_minor: int
    fee_tax_minor: int
    settlement: Settlement
    settles_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class TransactionPage:
    """`after` asks for the next page; empty on the last one. `unreadable`: ids of rows left out."""

    rows: list[RemoteTransaction]
    after: str = ""
    unreadable: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One movement in a gateway's report, and the line of the file where it stands."""

    line: int
    listed: RemoteTransaction


@dataclass(frozen=True, slots=True)
class RemotePaid:
    """One payment with its money, as the gateway shows it by its id."""

    payment_id: str
    gateway_ref: str
    reference: str
    captures: list[RemoteCapture]


@runtime_checkable
class Statements(Protocol):
    """A gateway that lists its movements. As with `Gateway`, nothing raises."""

    code: str

    def list_transactions(
        self, *, since: datetime, until: datetime | None, after: str, timeout: float
    ) -> TransactionPage | Refused | Ambiguous | Unavailable:
        """A page of what was changed from `since` to `until`, both inclusive; None: till now.

        Rows that share a moment with others are on one page or the next, never on none.
        """

    def fetch_payment(
        self, payment_id: str, *, timeout: float
    ) -> RemotePaid | Missing | Refused | Ambiguous | Unavailable:
        """One payment by its own id: a payment request may have several."""


class ReportReader(Protocol):
    def __call__(self, content: bytes, *, now: datetime) -> list[ReportRow]:
        """Each movement of a file once. Raises DomainError, naming the line; then nothing is read.

        `now`: no movement lies after it.
        """
