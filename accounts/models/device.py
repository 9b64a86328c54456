import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models.functions import Now
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User


class DeviceQuerySet(models.QuerySet["Device"]):
    def locked(self) -> Self:
        return self.select_for_update(of=("self",), no_key=True)


class Device(models.Model):
    """An app that somebody has signed in to, on one device. Of its tokens only hashes are kept."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=100)
    # What all refresh tokens of this sign-in begin with: an old one is known again by it.
    family_hash = models.CharField(max_length=64, unique=True, editable=False)
    access_hash = models.CharField(max_length=64, unique=True, editable=False)
    access_until = models.DateTimeField()
    refresh_hash = models.CharField(max_length=64, editable=False)
    refresh_until = models.DateTimeField()
    # The refresh token before, good once more while the answer to it may have been lost.
    replaced_hash = models.CharField(max_length=64, blank=True, editable=False)
    replaced_until = models.DateTimeField(null=True)
    # Over the password as it was at sign-in.
    proof_hash = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(_("signed in"), db_default=Now())
    used_at = models.DateTimeField(_("last used"), db_default=Now())

    objects = DeviceQuerySet.as_manager()

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")
        indexes = [models.Index(fields=["refresh_until"], name="device_over")]

    def __str__(self) -> str:
        return self.name

    def was_lost(self, refresh_hash: str, *, at: datetime) -> bool:
        """Whether it is the token before, whose answer nobody has shown to have."""
        is_open = self.replaced_until is not None and at < self.replaced_until
        return is_open and constant_time_compare(self.replaced_hash, refresh_hash)

    def takes(self, refresh_hash: str, *, at: datetime) -> bool:
        """Whether this refresh token may be exchanged for a new pair."""
        is_current = constant_time_compare(self.refresh_hash, refresh_hash)
        return at < self.refresh_until and (is_current or self.was_lost(refresh_hash, at=at))
