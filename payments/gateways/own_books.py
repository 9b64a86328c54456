"""What is no gateway behind the interface of one: there is nobody to ask.

What it knows are the shop's own rows, the attempts and the lines of files that were matched with
them. So it is never away, and never in doubt.
"""

from collections.abc import Mapping

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
    WebhookSecret,
)
from payments.models import AttemptState, PaymentAttempt

_ENDS: dict[str, RemoteState] = {
    AttemptState.FAILED: RemoteState.FAILED,
    AttemptState.EXPIRED: RemoteState.EXPIRED,
    AttemptState.CANCELLED: RemoteState.CANCELLED,
    AttemptState.ABANDONED: RemoteState.CANCELLED,
}


class OwnBooks:
    code = ""

    def create(self, request: CreateRequest, *, timeout: float) -> RemotePayment:
        return RemotePayment(
            gateway_ref=request.reference,
            reference=request.reference,
            state=RemoteState.PENDING,
            actions=self._actions(),
        )

    def find(self, reference: str, *, timeout: float) -> RemotePayment | Missing:
        """An attempt is its own request: asking once more what was never asked does no harm."""
        attempt = PaymentAttempt.objects.filter(gateway=self.code, reference=reference).first()
        if attempt is None:
            return Missing()
        captures = self._captures(attempt)
        state = _ENDS.get(attempt.state, RemoteState.PENDING)
        return RemotePayment(
            gateway_ref=reference,
            reference=reference,
            state=RemoteState.SUCCEEDED if captures else state,
            # As they were told: it may have changed since.
            actions=attempt.actions or self._actions(),
            captures=captures,
        )

    def fetch(self, gateway_ref: str, *, timeout: float) -> RemotePayment | Missing:
        return self.find(gateway_ref, timeout=timeout)

    def cancel(self, gateway_ref: str, *, timeout: float) -> RemotePayment | Missing | Refused:
        """Nobody can be stopped from paying all the same: that is late money."""
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

    def secret_of(self, headers: Mapping[str, str], body: bytes) -> WebhookSecret:
        return WebhookSecret.ABSENT

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> WebhookHint | None:
        return None

    def claim_of(self, event: str) -> Claim:
        return Claim.NOTHING

    def _captures(self, attempt: PaymentAttempt) -> list[RemoteCapture]:
        """Its money, as the files say."""
        raise NotImplementedError

    def _told(self) -> Mapping[str, str]:
        """What the customer has to know, by its descriptor."""
        return {}

    def _actions(self) -> list[dict[str, str]]:
        return [
            {"type": "PRESENT_TO_CUSTOMER", "descriptor": descriptor, "value": value}
            for descriptor, value in self._told().items()
        ]
