"""The taxes of a sale: by the country the goods go to, on the day of the sale."""

from collections.abc import Collection
from datetime import date, datetime

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog.models import Product, TaxClass
from orders.models import TaxRate
from orders.pricing.basket import TaxRule


def untaxed_classes() -> list[str]:
    """The names of classes of goods that registered sellers sell at home without a rate today.

    Not the exempt, which are meant to have none.
    """
    sold = Product.objects.filter(seller__is_taxable=True, is_published=True).exclude(
        tax_class=TaxClass.EXEMPT
    )
    country, day = settings.DEFAULT_COUNTRY, timezone.localdate()
    rated = _rates(country=country, day=day).values("tax_class")
    missing = sold.exclude(tax_class__in=rated).order_by("tax_class").distinct()
    # A class of before there was a choice of them goes by what it was called.
    labels = dict(TaxClass.choices)
    found = missing.values_list("tax_class", flat=True)
    return [str(labels.get(name, name)) for name in found]


def taxes_for(*, country: str, sellers: Collection[int], at: datetime) -> tuple[TaxRule, ...]:
    """What these sellers, all registered for tax, owe on that day. No query without sellers."""
    if not sellers:
        return ()
    day = timezone.localdate(at)
    rates = _rates(country=country, day=day).order_by("tax_class")
    return tuple(
        TaxRule(
            label=rate.name,
            rate=f"{rate.rate.normalize():f}",
            base=f"{rate.base_numerator}/{rate.base_denominator}",
            tax_class=rate.tax_class,
            sellers=tuple(sorted(sellers)),
        )
        for rate in rates
    )


def _rates(*, country: str, day: date) -> QuerySet[TaxRate]:
    return TaxRate.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=day), country=country, valid_from__lte=day
    )
