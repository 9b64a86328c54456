import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.role import Role
from shop.core.fields import in_choices


class InvitationState(models.TextChoices):
    OPEN = "open", _("open")
    ACCEPTED = "accepted", _("accepted")
    WITHDRAWN = "withdrawn", _("withdrawn")


class Invitation(models.Model):
    """A colleague who is asked to join. open → accepted | withdrawn; over after `expires_at`."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail"))
    language = models.CharField(_("language"), max_length=8)
    roles = ArrayField(
        models.CharField(max_length=20, choices=Role.choices),
        verbose_name=_("roles"),
        blank=True,
    )
    is_owner = models.BooleanField(_("shop owner"))
    state = models.CharField(
        _("state"),
        max_length=16,
        choices=InvitationState.choices,
        default=InvitationState.OPEN,
    )
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("invited by"),
    )
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    created_at = models.DateTimeField(_("invited"), db_default=Now())
    expires_at = models.DateTimeField(_("good until"))

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.CheckConstraint(
                condition=in_choices("state", InvitationState), name="invitation_state"
            ),
            models.UniqueConstraint(
                Lower("email"),
                condition=models.Q(state=InvitationState.OPEN),
                name="invitation_open_once",
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def is_good(self) -> bool:
        return self.state == InvitationState.OPEN and timezone.now() < self.expires_at
