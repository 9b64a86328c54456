"""What staff are told of refunds at a gateway: each thing once, and taken back when it ends."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from payments.gateways.base import RemoteRefund
from payments.models import PaymentException, Refund
from payments.trouble import open_by_key, settle_keys

Kind = PaymentException.Kind
# What has ended sooner was told to nobody.
_SOONEST = timedelta(days=1)


def tell_difference(refund: Refund, remote: RemoteRefund) -> None:
    """Another amount or id than ours under our reference: nothing is booked of it."""
    ours = f"{refund.reference}: asked for {refund.amount.format()} {refund.refund_ref}".rstrip()
    note = f"{ours}; the gateway has {remote.amount.format()} {remote.refund_ref}, {remote.state}"
    open_by_key(Kind.REFUND_DIFFERS, f"refund-differs:{refund.pk}", note, order=refund.order)


def tell_late(refund: Refund) -> None:
    """It is still on its way, or nobody knows; it goes on being asked about."""
    if _age(refund) >= timedelta(days=settings.REFUND_TOO_LONG_DAYS):
        note = f"{refund.reference}, {refund.amount.format()}: {refund.state} for too long"
        open_by_key(Kind.REFUND_LATE, _late_key(refund), note, order=refund.order)


def settle_late(refund: Refund) -> None:
    """It has ended."""
    if _age(refund) >= _SOONEST:
        settle_keys([_late_key(refund)], "it has ended")


def _age(refund: Refund) -> timedelta:
    return timezone.now() - (refund.approved_at or refund.requested_at)


def _late_key(refund: Refund) -> str:
    return f"{Kind.REFUND_LATE}:{refund.pk}"
