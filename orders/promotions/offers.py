"""The rules that hold for a cart now: automatic promotions, and the one its coupon gives."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Model, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Cast, Coalesce, JSONObject

from orders.buyers import Buyer, person
from orders.models import (
    BuyerKey,
    Coupon,
    OrderStatus,
    Promotion,
    PromotionTier,
    PromotionTranslation,
    PromotionUse,
    PromotionUser,
    PromotionUseState,
)
from orders.pricing.basket import Rule, RuleKind, Tier
from orders.promotions.troubles import CouponTrouble, Trouble
from shop.core.kept import Kept

NO_PROMOTION = 0


@dataclass(frozen=True, slots=True)
class Offers:
    """The rules in the order of their application. `trouble`: why the cart's code gives none.

    `limited` and `per_customer` are the promotions with such limits, `limited_coupon` says it of
    the cart's coupon.
    """

    rules: tuple[Rule, ...] = ()
    code: str = ""
    trouble: CouponTrouble | None = None
    coupon_pk: int | None = None
    limited_coupon: bool = False
    limited: frozenset[int] = frozenset()
    per_customer: Mapping[int, int] = field(default_factory=dict)


def offers_for(
    *, cart_token: UUID, code: str, currency: str, language: str, buyer: Buyer, at: datetime
) -> Offers:
    """What holds for a cart with this code, as far as its buyer is known.

    One query; one more with a code, and up to three where there are limits.
    """
    coupon = Coupon.objects.select_related("promotion").filter(code=code).first() if code else None
    running = _DESCRIBED.fetch(
        also=coupon.promotion_id if coupon else NO_PROMOTION,
        currency=currency,
        language=language,
        at=at,
    )
    spent = _spent(running, coupon, cart_token, buyer)
    trouble = _trouble(coupon, spent, currency=currency, at=at) if code else None
    rules = [
        _rule(promotion, code if promotion.needs_code else "")
        for promotion in running
        if promotion.pk not in spent and not (promotion.needs_code and trouble)
    ]
    return Offers(
        rules=tuple(rules),
        code=code,
        trouble=trouble,
        coupon_pk=coupon.pk if coupon else None,
        limited_coupon=coupon is not None and coupon.max_uses is not None,
        limited=frozenset(one.pk for one in running if one.max_uses is not None),
        per_customer=_limits(running),
    )


def _limits(running: Sequence[Promotion]) -> dict[int, int]:
    return {one.pk: limit for one in running if (limit := limit_per_customer(one)) is not None}


def _described(*, also: int, currency: str, language: str, at: datetime) -> "QuerySet[Any]":
    """Promotions with all that their rules need, automatic ones first; `also` is the coupon's."""
    wanted = Q(needs_code=False) | Q(pk=also)
    labels = PromotionTranslation.objects.filter(promotion=OuterRef("pk")).values("label")
    tiers = PromotionTier.objects.filter(promotion=OuterRef("pk"))
    amounts = {name: name for name in ("from_quantity", "from_minor", "amount_minor")}
    return (
        Promotion.objects.running(at=at)
        .filter(wanted, currency=currency)
        .annotate(
            label=Coalesce(
                Subquery(labels.filter(language=language)[:1]),
                Subquery(labels.order_by("language")[:1]),
                "name",
            ),
            product_pks=_keys_of(Promotion.products.through, "product_id"),
            category_pks=_keys_of(Promotion.categories.through, "category_id"),
            tier_rows=ArraySubquery(
                tiers.order_by("from_minor", "from_quantity").values(
                    row=JSONObject(**amounts, percent=Cast("percent", TextField()))
                )
            ),
        )
        .order_by("needs_code", "priority", "pk")
    )


_DESCRIBED = Kept(
    _described,
    also=-1,
    currency="a currency",
    language="a language",
    at=datetime(1999, 1, 1, tzinfo=UTC),
)


def _keys_of(through: type[Model], column: str) -> ArraySubquery:
    rows = through._default_manager.filter(promotion_id=OuterRef("pk"))
    return ArraySubquery(rows.order_by(column).values(column))


