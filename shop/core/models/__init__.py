from shop.core.models.heartbeat import Heartbeat
from shop.core.models.idempotency import IdempotencyRecord
from shop.core.models.outbox import OutboxMessage

__all__ = ["Heartbeat", "IdempotencyRecord", "OutboxMessage"]
