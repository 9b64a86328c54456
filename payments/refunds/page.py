"""What a customer sees of money that goes back."""

from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orders.models import Order
from payments.gateways.methods import spec_of
from payments.models import Refund, RefundChannel, RefundState

# In the customer's words: nothing of how the shop decides.
_STATES: dict[RefundState, str | Promise] = {
    RefundState.DRAFT: gettext_lazy("We are looking at it."),
    RefundState.APPROVED: gettext_lazy("It is about to be sent."),
    RefundState.SUBMITTING: gettext_lazy("It is being sent."),
    RefundState.UNKNOWN: gettext_lazy("It is being sent."),
    RefundState.PENDING: gettext_lazy("It is on its way; this can take some days."),
    RefundState.AWAITING_TRANSFER: gettext_lazy("We transfer it to your bank account."),
}


@dataclass(frozen=True, slots=True)
class RefundRow:
    refund: Refund

    @property
    def way(self) -> str:
        """By which way it goes back, such as the name of a wallet."""
        if self.refund.channel == RefundChannel.BANK_TRANSFER:
            return _("Bank transfer")
        if self.refund.channel == RefundChannel.STORE_CREDIT:
            return _("Gift card or store credit")
        attempt = self.refund.receipt.attempt if self.refund.receipt else None
        spec = spec_of(attempt.gateway, attempt.method) if attempt else None
        return str(spec.name) if spec else str(self.refund.get_channel_display())

    @property
    def text(self) -> str:
        if self.refund.state == RefundState.SUCCEEDED and self.refund.paid_on is not None:
            return _("Sent on %(on)s.") % {"on": date_format(self.refund.paid_on, "DATE_FORMAT")}
        return str(_STATES[RefundState(self.refund.state)])


def refund_rows(order: Order) -> list[RefundRow]:
    """Those that are under way or have arrived, the oldest first. One query."""
    refunds = (
        Refund.objects.filter(order=order)
        .exclude(state__in=[RefundState.FAILED, RefundState.CANCELLED])
        .select_related("receipt__attempt")
    )
    return [RefundRow(refund) for refund in refunds.order_by("pk")]
