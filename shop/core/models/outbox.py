from django.db import models
from django.db.models.functions import Now


class OutboxMessage(models.Model):
    """Work for later, written in the transaction of the change that asks for it.

    A row is due when it is not done and `available_at` has passed. Publishing and claiming both
    push `available_at` forward; a process that dies in between leaves a row that falls due again.
    """

    topic = models.CharField(max_length=60)
    # The same fact asked for twice is one piece of work.
    key = models.CharField(max_length=120, unique=True)
    payload = models.JSONField()
    created_at = models.DateTimeField(db_default=Now())
    available_at = models.DateTimeField(db_default=Now())
    attempts = models.PositiveIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["available_at"],
                condition=models.Q(done_at=None, failed_at=None),
                name="outbox_due",
            ),
            models.Index(
                fields=["done_at"], condition=models.Q(done_at__isnull=False), name="outbox_done"
            ),
        ]

    def __str__(self) -> str:
        return self.key
