import uuid
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.models.role import Role


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **extra: object) -> "User":
        if not email:
            raise ValueError("a user needs an e-mail address")
        user = self.model(email=self.normalize_email(email), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: object) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **extra)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.of_email(username or "").get()

    def of_email(self, email: str) -> models.QuerySet["User"]:
        """Whoever has the address, however it is written; read from the index `user_email_once`."""
        return self.alias(written=Lower("email")).filter(written=Lower(models.Value(email)))


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in with an e-mail address: customer, staff or seller."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("e-mail"), unique=True)
    full_name = models.CharField(_("full name"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=8, default="id")
    is_staff = models.BooleanField(_("staff"), default=False)
    roles = ArrayField(
        models.CharField(max_length=20, choices=Role.choices),
        verbose_name=_("roles"),
        default=list,
        db_default=[],
        blank=True,
    )
    is_active = models.BooleanField(_("active"), default=True)
    # How often everything that was signed in was signed out at once.
    sign_outs = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)
    # Since when signing in asks for more than a password; nothing, as long as there is no factor.
    # Kept beside the factors, so that no page has to look for them.
    factor_since = models.DateTimeField(_("second factor since"), null=True, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            # Siti@ and siti@ are one person; without this she could register twice.
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
        ]

    def __str__(self) -> str:
        return self.email

    @property
    def proof(self) -> str:
        """What is signed over it is worth nothing once the password is another, or after signing
        out everywhere."""
        return f"{self.pk} {self.password}{self._round}"

    @property
    def _round(self) -> str:
        return f" {self.sign_outs}" if self.sign_outs else ""

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        """Django's own, which knows of the password alone; for a key that was replaced as well."""
        salt = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"
        value = f"{self.password}{self._round}"
        return salted_hmac(salt, value, secret=secret, algorithm="sha256").hexdigest()
