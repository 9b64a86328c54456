"""The one mail that asks a buyer for a review, and who wants no such mail."""

import hashlib

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from orders.models.order import Order


class ReviewRequest(models.Model):
    """When an order's buyer is to be asked; a row with `asked_at` is over and done with."""

    order = models.OneToOneField(Order, on_delete=models.CASCADE, related_name="review_request")
    due_at = models.DateTimeField(_("due"))
    asked_at = models.DateTimeField(_("asked"), null=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=Q(asked_at=None), name="review_request_due")
        ]

    def __str__(self) -> str:
        return f"request of order {self.order_id}"


def hash_email(email: str) -> str:
    """What an address is known by here: the list of who wants no mail holds no address.

    Not keyed, or a new SECRET_KEY would send mail to all who asked for none.
    """
    return hashlib.sha256(f"review-mail:{email.strip().lower()}".encode()).hexdigest()


class ReviewMailOptOut(models.Model):
    """An address that is never again asked for a review."""

    email_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.email_hash[:8]
