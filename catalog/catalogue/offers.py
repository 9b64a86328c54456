"""What is on display and at which price: the one place that knows when a product is offered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from catalog.models import Price, Product

# So many or more: nobody is told how many. Pages are kept, and only below this number each sale is
# told (catalog_stockitem_update_listing in listing_sources.sql).
MANY = 6


@dataclass(frozen=True, slots=True)
class Offer:
    """An active variant with its price now. `available` may be zero: sold out is still shown."""

    variant_pk: int
    public_id: UUID
    sku: str
    weight_grams: int
    price_minor: int
    compare_at_minor: int | None
    available: int


def prices_now(*, currency: str, at: datetime) -> QuerySet[Price]:
    """The prices of active variants that hold at that time; at most one for each variant."""
    return Price.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=at),
        valid_from__lte=at,
        currency=currency,
        variant__is_active=True,
    )


def on_display(*, currency: str, at: datetime) -> QuerySet[Product]:
    """Products on sale with at least one variant that has a price in the currency."""
    priced = prices_now(currency=currency, at=at).filter(variant__product=OuterRef("pk"))
    return Product.objects.on_sale(at=at).filter(Exists(priced))


def offers_of(product_pks: Iterable[int], *, currency: str, at: datetime) -> dict[int, list[Offer]]:
    """Product pk → its offers in the order that staff gave them. One query."""
    rows = (
        prices_now(currency=currency, at=at)
        .filter(variant__product__in=list(product_pks))
        .annotate(
            available=Coalesce(
                Sum(F("variant__stock_items__on_hand") - F("variant__stock_items__reserved")), 0
            )
        )
        .order_by("variant__position", "variant_id")
        .values_list(
            "variant__product_id",
            "variant_id",
            "variant__public_id",
            "variant__sku",
            "variant__weight_grams",
            "amount_minor",
            "compare_at_minor",
            "available",
        )
    )
    offers: dict[int, list[Offer]] = {}
    for product_pk, *fields in rows:
        offers.setdefault(product_pk, []).append(Offer(*fields))
    return offers
