"""What Biteship tells by itself: believed only with our secret, and kept before it is applied.

https://biteship.com/en/docs/api/webhook/overview; docs/shipping.md says what of it was verified.
"""

import hashlib
import hmac
import json
import logging
from collections.abc import Mapping
from typing import Any

from orders.courier_news import LONGEST_NUMBER, record_courier_news
from orders.shipping import wire
from orders.shipping.biteship_tracking import status_of
from orders.shipping.config import CourierConfig
from orders.shipping.tracking import short_word

log = logging.getLogger(__name__)
EVENTS = frozenset({"order.status", "order.waybill_id"})


def is_authentic(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether the header bears one of our secrets, or the body's HMAC-SHA256 made with one.

    Biteship's dashboard takes a header and its secret and says nothing of how that is used; shops
    report both ways. Either proves that the sender knows the secret.
    """
    config = CourierConfig.from_settings()
    given = headers.get(config.webhook_header, "").encode()
    matches = [
        hmac.compare_digest(given, proof)
        for secret in config.webhook_secrets
        for proof in (secret.encode(), _signed(secret, body))
    ]
    return any(matches)


def _signed(secret: str, body: bytes) -> bytes:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()


def take_biteship_news(body: bytes) -> bool:
    """Keep and apply what a webhook says. Whether it reached a parcel now; raises nothing of the
    content: what nobody understands is logged."""
    try:
        document = wire.mapping(json.loads(body))
        if document.get("event") not in EVENTS:
            raise wire.Unreadable("another event")
        return _take(document)
    except (ValueError, RecursionError) as error:
        log.warning("courier_webhook_ignored", extra={"cause": type(error).__name__})
    except wire.Unreadable as error:
        log.warning("courier_webhook_ignored", extra={"cause": str(error)})
    return False


def _take(document: dict[str, Any]) -> bool:
    number = wire.text(document.get("courier_waybill_id"), most=LONGEST_NUMBER)
    courier = wire.text(document.get("courier_company"), most=40)
    status = status_of(short_word(document.get("status")))
    if status is None:
        return False
    return record_courier_news(
        courier=courier,
        tracking_number=number,
        status=status,
        at=wire.moment(document.get("updated_at")),
        raw_reference=str(document.get("order_id") or ""),
    )
