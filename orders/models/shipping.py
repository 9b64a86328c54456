from typing import Self

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from shop.core.fields import currency_field


class RegionLevel(models.IntegerChoices):
    """How deep a place lies; Indonesia's names for it."""

    PROVINCE = 1, _("province")
    REGENCY = 2, _("city or regency")
    DISTRICT = 3, _("district (kecamatan)")
    VILLAGE = 4, _("village (kelurahan, desa)")


class RegionQuerySet(models.QuerySet["Region"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def with_path(self) -> Self:
        """With all that it lies in: no further query for `lineage` and `path`."""
        return self.select_related("parent__parent__parent")


class Region(models.Model):
    """A place in a country's hierarchy; Indonesia's codes are Kemendagri's (`31`, `31.74`, …).

    Filled by orders/regions/loading.py and never edited by hand. What no longer exists stays for
    the orders and zones that name it, without `is_active`.
    """

    code = models.CharField(_("code"), max_length=13, primary_key=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="children", null=True, blank=True
    )
    country = models.CharField(_("country"), max_length=2, default="ID")
    level = models.PositiveSmallIntegerField(
        _("level"), choices=RegionLevel.choices, db_default=RegionLevel.PROVINCE
    )
    name = models.CharField(_("name"), max_length=80)
    is_active = models.BooleanField(_("in use"), db_default=True)
    # ` braga`, and ` braga sumur bandung kota bandung jawa barat`: see orders/regions/finding.py.
    search_name = models.CharField(max_length=80, db_default="", editable=False)
    search_text = models.CharField(max_length=330, db_default="", editable=False)

    objects = RegionQuerySet.as_manager()

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        constraints = [
            models.CheckConstraint(condition=Q(level__range=(1, 4)), name="region_level"),
        ]
        indexes = [
            GinIndex(
                OpClass(F("search_name"), name="gin_trgm_ops"),
                OpClass(F("search_text"), name="gin_trgm_ops"),
                name="region_found_by_words",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def lineage(self) -> "list[Region]":
        """The place and all that it lies in, the smallest first."""
        found = [self]
        while found[-1].parent is not None:
            found.append(found[-1].parent)
        return found

    @property
    def path(self) -> str:
        """`Braga, Sumur Bandung, Kota Bandung, Jawa Barat`: no other place is called that."""
        return ", ".join(place.name for place in self.lineage)


class ShippingZone(models.Model):
    """Places that cost the same to reach: regions, or the whole country where none is named."""

    name = models.CharField(_("name"), max_length=80)
    country = models.CharField(_("country"), max_length=2, default="ID")
    regions = models.ManyToManyField(
        Region,
        related_name="zones",
        verbose_name=_("regions"),
        blank=True,
        # Fares are looked up by the province of an address.
        limit_choices_to={"level": 1},
        help_text=_("None: the whole country."),
    )

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
