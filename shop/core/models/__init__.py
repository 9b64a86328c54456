from shop.core.models.heartbeat import Heartbeat
from shop.core.models.idempotency import IdempotencyRecord
from shop.core.models.outbox import OutboxMessage
from shop.core.models.throttle import ThrottleCount

__all__ = ["Heartbeat", "IdempotencyRecord", "OutboxMessage", "ThrottleCount"]
