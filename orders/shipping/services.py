"""What the merchant makes of a courier API's services: which are offered, and at what fee."""

from dataclasses import replace
from typing import Self

from orders.models import CourierService
from orders.shipping.rates import Rates, ShippingOption
from shop.core.money import Money


class Offered:
    """A service has its own row, or that of its courier, or none: then it is offered as it is."""

    def __init__(self, rows: dict[str, CourierService]) -> None:
        self._rows = rows

    @classmethod
    def load(cls) -> Self:
        """One query."""
        rows = CourierService.objects.all()
        return cls({f"{row.courier}:{row.service}".lower(): row for row in rows})

    def of(self, rates: Rates) -> Rates:
        found = (self._as_offered(option) for option in rates.options)
        return Rates(tuple(option for option in found if option is not None))

    def _as_offered(self, option: ShippingOption) -> ShippingOption | None:
        row = self._rows.get(option.code) or self._rows.get(f"{option.courier}:".lower())
        if row is None:
            return option
        if not row.is_active:
            return None
        fee = Money(row.fee_minor, option.amount.currency)
        name = row.name if row.service and row.name else option.name
        return replace(option, amount=option.amount + fee, name=name)
