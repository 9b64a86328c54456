from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.core.fields import currency_field


class Region(models.Model):
    """A place in a country's hierarchy; Indonesia's codes are Kemendagri's (`31`, `31.74`, …)."""

    code = models.CharField(_("code"), max_length=13, primary_key=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="children", null=True, blank=True
    )
    country = models.CharField(_("country"), max_length=2, default="ID")
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")

    def __str__(self) -> str:
        return self.name


class ShippingZone(models.Model):
    """Regions that cost the same to reach."""

    name = models.CharField(_("name"), max_length=80)
    country = models.CharField(_("country"), max_length=2, default="ID")
    regions = models.ManyToManyField(Region, related_name="zones", verbose_name=_("regions"))

    class Meta:
        verbose_name = _("shipping zone")
        verbose_name_plural = _("shipping zones")

    def __str__(self) -> str:
        return self.name


class ShippingRate(models.Model):
    """What a courier's service costs into a zone, for each kilogram or part of one."""

    zone = models.ForeignKey(ShippingZone, on_delete=models.CASCADE, related_name="rates")
    courier = models.CharField(_("courier"), max_length=40)
    service = models.CharField(_("service"), max_length=40)
    name = models.CharField(_("name shown"), max_length=80)
    currency = currency_field()
    first_kg_minor = models.BigIntegerField(_("first kilogram"))
    next_kg_minor = models.BigIntegerField(_("each further kilogram"))
    max_grams = models.PositiveIntegerField(_("heaviest parcel in grams"), default=30_000)
    eta_min_days = models.PositiveSmallIntegerField(_("days at least"))
    eta_max_days = models.PositiveSmallIntegerField(_("days at most"))
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("shipping rate")
        verbose_name_plural = _("shipping rates")
        constraints = [
            models.UniqueConstraint(
                fields=["zone", "courier", "service", "currency"], name="shipping_rate_once"
            ),
            models.CheckConstraint(
                condition=models.Q(first_kg_minor__gte=0, next_kg_minor__gte=0),
                name="shipping_rate_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(eta_max_days__gte=models.F("eta_min_days")),
                name="shipping_rate_eta",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.zone_id}"

    def amount_minor(self, *, grams: int) -> int:
        """The price of a parcel: couriers charge every kilogram that has been begun."""
        kilograms = max(1, -(-grams // 1000))
        return self.first_kg_minor + (kilograms - 1) * self.next_kg_minor
