from typing import Self

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User
from accounts.totp import find_step
from shop.core.sealed import unseal


class CodeAppQuerySet(models.QuerySet["CodeApp"]):
    def of(self, user: User) -> Self:
        return self.filter(user=user)


class CodeApp(models.Model):
    """The app on somebody's phone that shows codes to sign in with."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="+")
    # Codes are made from it: it has to be read again, so it cannot be hashed.
    sealed_secret = models.BinaryField(editable=False)
    # Of the code that was used last: neither that one nor an older one is good any more.
    last_step = models.BigIntegerField(editable=False)
    created_at = models.DateTimeField(_("set up"), db_default=Now())

    objects = CodeAppQuerySet.as_manager()

    class Meta:
        verbose_name = _("code app")
        verbose_name_plural = _("code apps")

    def __str__(self) -> str:
        return f"{self.pk}"

    def step_of(self, code: str, *, at: float) -> int | None:
        """The time step that the code is of, if it is one of now. Raises CannotUnseal."""
        return find_step(unseal(bytes(self.sealed_secret))["secret"], code, at=at)


class RecoveryCode(models.Model):
    """Gets its person in once, without the phone. Whoever has used one has one less."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    # Of 80 random bits: nothing slower is needed to keep them from being guessed.
    code_hash = models.CharField(max_length=64, editable=False)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        constraints = [
            models.UniqueConstraint(fields=["user", "code_hash"], name="recovery_code_once"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class Passkey(models.Model):
    """A key pair of a phone, computer or security key (WebAuthn); here is its public half."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=100)
    credential_id = models.BinaryField(unique=True, editable=False)
    public_key = models.BinaryField(editable=False)
    # Counts uses, where the key counts them at all: one that was copied falls behind.
    sign_count = models.BigIntegerField(editable=False)
    created_at = models.DateTimeField(_("set up"), db_default=Now())
    used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    class Meta:
        verbose_name = _("passkey")
        verbose_name_plural = _("passkeys")

    def __str__(self) -> str:
        return self.name
