import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models.option import Option, OptionValue
from catalog.models.product import Product
from shop.core.fields import currency_field

LONGEST_SIDE_MM = 10_000


class Variant(models.Model):
    """What is bought: one size in one colour. Addressed by `public_id`, never by SKU."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Real catalogues have blank and duplicate SKUs: looked up, never relied upon.
    sku = models.CharField(_("SKU"), max_length=80, blank=True, db_index=True)
    barcode = models.CharField(_("barcode"), max_length=40, blank=True)
    weight_grams = models.PositiveIntegerField(_("weight in grams"), default=0)
    # Of one piece as it is packed. Its volume counts once all three are known.
    length_mm = models.PositiveIntegerField(_("length in millimetres"), null=True, blank=True)
    width_mm = models.PositiveIntegerField(_("width in millimetres"), null=True, blank=True)
    height_mm = models.PositiveIntegerField(_("height in millimetres"), null=True, blank=True)
    # What the shop paid for one, in the shop's own currency; never shown to customers.
    cost_minor = models.PositiveBigIntegerField(_("cost in minor units"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        indexes = [
            models.Index(Upper("sku"), name="variant_sku_upper"),
            models.Index(fields=["barcode"], condition=~Q(barcode=""), name="variant_barcode"),
        ]
        constraints = [
            # Ten metres: what is longer was typed in another unit.
            models.CheckConstraint(
                condition=(Q(length_mm=None) | Q(length_mm__range=(1, LONGEST_SIDE_MM)))
                & (Q(width_mm=None) | Q(width_mm__range=(1, LONGEST_SIDE_MM)))
                & (Q(height_mm=None) | Q(height_mm__range=(1, LONGEST_SIDE_MM))),
                name="variant_measures",
            )
        ]

    def __str__(self) -> str:
        return self.sku or str(self.public_id)

    @property
    def volume_mm3(self) -> int:
        """Of one packed piece; 0 until it has been measured."""
        return (self.length_mm or 0) * (self.width_mm or 0) * (self.height_mm or 0)


class VariantValue(models.Model):
    """One coordinate of a variant in the matrix of its product's options."""

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="values")
    option = models.ForeignKey(Option, on_delete=models.PROTECT, related_name="+")
    value = models.ForeignKey(OptionValue, on_delete=models.PROTECT, related_name="variant_values")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["variant", "option"], name="variant_option_once")
        ]

    def __str__(self) -> str:
        return f"{self.variant_id}: {self.value_id}"


class TsTzRange(Func):
    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class Price(models.Model):
    """What a variant costs in a period; periods of one variant and currency never overlap."""

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="prices")
    currency = currency_field()
    amount_minor = models.BigIntegerField(_("price in minor units"))
    compare_at_minor = models.BigIntegerField(_("price before"), null=True, blank=True)
    valid_from = models.DateTimeField(_("valid from"), default=timezone.now)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="price_not_negative"),
            models.CheckConstraint(
                condition=Q(compare_at_minor=None) | Q(compare_at_minor__gt=F("amount_minor")),
                name="price_before_is_higher",
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")),
                name="price_period",
            ),
            ExclusionConstraint(
                name="price_one_at_a_time",
                expressions=[
                    ("variant", RangeOperators.EQUAL),
                    ("currency", RangeOperators.EQUAL),
                    (
                        TsTzRange("valid_from", "valid_until", RangeBoundary()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} {self.currency}"
