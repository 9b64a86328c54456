from typing import TypeAlias

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from payments.gateways.base import WebhookSecret
from shop.core.fields import in_choices


class WebhookEventState(models.TextChoices):
    RECEIVED = "received", _("received")
    PROCESSED = "processed", _("processed")
    IGNORED = "ignored", _("nothing to do")
    UNMATCHED = "unmatched", _("no such order yet")
    RETRY = "retry", _("to be tried again")
    DEAD = "dead", _("needs a person")
    REJECTED = "rejected", _("of another business")


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
    # Some of them, and no secret; emptied with the body.
    headers = models.JSONField(_("headers"), default=dict, db_default={})
    redacted_at = models.DateTimeField(_("emptied"), null=True)
    secret = models.CharField(
        _("secret"), max_length=10, choices=WebhookSecret.choices, blank=True, db_default=""
    )
    received_at = models.DateTimeField(_("received"), db_default=Now())
    # The gateway sent the same event again.
    repeats = models.PositiveIntegerField(_("repeats"), default=0, db_default=0)
    last_repeat_at = models.DateTimeField(_("last repeat"), null=True)
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
            models.Index(
                fields=["received_at"],
                condition=Q(redacted_at__isnull=True),
                name="webhook_with_body",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.event}"


class WebhookRefusal(models.TextChoices):
    WRONG = "wrong", _("with a wrong secret")
    ABSENT = "absent", _("without a secret")
    LARGE = "large", _("too large")


class RefusedWebhook(models.Model):
    """What came to a webhook's address and is not believed to be a gateway's: kept for a while."""

    Reason: TypeAlias = WebhookRefusal

    gateway = models.CharField(_("gateway"), max_length=20)
    received_at = models.DateTimeField(_("received"), db_default=Now())
    reason = models.CharField(_("why"), max_length=10, choices=Reason.choices)
    headers = models.JSONField(_("headers"), default=dict)
    # The first part of it.
    body = models.BinaryField()
    size = models.PositiveBigIntegerField(_("bytes"))

    class Meta:
        verbose_name = _("refused webhook")
        verbose_name_plural = _("refused webhooks")
        constraints = [
            models.CheckConstraint(
                condition=in_choices("reason", WebhookRefusal), name="refused_webhook_reason"
            ),
        ]
        indexes = [models.Index(fields=["received_at"], name="refused_webhook_received")]

    def __str__(self) -> str:
        return f"{self.gateway} #{self.pk}"


class RefusedHour(models.Model):
    """How many a gateway's address refused in one hour, and their bytes: no more than so many
    are kept, and all are counted.
    """

    gateway = models.CharField(_("gateway"), max_length=20)
    began_at = models.DateTimeField(_("hour"))
    number = models.PositiveBigIntegerField(_("number"))
    bytes = models.PositiveBigIntegerField(_("bytes"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["gateway", "began_at"], name="refused_hour_once")
        ]

    def __str__(self) -> str:
        return f"{self.gateway} {self.began_at:%Y-%m-%d %H}: {self.number}"
