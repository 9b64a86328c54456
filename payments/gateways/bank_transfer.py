"""Transfers to the merchant's own account, behind the interface of a gateway.

There is nobody to ask: what it knows are the shop's own rows, the attempts and the lines of bank
statements that were matched with them. So it is never away, and never in doubt.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Self

from django.conf import settings
from django.utils import timezone

from payments.gateways.base import (
    Claim,
    CreateRequest,
    Missing,
    RefundRequest,
    Refused,
    RemoteCapture,
    RemotePayment,
    RemoteRefund,
    RemoteState,
    WebhookHint,
)
from payments.models import AttemptState, PaymentAttempt, StatementLine

_ENDS: dict[str, RemoteState] = {
    AttemptState.FAILED: RemoteState.FAILED,
    AttemptState.EXPIRED: RemoteState.EXPIRED,
    AttemptState.CANCELLED: RemoteState.CANCELLED,
    AttemptState.ABANDONED: RemoteState.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class TransferConfig:
    """The merchant's bank account, as customers are told it."""

    bank: str
    number: str
    holder: str

    @classmethod
    def from_settings(cls) -> Self:
        return cls(
            bank=settings.TRANSFER_BANK,
            number=settings.TRANSFER_ACCOUNT_NUMBER,
            holder=settings.TRANSFER_ACCOUNT_HOLDER,
        )


class BankTransfer:
    code = "bank_transfer"

    def __init__(self, config: TransferConfig) -> None:
        self._config = config

    def create(self, request: CreateRequest, *, timeout: float) -> RemotePayment:
        return RemotePayment(
            gateway_ref=request.reference,
            reference=request.reference,
            state=RemoteState.PENDING,
            actions=self._account(),
        )

    def find(self, reference: str, *, timeout: float) -> RemotePayment | Missing:
        """An attempt is its own request: asking once more what was never asked does no harm."""
        attempt = PaymentAttempt.objects.filter(gateway=self.code, reference=reference).first()
        if attempt is None:
            return Missing()
        captures = [capture_of(line) for line in attempt.statement_lines.order_by("pk")]
        state = _ENDS.get(attempt.state, RemoteState.PENDING)
        return RemotePayment(
            gateway_ref=reference,
            reference=reference,
            state=RemoteState.SUCCEEDED if captures else state,
            # As they were told: the account may have changed since.
            actions=attempt.actions or self._account(),
            captures=captures,
        )

    def fetch(self, gateway_ref: str, *, timeout: float) -> RemotePayment | Missing:
        return self.find(gateway_ref, timeout=timeout)

    def cancel(self, gateway_ref: str, *, timeout: float) -> RemotePayment | Missing | Refused:
        """Nobody can stop a transfer; one that comes all the same is late money."""
        found = self.find(gateway_ref, timeout=timeout)
        if isinstance(found, Missing):
            return found
        if found.captures:
            return Refused("paid")
        return RemotePayment(
            gateway_ref=gateway_ref,
            reference=gateway_ref,
            state=RemoteState.CANCELLED,
            actions=found.actions,
        )

    def refund(self, request: RefundRequest, *, timeout: float) -> Refused:
        """By hand only."""
        return Refused("not_supported")

    def find_refunds(
        self, gateway_ref: str, *, payment_id: str = "", timeout: float
    ) -> list[RemoteRefund]:
        return []

    def is_authentic(self, headers: Mapping[str, str], body: bytes) -> bool:
        return False

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> WebhookHint | None:
        return None

    def claim_of(self, event: str) -> Claim:
        return Claim.NOTHING

    def _account(self) -> list[dict[str, str]]:
        told = {
            "BANK_NAME": self._config.bank,
            "BANK_ACCOUNT_NUMBER": self._config.number,
            "BANK_ACCOUNT_HOLDER": self._config.holder,
        }
        return [
            {"type": "PRESENT_TO_CUSTOMER", "descriptor": descriptor, "value": value}
            for descriptor, value in told.items()
        ]


def capture_of(line: StatementLine) -> RemoteCapture:
    """A line of a statement as money that moved; the bank says the day and no time."""
    noon = timezone.make_aware(datetime.combine(line.booked_on, time(12)))
    return RemoteCapture(
        payment_id=line.key,
        capture_id=line.key,
        amount=line.amount,
        captured_at=min(noon, timezone.now()),
    )
