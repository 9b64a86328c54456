import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User


class SavedAddress(models.Model):
    """An address that somebody keeps to order to again. Orders have copies, never this row.

    The columns of the place are those that an order keeps: the names are what the region was
    called when it was saved.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    label = models.CharField(_("label"), max_length=40, blank=True)
    is_default = models.BooleanField(_("filled in at checkout"), default=False)
    recipient_name = models.CharField(_("recipient"), max_length=100)
    recipient_phone = models.CharField(_("recipient's phone"), max_length=20)
    street = models.CharField(_("street"), max_length=250)
    rt = models.CharField(_("RT"), max_length=3, blank=True)
    rw = models.CharField(_("RW"), max_length=3, blank=True)
    region = models.CharField(_("region code"), max_length=13, blank=True)
    village = models.CharField(_("village"), max_length=80, blank=True)
    district = models.CharField(_("district"), max_length=80, blank=True)
    city = models.CharField(_("city or regency"), max_length=80, blank=True)
    province = models.CharField(_("province code"), max_length=13, blank=True)
    province_name = models.CharField(_("province"), max_length=80, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=12, blank=True)
    country = models.CharField(_("country"), max_length=2)
    notes = models.CharField(_("landmark"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("saved"), db_default=Now())

    class Meta:
        verbose_name = _("saved address")
        verbose_name_plural = _("saved addresses")
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(is_default=True),
                name="saved_address_one_default",
            ),
        ]

    def __str__(self) -> str:
        return self.label or self.recipient_name
