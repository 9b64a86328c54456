"""What customers would like to have: kept for themselves, or waited for."""

import uuid

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


class StockAlert(models.Model):
    """Somebody waits for a sold-out variant. One mail when it is back, then it is over."""

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="stock_alerts")
    email = models.EmailField(_("e-mail"))
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    created_at = models.DateTimeField(db_default=Now())
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
