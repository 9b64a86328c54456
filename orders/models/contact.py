"""Who bought and where it goes: all that is personal about an order."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from orders.models.order import Order


class OrderContact(models.Model):
    """All that is personal about an order, in one row that can be erased without it."""

    order = models.OneToOneField(Order, on_delete=models.CASCADE, related_name="contact")
    email = models.EmailField(_("e-mail"))
    phone = models.CharField(_("phone"), max_length=20)
    recipient_name = models.CharField(_("recipient"), max_length=100)
    # Of the one who receives the parcel; the buyer's own unless another was given.
    recipient_phone = models.CharField(
        _("recipient's phone"), max_length=20, blank=True, db_default=""
    )
    street = models.CharField(_("street"), max_length=250)
    rt = models.CharField(_("RT"), max_length=3, blank=True, db_default="")
    rw = models.CharField(_("RW"), max_length=3, blank=True, db_default="")
    # The smallest region that was named; the names below are those it had at placement.
    region = models.CharField(_("region code"), max_length=13, blank=True, db_default="")
    village = models.CharField(_("village"), max_length=80, blank=True, db_default="")
    district = models.CharField(_("district"), max_length=80)
    city = models.CharField(_("city or regency"), max_length=80)
    province = models.CharField(_("province code"), max_length=13)
    province_name = models.CharField(_("province"), max_length=80)
    postal_code = models.CharField(_("postal code"), max_length=12)
    country = models.CharField(_("country"), max_length=2, default="ID")
    notes = models.CharField(_("landmark"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        indexes = [
            models.Index(fields=["email"], name="order_contact_email"),
            models.Index(fields=["phone"], name="order_contact_phone"),
            # What staff search by; upper case, since that is how Django compares without case.
            models.Index(Upper("email"), name="order_contact_any_email"),
            GinIndex(
                OpClass(Upper("recipient_name"), "gin_trgm_ops"), name="order_contact_name_part"
            ),
            GinIndex(fields=["phone"], opclasses=["gin_trgm_ops"], name="order_contact_phone_part"),
            GinIndex(
                fields=["recipient_phone"],
                opclasses=["gin_trgm_ops"],
                name="order_contact_courier_part",
            ),
        ]

    def __str__(self) -> str:
        return self.recipient_name

    @property
    def courier_phone(self) -> str:
        """The number that the courier calls."""
        return self.recipient_phone or self.phone
