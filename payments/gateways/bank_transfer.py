"""Transfers to the merchant's own account, behind the interface of a gateway: the bank statements
that staff read in are what it knows."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Self

from django.conf import settings
from django.utils import timezone

from payments.gateways.base import RemoteCapture
from payments.gateways.own_books import OwnBooks
from payments.models import PaymentAttempt, StatementLine


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


class BankTransfer(OwnBooks):
    code = "bank_transfer"

    def __init__(self, config: TransferConfig) -> None:
        self._config = config

    def _captures(self, attempt: PaymentAttempt) -> list[RemoteCapture]:
        return [capture_of(line) for line in attempt.statement_lines.order_by("pk")]

    def _told(self) -> dict[str, str]:
        return {
            "BANK_NAME": self._config.bank,
            "BANK_ACCOUNT_NUMBER": self._config.number,
            "BANK_ACCOUNT_HOLDER": self._config.holder,
        }


def capture_of(line: StatementLine) -> RemoteCapture:
    """A line of a statement as money that moved; the bank says the day and no time."""
    noon = timezone.make_aware(datetime.combine(line.booked_on, time(12)))
    return RemoteCapture(
        payment_id=line.key,
        capture_id=line.key,
        amount=line.amount,
        captured_at=min(noon, timezone.now()),
    )
