"""What a cart costs now: read without locks for pages, and again at placement for the truth."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F, Max, Q
from django.utils import timezone

from catalog.models import Price, ProductTranslation, StockItem, Variant, VariantValue
from orders.models import Cart
from shop.core.money import Money


@dataclass(frozen=True, slots=True)
class PricedLine:
    """One line of a cart at today's price. `is_buyable` is False once it left the catalogue."""

    variant_pk: int
    variant_id: UUID
    product_pk: int
    seller_pk: int
    product_slug: str
    product_name: str
    variant_name: str
    sku: str
    weight_grams: int
    quantity: int
    unit_price: Money
    seen_price: Money
    available: int
    is_buyable: bool

    @property
    def total(self) -> Money:
        return self.unit_price * self.quantity

    @property
    def price_changed(self) -> bool:
        return self.unit_price != self.seen_price

    @property
    def is_short(self) -> bool:
        """Whether there is less of it than the customer wants."""
        return self.available < self.quantity


@dataclass(frozen=True, slots=True)
class PricedCart:
    token: UUID
    currency: str
    lines: list[PricedLine]

    @property
    def subtotal(self) -> Money:
        return sum((line.total for line in self.lines), Money(0, self.currency))

    @property
    def item_count(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def has_problems(self) -> bool:
        return any(line.is_short or not line.is_buyable for line in self.lines)

    @property
    def weight_grams(self) -> int:
        return sum(line.weight_grams * line.quantity for line in self.lines)


def price_cart(*, cart: Cart, language: str, at: datetime | None = None) -> PricedCart:
    """The cart's lines with names in the language, current prices and what is available.

    Six queries, however many lines.
    """
    at = at or timezone.now()
    lines = list(cart.lines.select_related("variant__product__seller").order_by("added_at", "pk"))
    variants = [line.variant for line in lines]
    prices = current_prices([v.pk for v in variants], currency=cart.currency, at=at)
    names = product_names([v.product_id for v in variants], language=language)
    labels = variant_names([v.pk for v in variants], language=language)
    stock = available_units([v.pk for v in variants])
    priced = []
    for line in lines:
        variant, product = line.variant, line.variant.product
        name, slug = names.get(product.pk, ("", ""))
        price = prices.get(variant.pk)
        on_sale = variant.is_active and product.is_on_sale(at=at) and product.seller.is_active
        priced.append(
            PricedLine(
                variant_pk=variant.pk,
                variant_id=variant.public_id,
                product_pk=product.pk,
                seller_pk=product.seller_id,
                product_slug=slug,
                product_name=name,
                variant_name=labels.get(variant.pk, ""),
                sku=variant.sku,
                weight_grams=variant.weight_grams,
                quantity=line.quantity,
                unit_price=Money(line.seen_price_minor if price is None else price, cart.currency),
                seen_price=Money(line.seen_price_minor, cart.currency),
                available=stock.get(variant.pk, 0) if on_sale else 0,
                is_buyable=on_sale and price is not None,
            )
        )
    return PricedCart(token=cart.token, currency=cart.currency, lines=priced)


def current_prices(variant_pks: Iterable[int], *, currency: str, at: datetime) -> dict[int, int]:
    """Variant pk → price in minor units, for those that have one now."""
    return dict(
        Price.objects.filter(
            Q(valid_until=None) | Q(valid_until__gt=at),
            variant__in=list(variant_pks),
            currency=currency,
            valid_from__lte=at,
        ).values_list("variant_id", "amount_minor")
    )


def available_units(variant_pks: Iterable[int]) -> dict[int, int]:
    """Variant pk → units that one order line can have: a line is never split between places."""
    return dict(
        StockItem.objects.filter(variant__in=list(variant_pks))
        .values("variant_id")
        .annotate(available=Max(F("on_hand") - F("reserved")))
        .values_list("variant_id", "available")
    )


def product_names(product_pks: Iterable[int], *, language: str) -> dict[int, tuple[str, str]]:
    """Product pk → (name, slug), in the language or, where that is missing, in any other."""
    rows = ProductTranslation.objects.filter(product__in=list(product_pks)).values_list(
        "product_id", "language", "name", "slug"
    )
    # The wanted language comes last and so overwrites.
    ordered = sorted(rows, key=lambda row: row[1] == language)
    return {pk: (name, slug) for pk, _language, name, slug in ordered}


def variant_names(variant_pks: Iterable[int], *, language: str) -> dict[int, str]:
    """Variant pk → `Terakota, M`: its values in the order a customer chooses them."""
    rows = (
        VariantValue.objects.filter(variant__in=list(variant_pks))
        .order_by("option__position", "option_id")
        .values_list(
            "variant_id", "value_id", "value__translations__language", "value__translations__name"
        )
    )
    names: dict[int, dict[int, str]] = {}
    for variant_pk, value_pk, row_language, name in rows:
        values = names.setdefault(variant_pk, {})
        if value_pk not in values or row_language == language:
            values[value_pk] = name or ""
    return {pk: ", ".join(filter(None, values.values())) for pk, values in names.items()}


def buyable_variant(variant_id: UUID, *, at: datetime) -> Variant | None:
    """The variant behind a public id, if customers may buy it now."""
    variant = (
        Variant.objects.select_related("product__seller")
        .filter(public_id=variant_id, is_active=True, product__seller__is_active=True)
        .first()
    )
    return variant if variant and variant.product.is_on_sale(at=at) else None
