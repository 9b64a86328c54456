"""How an order was paid: known to a higher app, which registers itself here."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from orders.models import Order
from shop.core.money import Money


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that came; `method` in the active language."""

    method: str
    at: datetime
    amount: Money


Source = Callable[[Order], list[Payment]]
_sources: list[Source] = []


def register_payments(source: Source) -> None:
    """Called from `AppConfig.ready`."""
    if source not in _sources:
        _sources.append(source)


def payments_of(order: Order) -> list[Payment]:
    return [payment for source in _sources for payment in source(order)]
