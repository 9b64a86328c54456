"""What a cart costs now: read without locks for pages, and again at placement for the truth."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from catalog.models import Category
from catalog.waiting import Hold, holds_of
from orders.buyers import NOBODY, Buyer
from orders.goods import NOTHING_KNOWN, goods_of
from orders.models import Cart, CartLine
from orders.pricing.basket import Basket, Item, Parcel, RuleKind
from orders.pricing.engine import Calculation, Reason, compute
from orders.promotions.offers import Offers, offers_for
from orders.promotions.troubles import CouponTrouble, trouble_of
from orders.supplies import NOTHING, Supply, supplies_of
from orders.taxes import taxes_for
from shop.core.kept import Kept
from shop.core.money import Money


@dataclass(frozen=True, slots=True)
class PricedLine:
    """One line of a cart at today's price. `is_buyable` is False once it left the catalogue."""

    variant_pk: int
    variant_id: UUID
    product_pk: int
    seller_pk: int
    category_pk: int
    product_slug: str
    product_name: str
    variant_name: str
    sku: str
    weight_grams: int
    quantity: int
    unit_price: Money
    seen_price: Money
    supply: Supply
    is_on_sale: bool
    is_buyable: bool
    is_reduced: bool
    tax_class: str
    is_taxable: bool
    purchase_limit: int | None
    payment_minutes: int | None
    # What the queue holds for this cart alone; it is part of the supply.
    holds: tuple[Hold, ...] = ()

    @property
    def available(self) -> int:
        return self.supply.available if self.is_on_sale else 0

    @property
    def held_until(self) -> datetime | None:
        return self.holds[0].until if self.holds else None

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
class Discount:
    """`code` is empty for one that needs none."""

    label: str
    code: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Nudge:
    """`missing` of `minimum` is what the goods lack."""

    label: str
    missing: Money
    minimum: Money

    @property
    def reached(self) -> int:
        return self.minimum.minor - self.missing.minor


@dataclass(frozen=True, slots=True)
class PricedCart:
    """The lines, what is offered for them, what that makes; `with_parcels` adds the shipping."""

    token: UUID
    currency: str
    lines: list[PricedLine]
    offers: Offers
    basket: Basket
    calculation: Calculation

    @property
    def version(self) -> str:
        """The same for the same goods in the same quantities, and for no others."""
        goods = sorted((str(line.variant_id), line.quantity) for line in self.lines)
        return hashlib.blake2b(repr(goods).encode(), digest_size=12).hexdigest()

    @property
    def subtotal(self) -> Money:
        return sum((line.total for line in self.lines), Money(0, self.currency))

    @property
    def tax_added(self) -> Money:
        return self._money(self.calculation.tax_added_minor)

    @property
    def total(self) -> Money:
        """Of the goods, or of all where parcels are known."""
        return self._money(self.calculation.total_minor)

    @property
    def discounts(self) -> list[Discount]:
        """What each promotion takes off, in the order of the steps."""
        taken = self.calculation.taken_by()
        labels = {rule.promotion: rule for rule in self.basket.rules}
        return [
            Discount(labels[pk].label, labels[pk].code, self._money(amount))
            for pk, amount in taken.items()
        ]

    @property
    def nudges(self) -> list[Nudge]:
        """Free shipping that the goods nearly have reached: how much more it takes."""
        return [
            Nudge(no.rule.label, self._money(no.missing_minor), self._money(no.rule.minimum_minor))
            for no in self.calculation.refused
            if no.reason == Reason.MINIMUM
            and no.rule.kind == RuleKind.FREE_SHIPPING
            and not no.rule.code
        ]

    @property
    def coupon_trouble(self) -> CouponTrouble | None:
        """Why the cart's code takes nothing off; None where it does, or there is none."""
        if self.offers.trouble:
            return self.offers.trouble
        refused = [no for no in self.calculation.refused if no.rule.code]
        return trouble_of(refused[0], self.currency) if refused else None

    @property
    def coupon_discount(self) -> Money:
        taken = [step.amount_minor for step in self.calculation.steps if step.code]
        return self._money(-sum(taken))

    @property
    def item_count(self) -> int:
        return sum(line.quantity for line in self.lines)

    @property
    def has_problems(self) -> bool:
        return any(line.is_short or not line.is_buyable for line in self.lines)

    @property
    def weight_grams(self) -> int:
        return sum(line.weight_grams * line.quantity for line in self.lines)

    def _money(self, minor: int) -> Money:
        return Money(minor, self.currency)


