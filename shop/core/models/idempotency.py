from datetime import timedelta

from django.db import models
from django.db.models.functions import Now

LIFETIME = timedelta(days=2)


class IdempotencyRecord(models.Model):
    """One unsafe request, by its key, and what came of it.

    Inserted in the transaction of the change itself: it exists exactly if the change does.
    `resource` names what was made; `response` is filled in with the first complete answer and
    never changes afterwards.
    """

    # Who may repeat it: an endpoint plus the cart or account it speaks for.
    scope = models.CharField(max_length=120)
    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64)
    resource = models.CharField(max_length=120, blank=True)
    response_status = models.PositiveSmallIntegerField(null=True)
    response = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="idempotency_once")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_age")]

    def __str__(self) -> str:
        return f"{self.scope} {self.key}"
