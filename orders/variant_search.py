"""Variants by words of their product's name or by SKU, for staff who fill a cart for somebody."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from catalog.models import ProductTranslation, Variant
from orders.goods import goods_of
from orders.supplies import NOTHING, supplies_of
from shop.core.money import Money

MOST_FOUND = 12
MOST_WORDS = 6


@dataclass(frozen=True, slots=True)
class FoundVariant:
    variant_id: UUID
    name: str
    sku: str
    price: Money
    available: int


def search_variants(words: str, *, currency: str, language: str) -> Sequence[FoundVariant]:
    """What is for sale and has all the words in its name, or this SKU. Six queries at most."""
    typed = words.split()[:MOST_WORDS]
    if not typed:
        return []
    named = ProductTranslation.objects.all()
    for word in typed:
        named = named.filter(name__icontains=word)
    known_as = Q(product__in=named.values("product")) | Q(sku__istartswith=" ".join(typed))
    now = timezone.now()
    variants = [
        variant
        for variant in Variant.objects.filter(
            known_as, is_active=True, product__seller__is_active=True
        )
        .select_related("product")
        .order_by("product_id", "pk")[:MOST_FOUND]
        if variant.product.is_on_sale(at=now)
    ]
    pks = [variant.pk for variant in variants]
    known = goods_of(pks, currency=currency, language=language, at=now)
    stock = supplies_of(pks)
    return [
        FoundVariant(
            variant_id=variant.public_id,
            name=", ".join(filter(None, [goods.name, goods.label])),
            sku=variant.sku,
            price=Money(goods.price.minor, currency),
            available=stock.get(variant.pk, NOTHING).available,
        )
        for variant in variants
        if (goods := known[variant.pk]).price
    ]
