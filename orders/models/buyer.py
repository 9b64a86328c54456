from typing import TypeAlias

from django.db import models
from django.utils.translation import gettext_lazy as _

from orders.models.order import Order
from shop.core.fields import in_choices


class BuyerKeyKind(models.TextChoices):
    ACCOUNT = "account", _("account")
    EMAIL = "email", _("e-mail")
    PHONE = "phone", _("phone")
    ADDRESS = "address", _("address")


class BuyerKey(models.Model):
    """By what the buyer of an order is known again, as a pseudonym: see orders.buyers."""

    Kind: TypeAlias = BuyerKeyKind

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="buyer_keys")
    kind = models.CharField(max_length=10, choices=BuyerKeyKind.choices)
    key = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "kind"], name="buyer_key_once"),
            models.CheckConstraint(
                condition=in_choices("kind", BuyerKeyKind), name="buyer_key_kind"
            ),
        ]
        indexes = [models.Index(fields=["key", "order"], name="buyer_key_orders")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.order_id}"
