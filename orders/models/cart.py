import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from catalog.models import Variant
from shop.core.fields import currency_field

MAX_QUANTITY = 99


class CartQuerySet(models.QuerySet["Cart"]):
    def locked(self) -> Self:
        return self.select_for_update(of=("self",), no_key=True)


class Cart(models.Model):
    """What somebody means to buy; promises nothing.

    A guest's is found by its unguessable token, an account's only by who is signed in.
    """

    # 122 random bits: a cart holds no personal data. An order's token is longer.
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", null=True, blank=True
    )
    currency = currency_field()
    # As typed, in capitals: whether it is a coupon, and what it gives, is asked each time anew.
    coupon_code = models.CharField(max_length=40, blank=True, db_default="")
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    objects = CartQuerySet.as_manager()

    class Meta:
        verbose_name = _("cart")
        verbose_name_plural = _("carts")
        indexes = [models.Index(fields=["updated_at"], name="cart_age")]
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=models.Q(customer__isnull=False),
                name="cart_one_per_customer",
            )
        ]

    def __str__(self) -> str:
        return f"cart {self.pk}"


class CartLine(models.Model):
    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="lines")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="+")
    quantity = models.PositiveIntegerField(_("quantity"))
    # The price the customer last saw: what differs from today's is said, never slipped in.
    seen_price_minor = models.BigIntegerField()
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("cart line")
        verbose_name_plural = _("cart lines")
        constraints = [
            models.UniqueConstraint(fields=["cart", "variant"], name="cart_line_once"),
            models.CheckConstraint(
                condition=models.Q(quantity__gte=1, quantity__lte=MAX_QUANTITY),
                name="cart_line_quantity",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant_id}"
