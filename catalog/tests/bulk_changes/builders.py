"""Changing many at once, as tests do it: seen and done in one go."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from catalog.bulk_changes import Edit, PriceEdit, PriceMove, apply_change, plan_change
from catalog.inventory import commit_reservation, reserve
from catalog.models import BulkChange, Price, Product, StockItem, Variant
from catalog.tests.editing.pages import make_staff


def lower(percent: int, **fields: Any) -> PriceEdit:
    return PriceEdit("IDR", PriceMove.PERCENT, percent=Decimal(-percent), **fields)


def set_price(amount: int, **fields: Any) -> PriceEdit:
    return PriceEdit("IDR", PriceMove.SET, amount_minor=amount, **fields)


def seen(edit: Edit, *products: Product) -> str:
    """The fingerprint of what staff is shown now."""
    return plan_change(product_pks=[product.pk for product in products], edit=edit).fingerprint


def do(
    edit: Edit, *products: Product, fingerprint: str = "", leave_out_refused: bool = False
) -> BulkChange:
    """The change as staff saw it a moment ago, or when they had that fingerprint."""
    return apply_change(
        token=uuid4(),
        product_pks=[product.pk for product in products],
        edit=edit,
        fingerprint=fingerprint or seen(edit, *products),
        summary="Everything else",
        reason="counted",
        actor_id=make_staff().pk,
        leave_out_refused=leave_out_refused,
    )


def price_of(variant: Variant, *, at: datetime | None = None) -> tuple[int, int | None] | None:
    """(amount, compare at), as it holds now or then."""
    at = at or timezone.now()
    for price in Price.objects.filter(variant=variant, valid_from__lte=at):
        if price.valid_until is None or price.valid_until > at:
            return price.amount_minor, price.compare_at_minor
    return None


def claim(variant: Variant, units: int) -> UUID:
    """Somebody has placed an order for so many and not paid yet. Returns the holder."""
    holder = uuid4()
    item = StockItem.objects.get(variant=variant)
    with transaction.atomic():
        reserve(
            holder=holder,
            quantities={item.pk: units},
            until=timezone.now() + timedelta(hours=1),
        )
    return holder


def sell(variant: Variant, units: int) -> None:
    commit_reservation(holder=claim(variant, units))
