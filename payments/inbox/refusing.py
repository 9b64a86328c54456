"""What strangers send to a webhook's address: kept a little while, so that staff can look at it.

They may send as much as they like, so no more than a number and some bytes are kept for each
gateway and hour. All of them are counted.
"""

import json
import logging
from collections.abc import Mapping

from django.conf import settings
from django.db import connection

from payments.models import RefusedWebhook

log = logging.getLogger(__name__)
# Of each body: enough to see what it is.
KEPT_BYTES = 8 * 1024
# The row of the hour is locked while it is counted, so that two never take the same last place.
KEEP = """
WITH counted AS (
    INSERT INTO payments_refusedhour AS hour (gateway, began_at, number, bytes)
    VALUES (%(gateway)s, date_trunc('hour', STATEMENT_TIMESTAMP()), 1, %(bytes)s)
    ON CONFLICT (gateway, began_at) DO UPDATE
        SET number = hour.number + 1, bytes = hour.bytes + EXCLUDED.bytes
    RETURNING number, bytes
)
INSERT INTO payments_refusedwebhook (gateway, received_at, reason, headers, body, size)
SELECT %(gateway)s, STATEMENT_TIMESTAMP(), %(reason)s, %(headers)s::jsonb, %(body)s, %(size)s
FROM counted WHERE number <= %(most)s AND bytes <= %(most_bytes)s
"""


def keep_refused(
    *,
    gateway_code: str,
    reason: RefusedWebhook.Reason,
    headers: Mapping[str, str],
    body: bytes,
    size: int,
) -> None:
    """Count it, and keep its first part while there is room in this hour. One statement."""
    part = body[:KEPT_BYTES]
    shown = json.dumps(dict(headers))
    with connection.cursor() as cursor:
        cursor.execute(
            KEEP,
            {
                "gateway": gateway_code,
                "reason": reason,
                "headers": shown,
                "body": part,
                "size": size,
                "bytes": len(part) + len(shown),
                "most": settings.WEBHOOK_REFUSED["number"],
                "most_bytes": settings.WEBHOOK_REFUSED["bytes"],
            },
        )
    facts = {"gateway": gateway_code, "bytes": size, "reason": str(reason)}
    log.warning("webhook_not_authentic", extra=facts)