def _rule(promotion: Any, code: str) -> Rule:
    """A promotion as the engine knows it; `promotion` is one of `_described`."""
    return Rule(
        promotion=promotion.pk,
        kind=RuleKind(promotion.kind),
        label=promotion.label,
        code=code,
        combines=promotion.combines,
        minimum_minor=promotion.minimum_minor,
        percent=f"{promotion.percent.normalize():f}",
        amount_minor=promotion.amount_minor,
        max_discount_minor=promotion.max_discount_minor,
        buy=promotion.buy,
        get=promotion.get,
        tiers=tuple(Tier(**row) for row in promotion.tier_rows),
        products=tuple(promotion.product_pks),
        categories=tuple(promotion.category_pks),
        excludes_reduced=promotion.excludes_reduced,
    )


def _spent(
    running: Sequence[Promotion], coupon: Coupon | None, cart_token: UUID, buyer: Buyer
) -> dict[int, Trouble]:
    """Promotion → why this buyer cannot have it any more. An unpaid order that placing this cart
    again would supersede does not count."""
    own = _own_uses(cart_token) if _may_be_used_up(running, coupon) else {}
    spent = {
        promotion.pk: Trouble.USED_UP
        for promotion in running
        if promotion.pk not in own and is_used_up(promotion)
    }
    # A promotion may have many codes: what the earlier order gives back is a use of its own code.
    if coupon is not None and coupon.pk not in own.values() and is_used_up(coupon):
        spent[coupon.promotion_id] = Trouble.USED_UP
    limited = _limits(running)
    if buyer and limited:
        turns = turns_taken(limited, buyer, but_of_cart=cart_token)
        for pk, limit in limited.items():
            if turns.get(pk, 0) >= limit:
                spent[pk] = Trouble.USED_BY_YOU
    first_only = [promotion.pk for promotion in running if promotion.first_order_only]
    if buyer and first_only and has_bought(buyer):
        spent |= dict.fromkeys(first_only, Trouble.NOT_FIRST_ORDER)
    return spent


def is_used_up(limited: Promotion | Coupon) -> bool:
    return limited.max_uses is not None and limited.uses >= limited.max_uses


def limit_per_customer(promotion: Promotion) -> int | None:
    """A first order is had once, also by somebody who places two at the same moment."""
    return 1 if promotion.first_order_only else promotion.max_uses_per_customer


def _may_be_used_up(running: Sequence[Promotion], coupon: Coupon | None) -> bool:
    return any(map(is_used_up, running)) or (coupon is not None and is_used_up(coupon))


def _own_uses(cart_token: UUID) -> dict[int, int | None]:
    """Promotion → coupon of what the cart's unpaid order would give back."""
    rows = PromotionUse.objects.filter(
        order__cart_token=cart_token,
        order__status=OrderStatus.PENDING,
        state=PromotionUseState.TAKEN,
    )
    return dict(rows.values_list("promotion_id", "coupon_id"))


def turns_taken(
    promotion_pks: Iterable[int], buyer: Buyer, *, but_of_cart: UUID | None = None
) -> dict[int, int]:
    """Promotion → the uses of whichever of the buyer's keys has most."""
    rows = PromotionUser.objects.filter(promotion__in=list(promotion_pks), key__in=person(buyer))
    if but_of_cart is not None:
        own = Q(use__order__cart_token=but_of_cart, use__order__status=OrderStatus.PENDING)
        rows = rows.exclude(own)
    turns: dict[int, int] = {}
    for pk, number in (
        rows.values("promotion", "key")
        .annotate(number=Count("pk"))
        .values_list("promotion", "number")
    ):
        turns[pk] = max(turns.get(pk, 0), number)
    return turns


def has_bought(buyer: Buyer) -> bool:
    """Whether an order of this person was ever paid."""
    paid = [OrderStatus.CONFIRMED, OrderStatus.CLOSED]
    return BuyerKey.objects.filter(key__in=person(buyer), order__status__in=paid).exists()


def _trouble(
    coupon: Coupon | None, spent: dict[int, Trouble], *, currency: str, at: datetime
) -> CouponTrouble | None:
    """Why the code gives nothing, whatever is in the cart."""
    if coupon is None:
        return CouponTrouble(Trouble.UNKNOWN)
    promotion = coupon.promotion
    over = promotion.valid_until is not None and promotion.valid_until <= at
    if over or not (promotion.is_active and coupon.is_active):
        return CouponTrouble(Trouble.ENDED)
    if promotion.valid_from > at:
        return CouponTrouble(Trouble.NOT_YET, since=promotion.valid_from)
    if promotion.currency != currency:
        return CouponTrouble(Trouble.OTHER_CURRENCY)
    reason = spent.get(promotion.pk)
    return CouponTrouble(reason) if reason else None
