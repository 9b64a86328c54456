"""Orders whose goods stay here for now, for a reason that a higher app knows."""

from collections.abc import Callable, Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orders.models import Order
from shop.core.errors import DomainError

# Order pks → why those of them that are held back are.
Reasons = Callable[[Sequence[int]], Mapping[int, str | Promise]]
_registered: list[Reasons] = []


class HeldBack(DomainError):
    code = "held_back"
    message = _("The goods of this order stay here for now: {reason}")

    def __init__(self, reason: str | Promise) -> None:
        super().__init__(str(reason), reason=reason)


def register_reasons(reasons: Reasons) -> None:
    """Called from `AppConfig.ready`."""
    if reasons not in _registered:
        _registered.append(reasons)


def held_back(order_pks: Sequence[int]) -> dict[int, str | Promise]:
    """Why each of them that is held back is."""
    return {pk: why for reasons in _registered for pk, why in reasons(order_pks).items()}


def require_free(order: Order) -> None:
    """Raises HeldBack."""
    if reason := held_back([order.pk]).get(order.pk):
        raise HeldBack(reason)
