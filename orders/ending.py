"""What higher apps do in the transaction in which an order ends unpaid."""

from collections.abc import Callable

from orders.models import Order

Listener = Callable[[Order], object]
_listeners: list[Listener] = []


def register_ended(listener: Listener) -> None:
    """For who has taken something for an order; called from `AppConfig.ready`."""
    if listener not in _listeners:
        _listeners.append(listener)


def ended_unpaid(order: Order) -> None:
    """After its coupons and before its stock, in the order of locks; the order is locked."""
    for listener in _listeners:
        listener(order)
