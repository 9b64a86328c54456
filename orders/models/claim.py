"""A link by which an account takes over orders that were placed with its e-mail."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class OrderClaim(models.Model):
    """Mailed to one address, good once and for an hour; only hashes of both are kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    email_key = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="order_claim_expiry")]

    def __str__(self) -> str:
        return f"claim of {self.user_id}"
