from collections.abc import Sequence
from datetime import date
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Coalesce, Length, Lower, Now
from django.utils.translation import gettext_lazy as _

from catalog.models import Location
from shop.core.fields import currency_field, in_choices
from shop.core.kept import among_words


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
        help_text=_("Provinces, regencies, districts or villages. None: the whole country."),
    )
    is_active = models.BooleanField(_("active"), default=True, db_default=True)

    class Meta:
        verbose_name = _("shipping zone")
        verbose_name_plural = _("shipping zones")

    def __str__(self) -> str:
        return self.name


class DateRange(Func):
    function = "DATERANGE"
    output_field = DateRangeField()


class ShippingRateQuerySet(models.QuerySet["ShippingRate"]):
    def valid(self, *, on: date) -> Self:
        return self.filter(
            Q(starts_on=None) | Q(starts_on__lte=on),
            Q(ends_on=None) | Q(ends_on__gte=on),
            is_active=True,
            zone__is_active=True,
        )

    def reaching(self, *, country: str, codes: Sequence[str]) -> Self:
        """Into a place whose regions have these codes.

        Annotates `nearness`: the length of the most specific code that matched, 0 for a zone that
        is a whole country.
        """
        return self.filter(
            Q(zone__regions=None) | Q(among_words("zone__regions", codes)), zone__country=country
        ).annotate(nearness=Coalesce(models.Max(Length("zone__regions__code")), 0))


