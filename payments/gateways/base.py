"""What the shop asks of a payment gateway, and all that a gateway may answer.

Implementations stay within the caller's time limit, and are never called inside a database
transaction. They raise nothing: every outcome is a value the caller must handle.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.core.money import Money


class RemoteState(StrEnum):
    """The gateway's word on a payment request, in our terms."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    # A word we do not know; treated as "still open, ask again".
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class CreateRequest:
    """What to collect. `reference` is ours and unique for each attempt."""

    reference: str
    method: str
    amount: Money
    expires_at: datetime
    description: str
    return_url: str
    # Of a page that the customer is sent to.
    language: str = "id"
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def done_url(self) -> str:
        """Where somebody comes back to who did not give up. It says nothing about money."""
        return f"{self.return_url}?returned=1"


@dataclass(frozen=True, slots=True)
class RemoteCapture:
    """Money that really moved: one capture of one payment."""

    payment_id: str
    capture_id: str
    amount: Money
    captured_at: datetime


@dataclass(frozen=True, slots=True)
class RemotePayment:
    """A payment request as the gateway holds it. Money received = the sum of `captures`."""

    gateway_ref: str
    reference: str
    state: RemoteState
    actions: list[dict[str, str]] = field(default_factory=list)
    captures: list[RemoteCapture] = field(default_factory=list)
    failure_code: str = ""


class RemoteRefundState(StrEnum):
    """The gateway's word on a refund, in our terms."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    # A word we do not know; treated as "still on its way, ask again".
    OTHER = "other"


class RefundReason(StrEnum):
    """Why money goes back, in as many words as gateways know."""

    CANCELLED = "cancelled"
    RETURNED = "returned"
    DUPLICATE = "duplicate"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """What to give back of one payment. `reference` is ours and unique for each try."""

    reference: str
    gateway_ref: str
    payment_id: str
    amount: Money
    reason: RefundReason


@dataclass(frozen=True, slots=True)
class RemoteRefund:
    """A refund as the gateway holds it. `reference` is empty for one made on its own pages."""

    refund_ref: str
    reference: str
    amount: Money
    state: RemoteRefundState
    failure_code: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """A definite no: the gateway understood and did nothing."""

    code: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """The gateway holds nothing under that id or reference."""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Timed out, cut off or failed inside: it may or may not have happened. Look it up."""

    cause: str


@dataclass(frozen=True, slots=True)
class Unavailable:
    """It certainly did not happen, and may later: connection refused, breaker open."""

    cause: str
    retry_after: float = 0.0


@dataclass(frozen=True, slots=True)
class RateLimited(Unavailable):
    """Asked too often: for `retry_after` seconds this call gets no other answer."""


class Claim(StrEnum):
    """What sort of news a webhook's event claims to be."""

    MONEY = "money"  # until the gateway shows it, it is asked again
    STATE = "state"
    REFUND = "refund"
    NOTHING = "nothing"  # none that we look into


class WebhookSecret(models.TextChoices):
    """Which of our secrets a webhook bears, or is signed with."""

    CURRENT = "current", _("current")
    PREVIOUS = "previous", _("previous")
    WRONG = "wrong", _("wrong")
    ABSENT = "absent", _("absent")

    @property
    def is_ours(self) -> bool:
        return self in (WebhookSecret.CURRENT, WebhookSecret.PREVIOUS)


def secret_among(matches: Sequence[bool]) -> WebhookSecret:
    """Of our secrets, the one in use first: whether the given one is each of them."""
    if True not in matches:
        return WebhookSecret.WRONG
    return WebhookSecret.CURRENT if matches[0] else WebhookSecret.PREVIOUS


@dataclass(frozen=True, slots=True)
class WebhookHint:
    """What a webhook claims. Only a reason to ask; nothing in it is believed.

    `is_for_us`: it does not say that it is of another merchant's account.
    """

    event: str
    webhook_id: str
    reference: str
    gateway_ref: str
    is_for_us: bool = True


class Gateway(Protocol):
    code: str

    def create(
        self, request: CreateRequest, *, timeout: float
    ) -> RemotePayment | Refused | Ambiguous | Unavailable:
        """Ask the customer for the money. Called once per attempt, never repeated blindly."""

    def find(
        self, reference: str, *, timeout: float
    ) -> RemotePayment | Missing | Refused | Ambiguous | Unavailable:
        """Look up by our reference: the way out of Ambiguous."""

    def fetch(
        self, gateway_ref: str, *, timeout: float
    ) -> RemotePayment | Missing | Refused | Ambiguous | Unavailable:
        """The present state with every capture."""

    def cancel(
        self, gateway_ref: str, *, timeout: float
    ) -> RemotePayment | Missing | Refused | Ambiguous | Unavailable:
        """Stop it. Refused means that it cannot be stopped any more: fetch it."""

    def refund(
        self, request: RefundRequest, *, timeout: float
    ) -> RemoteRefund | Refused | Ambiguous | Unavailable:
        """Give money back to where it came from. Never repeated blindly: one call per reference."""

    def find_refunds(
        self, gateway_ref: str, *, payment_id: str = "", timeout: float
    ) -> list[RemoteRefund] | Missing | Refused | Ambiguous | Unavailable:
        """All refunds of a payment request, also those that we did not ask for; or, where the
        gateway keeps them apart, those of that one payment of it."""

    def secret_of(self, headers: Mapping[str, str], body: bytes) -> WebhookSecret:
        """Which of our secrets a webhook carries, or is signed with; or none of them."""

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> WebhookHint | None:
        """The hint in a webhook's body; None where it cannot be read."""

    def claim_of(self, event: str) -> Claim:
        """What an event of this name is about."""
