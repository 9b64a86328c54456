"""What took something off an order's total, for pages and mails."""

from dataclasses import dataclass

from django import template

from orders.models import Adjustment, Order

register = template.Library()


@dataclass(slots=True)
class Discount:
    """All that one promotion took off; `code` is empty for one that needed none."""

    label: str
    code: str
    amount_minor: int = 0


@register.filter
def discounts(order: Order) -> list[Discount]:
    """One for each promotion, in the order of the steps."""
    found: dict[tuple[int | None, str], Discount] = {}
    kinds = {Adjustment.Kind.PROMOTION, Adjustment.Kind.COUPON}
    for step in sorted(order.adjustments.all(), key=lambda step: step.step):
        if step.kind in kinds:
            one = found.setdefault((step.promotion_id, step.code), Discount(step.label, step.code))
            one.amount_minor -= step.amount_minor
    return list(found.values())
