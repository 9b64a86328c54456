"""What customers would like to have: kept for themselves, or waited for."""

import hashlib
import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from catalog.models.product import Product
from catalog.models.variant import Variant
from shop.core.fields import currency_field


class Wishlist(models.Model):
    """A guest's is found by its token, a customer's by the account."""

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", null=True
    )
    created_at = models.DateTimeField(db_default=Now())
    # When something was kept or dropped.
    touched_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"wishlist {self.pk}"


class WishlistLine(models.Model):
    """A product that somebody kept, at the price it then had: a drop is shown."""

    wishlist = models.ForeignKey(Wishlist, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    price_minor = models.BigIntegerField(_("price when kept"))
    currency = currency_field()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["wishlist", "product"], name="wishlist_line_once")
        ]

    def __str__(self) -> str:
        return f"{self.wishlist_id}: {self.product_id}"


def hash_alert_email(email: str) -> str:
    """What an address is known by here, also after it asked to be forgotten.

    Not keyed, or a new SECRET_KEY would send mail to all who asked for none.
    """
    return hashlib.sha256(f"stock-alert:{email.strip().lower()}".encode()).hexdigest()


class AlertAddressQuerySet(models.QuerySet["AlertAddress"]):
    def locked(self) -> Self:
        return self.select_for_update(of=("self",), no_key=True)


class AlertAddress(models.Model):
    """What is known of an address that somebody entered, without the address itself.

    Anybody can enter any address; the token stands only in mails to it, so whoever has that reads
    the mailbox.
    """

    CONFIRMED_FOR = timedelta(days=90)
    MAIL_PAUSE = timedelta(days=1)
    # Who wants no mail and is entered all the same.
    MAIL_PAUSE_WHEN_STOPPED = timedelta(days=30)

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(db_default=Now())
    # When it was last asked to confirm.
    mailed_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)

    objects = AlertAddressQuerySet.as_manager()

    def __str__(self) -> str:
        return self.email_hash[:8]

    def is_trusted(self, *, at: datetime) -> bool:
        """It has lately said itself that it wants such mails."""
        return (
            self.stopped_at is None
            and self.confirmed_at is not None
            and at < self.confirmed_at + self.CONFIRMED_FOR
        )

    def may_be_asked(self, *, at: datetime) -> bool:
        """Whether a mail may ask it to confirm: one a day, and hardly ever once it said no."""
        pause = self.MAIL_PAUSE if self.stopped_at is None else self.MAIL_PAUSE_WHEN_STOPPED
        return self.mailed_at is None or at >= self.mailed_at + pause


class StockAlert(models.Model):
    """Somebody waits for a sold-out variant. One mail when it is back, then it is over.

    Until its address has confirmed it, it waits for that alone.
    """

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="stock_alerts")
    # Null only in what was entered before addresses were known.
    address = models.ForeignKey(
        AlertAddress, on_delete=models.CASCADE, related_name="alerts", null=True
    )
    email = models.EmailField(_("e-mail"))
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    created_at = models.DateTimeField(db_default=Now())
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    notified_at = models.DateTimeField(_("notified"), null=True)

    class Meta:
        verbose_name = _("back-in-stock alert")
        verbose_name_plural = _("back-in-stock alerts")
        constraints = [
            models.UniqueConstraint(
                fields=["variant", "email"],
                condition=Q(notified_at=None),
                name="stock_alert_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"alert for {self.variant_id}"
