"""What the customer sees and does on the way from a placed order to its payment."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from orders.models import Order, OrderStatus
from payments.gateways.methods import SPECS, Flow, MethodSpec, spec_of
from payments.models import AttemptState, PaymentAttempt
from shop.core.kept import Kept
from shop.core.money import Money


class Stage(StrEnum):
    PAID = "paid"
    CLOSED = "closed"
    ASKING = "asking"  # the gateway has not answered yet
    PRESENT = "present"  # a number to pay to
    SCAN = "scan"  # a code to scan
    TRANSFER = "transfer"  # an account, and an exact amount
    REDIRECT = "redirect"  # a page of the gateway's to pay on
    PUSH = "push"  # a notification to confirm on the phone
    RECEIVED = "received"  # money came; what it means for the order is being decided
    FAILED = "failed"
    CHOOSE = "choose"  # staff made the order: how it is paid is still to be chosen

    @property
    def is_final(self) -> bool:
        return self in (Stage.PAID, Stage.CLOSED)

    @property
    def is_open(self) -> bool:
        """Whether nothing is under way, so that a method is to be chosen."""
        return self in (Stage.FAILED, Stage.CHOOSE)


_STAGE_OF_FLOW = {
    Flow.PRESENT: Stage.PRESENT,
    Flow.REDIRECT: Stage.REDIRECT,
    Flow.PUSH: Stage.PUSH,
    Flow.SCAN: Stage.SCAN,
    Flow.TRANSFER: Stage.TRANSFER,
}
_UNANSWERED = (AttemptState.NEW, AttemptState.SUBMITTING, AttemptState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class PayPage:
    order: Order
    attempt: PaymentAttempt | None
    stage: Stage

    @property
    def method(self) -> MethodSpec | None:
        return spec_of(self.attempt.gateway, self.attempt.method) if self.attempt else None

    @property
    def to_pay(self) -> Money:
        """What was asked for last: the total without what credit has paid."""
        if self.attempt is None:
            return self.order.total
        return Money(self.attempt.amount_minor - self.attempt.suffix_minor, self.order.currency)

    @property
    def pay_until(self) -> datetime:
        """The end of what is under way, which may be sooner than that of the order's window."""
        end = self.order.reserve_until
        is_open = self.attempt is not None and self.attempt.is_open
        return min(self.attempt.expires_at, end) if self.attempt and is_open else end

    @property
    def account_number(self) -> str:
        return self._action("VIRTUAL_ACCOUNT_NUMBER")

    @property
    def qr_string(self) -> str:
        return self._action("QR_STRING")

    @property
    def bank_account(self) -> str:
        return self._action("BANK_ACCOUNT_NUMBER")

    @property
    def bank_holder(self) -> str:
        return self._action("BANK_ACCOUNT_HOLDER")

    @property
    def bank_name(self) -> str:
        return self._action("BANK_NAME")

    @property
    def amount(self) -> Money:
        """What is asked for: for a transfer a little more than the total."""
        return self.attempt.amount if self.attempt else self.order.total

    @property
    def suffix(self) -> Money:
        return Money(self.attempt.suffix_minor if self.attempt else 0, self.order.currency)

    @property
    def amount_head(self) -> str:
        return self.amount.format()[:-3]

    @property
    def amount_tail(self) -> str:
        """The digits by which a transfer is known: `Rp149.` and `123`."""
        return self.amount.format()[-3:]

    @property
    def web_url(self) -> str:
        """Where to pay; empty for anything that is no web address."""
        url = self._action("WEB_URL")
        return url if url.startswith(("https://", "http://")) else ""

    @property
    def masked_phone(self) -> str:
        phone: str = self.attempt.details.get("phone", "") if self.attempt else ""
        return f"{phone[:3]} ••• {phone[-4:]}" if len(phone) > 8 else ""

    @property
    def is_declined(self) -> bool:
        """Whether a card was refused on a page that takes another one."""
        is_page = self.stage is Stage.REDIRECT
        return bool(is_page and self.attempt and self.attempt.failure_code)

    @property
    def is_unavailable(self) -> bool:
        """Whether the gateway could not be reached, rather than said no."""
        return bool(self.attempt and self.attempt.failure_code == "gateway_unavailable")

    def _action(self, descriptor: str) -> str:
        actions = self.attempt.actions if self.attempt else []
        return next((one["value"] for one in actions if one["descriptor"] == descriptor), "")


def show_payment(order: Order) -> PayPage:
    """The order's payment as it stands. One query."""
    attempts: list[PaymentAttempt] = _ATTEMPTS.fetch(order=order.pk)
    live = [one for one in attempts if one.is_open and one.cancel_requested_at is None]
    attempt = next(iter(live or attempts), None)
    return PayPage(order, attempt, _stage(order, attempt))


_ATTEMPTS = Kept(
    lambda *, order: PaymentAttempt.objects.filter(order=order).order_by("-seq"), order=-1
)


def _stage(order: Order, attempt: PaymentAttempt | None) -> Stage:
    # Also where it was called off since: there is nothing to pay, and its page says why.
    if order.confirmed_at is not None:
        return Stage.PAID
    if order.status != OrderStatus.PENDING:
        return Stage.CLOSED
    if attempt is None:
        return Stage.CHOOSE
    if attempt.state == AttemptState.SUCCEEDED:
        return Stage.RECEIVED
    if attempt.state in _UNANSWERED:
        return Stage.ASKING
    if attempt.is_open:
        flow = SPECS[attempt.gateway, attempt.method].flow
        return _STAGE_OF_FLOW.get(flow, Stage.ASKING)
    return Stage.FAILED
