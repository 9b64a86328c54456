"""Exceptions that have a key: each opened once, whatever finds it, and however often."""

import logging
from typing import Any

from django.utils import timezone

from orders.models import Order
from payments.models import PaymentException

log = logging.getLogger(__name__)


def open_by_key(
    kind: PaymentException.Kind, key: str, note: str, *, order: Order | None = None, **about: Any
) -> bool:
    """Whether it is new. `about`: the receipt or the gateway's transaction that it is of."""
    _exception, is_new = PaymentException.objects.get_or_create(
        key=key, defaults={"kind": kind, "order": order, "note": note[:300], **about}
    )
    if is_new:
        number = order.number if order else None
        log.error("payment_exception", extra={"kind": str(kind), "order": number, "key": key})
    return is_new


def settle_keys(keys: list[str], resolution: str) -> None:
    """What has come right by itself is nobody's work any more."""
    PaymentException.objects.filter(key__in=keys, resolved_at=None).update(
        resolved_at=timezone.now(), resolution=resolution
    )