def price_cart(
    *,
    cart: Cart,
    language: str,
    buyer: Buyer = NOBODY,
    country: str | None = None,
    at: datetime | None = None,
) -> PricedCart:
    """The cart's lines with names in the language, current prices and what is available; and what
    promotions, coupon and tax make of them.

    `buyer`: as far as known; limits per person hold from then on. Some ten queries, however many
    lines.
    """
    at = at or timezone.now()
    lines = _lines(cart, language=language, at=at)
    offers = offers_for(
        cart_token=cart.token,
        code=cart.coupon_code,
        currency=cart.currency,
        language=language,
        buyer=buyer,
        at=at,
    )
    taxable = {line.seller_pk for line in lines if line.is_taxable}
    taxes = taxes_for(country=country or settings.DEFAULT_COUNTRY, sellers=taxable, at=at)
    above = _above() if any(rule.categories for rule in offers.rules) else {}
    basket = Basket(
        currency=cart.currency,
        items=tuple(_item(line, above) for line in lines),
        rules=offers.rules,
        taxes=taxes,
        prices_include_tax=settings.PRICES_INCLUDE_TAX,
        rounding_step=settings.ROUND_TOTALS_TO.get(cart.currency, 1),
    )
    return PricedCart(
        token=cart.token,
        currency=cart.currency,
        lines=lines,
        offers=offers,
        basket=basket,
        calculation=compute(basket),
    )


def with_parcels(priced: PricedCart, parcels: Sequence[Parcel]) -> PricedCart:
    """The same cart once it is known what it costs to send."""
    basket = replace(priced.basket, parcels=tuple(parcels))
    return replace(priced, basket=basket, calculation=compute(basket))


def _lines(cart: Cart, *, language: str, at: datetime) -> list[PricedLine]:
    lines: list[CartLine] = _CART_LINES.fetch(cart=cart.pk)
    variants = [line.variant for line in lines]
    known = goods_of([v.pk for v in variants], currency=cart.currency, language=language, at=at)
    holds = holds_of(bearer=cart.token)
    supplies = supplies_of(
        [v.pk for v in variants], cart_token=cart.token, holds=chain(*holds.values())
    )
    priced = []
    for line in lines:
        variant, product = line.variant, line.variant.product
        goods = known.get(variant.pk, NOTHING_KNOWN)
        price = goods.price
        on_sale = variant.is_active and product.is_on_sale(at=at) and product.seller.is_active
        priced.append(
            PricedLine(
                variant_pk=variant.pk,
                variant_id=variant.public_id,
                product_pk=product.pk,
                seller_pk=product.seller_id,
                category_pk=product.category_id,
                product_slug=goods.slug,
                product_name=goods.name,
                variant_name=goods.label,
                sku=variant.sku,
                weight_grams=variant.weight_grams,
                quantity=line.quantity,
                unit_price=Money(
                    line.seen_price_minor if price is None else price.minor, cart.currency
                ),
                seen_price=Money(line.seen_price_minor, cart.currency),
                supply=supplies.get(variant.pk, NOTHING),
                holds=holds.get(variant.pk, ()),
                is_on_sale=on_sale,
                is_buyable=on_sale and price is not None,
                is_reduced=price is not None and price.is_reduced,
                tax_class=product.tax_class,
                is_taxable=product.seller.is_taxable,
                purchase_limit=product.purchase_limit,
                payment_minutes=product.payment_minutes,
            )
        )
    return priced


def _item(line: PricedLine, above: Mapping[int, tuple[int, ...]]) -> Item:
    return Item(
        product=line.product_pk,
        seller=line.seller_pk,
        label=f"{line.quantity} × {line.product_name}",
        unit_minor=line.unit_price.minor,
        quantity=line.quantity,
        categories=above.get(line.category_pk, (line.category_pk,)),
        is_reduced=line.is_reduced,
        tax_class=line.tax_class,
    )


def _above() -> dict[int, tuple[int, ...]]:
    """Category pk → itself and all above it."""
    parents = dict(Category.objects.values_list("pk", "parent_id"))

    def climb(pk: int | None) -> tuple[int, ...]:
        return () if pk is None else (pk, *climb(parents[pk]))

    return {pk: climb(pk) for pk in parents}


_CART_LINES = Kept(
    lambda *, cart: (
        CartLine.objects.filter(cart=cart)
        .select_related("variant__product__seller")
        .order_by("added_at", "pk")
    ),
    cart=-1,
)