class ShippingRate(models.Model):
    """What a courier's service costs into a zone: by the kilogram begun, or by weight brackets."""

    zone = models.ForeignKey(ShippingZone, on_delete=models.CASCADE, related_name="rates")
    origin = models.ForeignKey(
        Location,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("sent from"),
        null=True,
        blank=True,
        help_text=_("Empty: from any place."),
    )
    courier = models.CharField(_("courier"), max_length=40)
    service = models.CharField(_("service"), max_length=40)
    name = models.CharField(_("name shown"), max_length=80)
    currency = currency_field()
    first_kg_minor = models.BigIntegerField(_("first kilogram"))
    next_kg_minor = models.BigIntegerField(_("each further kilogram"))
    first_grams = models.PositiveIntegerField(
        _("the first price covers, in grams"),
        default=1000,
        db_default=1000,
        help_text=_("1000, or the least weight that is charged, such as 10000 for cargo."),
    )
    tolerance_grams = models.PositiveSmallIntegerField(
        _("tolerance in grams"),
        default=0,
        db_default=0,
        help_text=_("What a begun kilogram may weigh without being charged, such as 300."),
    )
    volumetric_divisor = models.PositiveIntegerField(
        _("volumetric divisor"),
        default=6000,
        db_default=6000,
        null=True,
        blank=True,
        help_text=_("Cubic centimetres that count as a kilogram. Empty: only the weight counts."),
    )
    max_grams = models.PositiveIntegerField(_("heaviest parcel in grams"), default=30_000)
    eta_min_days = models.PositiveSmallIntegerField(_("working days at least"))
    eta_max_days = models.PositiveSmallIntegerField(_("working days at most"))
    starts_on = models.DateField(_("valid from"), null=True, blank=True)
    ends_on = models.DateField(_("valid until"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    objects = ShippingRateQuerySet.as_manager()
    # Only on rows that `reaching` has found.
    nearness: int

    class Meta:
        verbose_name = _("shipping rate")
        verbose_name_plural = _("shipping rates")
        constraints = [
            ExclusionConstraint(
                name="shipping_rate_one_at_a_time",
                expressions=[
                    ("zone", RangeOperators.EQUAL),
                    (Coalesce("origin_id", 0), RangeOperators.EQUAL),
                    (Lower("courier"), RangeOperators.EQUAL),
                    (Lower("service"), RangeOperators.EQUAL),
                    ("currency", RangeOperators.EQUAL),
                    (
                        DateRange(
                            "starts_on",
                            "ends_on",
                            RangeBoundary(inclusive_lower=True, inclusive_upper=True),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_("This service has a price for that time already."),
            ),
            models.CheckConstraint(
                condition=Q(first_kg_minor__gte=0, next_kg_minor__gte=0),
                name="shipping_rate_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(eta_max_days__gte=F("eta_min_days")),
                name="shipping_rate_eta",
            ),
            models.CheckConstraint(
                condition=Q(first_grams__gte=1, tolerance_grams__lt=1000),
                name="shipping_rate_steps",
            ),
            models.CheckConstraint(
                condition=Q(volumetric_divisor=None) | Q(volumetric_divisor__gte=1000),
                name="shipping_rate_divisor",
            ),
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="shipping_rate_period",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def overlaps(self, other: Self) -> bool:
        """Whether both are valid on some day."""
        starts = max(self.starts_on or date.min, other.starts_on or date.min)
        return starts <= min(self.ends_on or date.max, other.ends_on or date.max)

    def charged_grams(self, *, grams: int, volume_cm3: int) -> int:
        """The heavier of what a parcel weighs and what the courier takes its size to weigh."""
        if not self.volumetric_divisor:
            return grams
        return max(grams, -(-volume_cm3 * 1000 // self.volumetric_divisor))

    def amount_minor(self, *, grams: int, brackets: "Sequence[ShippingBracket]" = ()) -> int | None:
        """The price of that many charged grams; None if the service takes nothing so heavy.

        Its brackets, the lightest first, replace the price by the kilogram where there are any.
        """
        if grams > self.max_grams:
            return None
        if brackets:
            return next((one.amount_minor for one in brackets if grams <= one.up_to_grams), None)
        beyond = max(0, grams - self.first_grams - self.tolerance_grams)
        return self.first_kg_minor + -(-beyond // 1000) * self.next_kg_minor


class ShippingBracket(models.Model):
    """A price for parcels up to a weight."""

    rate = models.ForeignKey(ShippingRate, on_delete=models.CASCADE, related_name="brackets")
    up_to_grams = models.PositiveIntegerField(_("up to grams"))
    amount_minor = models.BigIntegerField(_("price"))

    class Meta:
        verbose_name = _("weight bracket")
        verbose_name_plural = _("weight brackets")
        constraints = [
            models.UniqueConstraint(fields=["rate", "up_to_grams"], name="shipping_bracket_once"),
            models.CheckConstraint(
                condition=Q(up_to_grams__gte=1, amount_minor__gte=0), name="shipping_bracket_sane"
            ),
        ]

    def __str__(self) -> str:
        return f"≤ {self.up_to_grams} g"


class RateSource(models.TextChoices):
    """Who said what a parcel costs."""

    TABLE = "table", _("rate table")
    BITESHIP = "biteship", "Biteship"
    RAJAONGKIR = "rajaongkir", "RajaOngkir"


class CourierService(models.Model):
    """What the shop does with a service that a courier API offers; without a row, it offers it."""

    courier = models.CharField(
        _("courier"), max_length=40, help_text=_("The code of the API, such as jne.")
    )
    service = models.CharField(
        _("service"),
        max_length=40,
        blank=True,
        help_text=_("The code of the API, such as reg. Empty: all others of this courier."),
    )
    name = models.CharField(
        _("name shown"), max_length=80, blank=True, help_text=_("Empty: the name of the API.")
    )
    fee_minor = models.PositiveBigIntegerField(
        _("handling fee"), default=0, help_text=_("Added to the price of every parcel.")
    )
    is_active = models.BooleanField(_("offered"), default=True)

    class Meta:
        verbose_name = _("courier service")
        verbose_name_plural = _("courier services")
        constraints = [
            models.UniqueConstraint(
                Lower("courier"),
                Lower("service"),
                name="courier_service_once",
                violation_error_message=_("There is a row for this service already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.courier} {self.service}".strip()


class CourierArea(models.Model):
    """What a courier API calls a place: looked up there once, then kept."""

    source = models.CharField(_("API"), max_length=20, choices=RateSource.choices)
    region = models.CharField(_("region"), max_length=13, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=12)
    area_id = models.CharField(
        _("the API's area"),
        max_length=80,
        blank=True,
        help_text=_("Empty: the API did not know the place. Fill it in if you know better."),
    )
    label = models.CharField(_("what the API calls it"), max_length=200, blank=True)
    looked_up_at = models.DateTimeField(_("looked up at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("courier area")
        verbose_name_plural = _("courier areas")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "region", "postal_code"], name="courier_area_once"
            ),
            models.CheckConstraint(
                condition=in_choices("source", RateSource), name="courier_area_source"
            ),
        ]

    def __str__(self) -> str:
        return self.label or self.area_id
