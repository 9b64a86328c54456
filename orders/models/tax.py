"""Taxes on sales, by country, class of goods and date."""

from datetime import date

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from catalog.models import TaxClass


class DateRange(Func):
    function = "DATERANGE"
    output_field = DateRangeField()


def default_country() -> str:
    return str(settings.DEFAULT_COUNTRY)


class TaxRate(models.Model):
    """`rate` percent of `base_numerator / base_denominator` of the price without tax.

    Indonesia's PPN since 2025 is 12 % of 11/12 of the price, but for luxury goods (PMK 131/2024).
    It is charged on what sellers who are registered for it sell (`Seller.is_taxable`).
    """

    country = models.CharField(
        _("country"),
        max_length=2,
        default=default_country,
        validators=[RegexValidator(r"^[A-Z]{2}$", _("Enter two capital letters, such as ID."))],
        help_text=_("Where the goods go: two capital letters (ISO 3166), such as ID."),
    )
    tax_class = models.CharField(
        _("class of goods"), max_length=20, choices=TaxClass.choices, default=TaxClass.STANDARD
    )
    name = models.CharField(_("name"), max_length=60)
    rate = models.DecimalField(_("percent"), max_digits=6, decimal_places=3)
    base_numerator = models.PositiveSmallIntegerField(_("part of the price"), default=1)
    base_denominator = models.PositiveSmallIntegerField(_("divided by"), default=1)
    valid_from = models.DateField(_("from"), default=date.today)
    valid_until = models.DateField(
        _("until"), null=True, blank=True, help_text=_("The first day on which it is no more.")
    )

    class Meta:
        verbose_name = _("tax rate")
        verbose_name_plural = _("tax rates")
        constraints = [
            models.CheckConstraint(
                condition=Q(rate__gte=0, base_numerator__gt=0, base_denominator__gt=0)
                & Q(base_numerator__lte=F("base_denominator")),
                name="tax_rate_amounts",
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")),
                name="tax_rate_period",
            ),
            ExclusionConstraint(
                name="tax_rate_one_at_a_time",
                expressions=[
                    ("country", RangeOperators.EQUAL),
                    ("tax_class", RangeOperators.EQUAL),
                    (DateRange("valid_from", "valid_until"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.rate.normalize():f} %"
