from typing import TypeAlias

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from shop.core.fields import in_choices


class WebhookEventState(models.TextChoices):
    RECEIVED = "received", _("received")
    PROCESSED = "processed", _("processed")
    IGNORED = "ignored", _("nothing to do")
    UNMATCHED = "unmatched", _("no such order yet")
    RETRY = "retry", _("to be tried again")
    DEAD = "dead", _("needs a person")


class WebhookEvent(models.Model):
    """What a gateway told us, as it arrived: a hint, stored first and asked about afterwards."""

    State: TypeAlias = WebhookEventState

    gateway = models.CharField(_("gateway"), max_length=20)
    # Stable over the retries of one event; absent from some.
    webhook_id = models.CharField(_("event id"), max_length=100, blank=True)
    event = models.CharField(_("event"), max_length=60, blank=True)
    reference = models.CharField(_("our reference"), max_length=255, blank=True)
    gateway_ref = models.CharField(_("gateway's id"), max_length=100, blank=True)
    body = models.BinaryField()
    body_sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField(_("received"), db_default=Now())
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.RECEIVED
    )
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, db_default=Now())
    last_error = models.CharField(max_length=300, blank=True)
    # What of orders and money it changed, as `payments.inbox.changes` writes it.
    changed = models.JSONField(default=list, db_default=[])
    ended_at = models.DateTimeField(_("ended"), null=True)
    # How often somebody put it back, to be looked at as if it had just come.
    replays = models.PositiveIntegerField(_("put back"), default=0, db_default=0)

    class Meta:
        verbose_name = _("webhook event")
        verbose_name_plural = _("webhook events")
        constraints = [
            models.CheckConstraint(
                condition=in_choices("state", WebhookEventState), name="webhook_state"
            ),
            models.UniqueConstraint(
                fields=["gateway", "webhook_id"], condition=~Q(webhook_id=""), name="webhook_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(next_try_at__isnull=False),
                name="webhook_due",
            ),
            models.Index(fields=["gateway", "reference"], name="webhook_reference"),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.event}"
