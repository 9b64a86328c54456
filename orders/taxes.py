"""The taxes of a sale: by the country the goods go to, on the day of the sale."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from orders.models import TaxRate
from orders.pricing.basket import TaxRule


def taxes_for(*, country: str, sellers: Collection[int], at: datetime) -> tuple[TaxRule, ...]:
    """What these sellers, all registered for tax, owe on that day. No query without sellers."""
    if not sellers:
        return ()
    day = timezone.localdate(at)
    rates = TaxRate.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=day), country=country, valid_from__lte=day
    ).order_by("tax_class")
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
