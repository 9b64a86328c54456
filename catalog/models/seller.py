import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Seller(models.Model):
    """Whose goods they are. A boutique alone in its shop is the one seller."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=120)
    is_active = models.BooleanField(_("active"), default=True)
    is_taxable = models.BooleanField(
        _("registered for tax on sales"),
        db_default=False,
        default=False,
        help_text=_("In Indonesia: PKP. Only then do receipts show PPN."),
    )
    tax_number = models.CharField(
        _("tax number"), max_length=40, blank=True, db_default="", help_text=_("NPWP")
    )

    class Meta:
        verbose_name = _("seller")
        verbose_name_plural = _("sellers")

    def __str__(self) -> str:
        return self.name


class Location(models.Model):
    """Where a seller's goods lie and parcels start: the origin of a shipping quote."""

    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="locations")
    name = models.CharField(_("name"), max_length=120)
    street = models.CharField(_("street"), max_length=200, blank=True)
    city = models.CharField(_("city or regency"), max_length=80)
    province = models.CharField(_("province"), max_length=13, help_text=_("code of the region"))
    postal_code = models.CharField(_("postal code"), max_length=12, blank=True)
    country = models.CharField(_("country"), max_length=2, default="ID")

    class Meta:
        verbose_name = _("location")
        verbose_name_plural = _("locations")

    def __str__(self) -> str:
        return f"{self.name}, {self.city}"
