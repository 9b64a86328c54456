"""The limits of promotions: taken with an order, given back with it, never exceeded.

In all: one conditional UPDATE under a CHECK, as stock is taken. Per customer: a row for each turn
under a unique constraint. Both inside the order's transaction, before its stock.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from orders.buyers import Buyer, person
from orders.models import (
    BuyerKey,
    BuyerKeyKind,
    Coupon,
    Order,
    Promotion,
    PromotionUse,
    PromotionUser,
    PromotionUseState,
)
from orders.promotions.offers import Offers, limit_per_customer
from shop.core.errors import DomainError


class PromotionUsedUp(DomainError):
    """Somebody took the last use after the customer saw the total."""

    code = "coupon_used_up"
    message = _(
        "A discount has just been used up: “{label}”. Please check the new total and confirm again."
    )

    def __init__(self, label: str) -> None:
        super().__init__(f"used up: {label}", label=label)


@dataclass(frozen=True, slots=True)
class Uses:
    """Rows of an order that is about to be written."""

    uses: Sequence[PromotionUse] = ()
    users: Sequence[PromotionUser] = ()


def promotions_taken(taken: Mapping[int, int]) -> int:
    """How many uses an order will have: `taken` is promotion → what it takes off."""
    return sum(1 for amount in taken.values() if amount)


def take_uses(
    *, order: Order, taken: Mapping[int, int], offers: Offers, buyer: Buyer, keys: Sequence[int]
) -> Uses:
    """Count an order in all limits of the promotions it has; the caller writes the rows.

    `keys` are those of the rows; the caller holds the buyer (orders.buyers.hold). Raises
    PromotionUsedUp.
    """
    rules = {rule.promotion: rule for rule in offers.rules if taken.get(rule.promotion)}
    turns = _turns(set(rules) & set(offers.per_customer), buyer)
    uses, users = [], []
    for (pk, rule), key in zip(sorted(rules.items()), keys, strict=True):
        use = PromotionUse(pk=key, promotion_id=pk, order=order, amount_minor=taken[pk])
        use.coupon_id = offers.coupon_pk if rule.code else None
        uses.append(use)
        for mine in person(buyer) if pk in offers.per_customer else ():
            turn = _free(turns.get((pk, mine), set()), offers.per_customer[pk])
            if turn is None:
                raise PromotionUsedUp(rule.label)
            users.append(PromotionUser(promotion_id=pk, use=use, key=mine, turn=turn))
    _count_all(uses, offers)
    return Uses(uses, users)


def _count_all(uses: Sequence[PromotionUse], offers: Offers) -> None:
    """Count the uses in the limits in all, in the order of `_hold`. Raises PromotionUsedUp."""
    limited: list[tuple[PromotionUse, QuerySet[Promotion] | QuerySet[Coupon]]] = [
        (use, Promotion.objects.filter(pk=use.promotion_id))
        for use in uses
        if use.promotion_id in offers.limited
    ]
    if offers.limited_coupon:
        limited += [(use, Coupon.objects.filter(pk=use.coupon_id)) for use in uses if use.coupon_id]
    for use, one in limited:
        if not _count(one):
            labels = {rule.promotion: rule.label for rule in offers.rules}
            raise PromotionUsedUp(labels[use.promotion_id])


def _hold(*, promotions: Iterable[int], coupons: Iterable[int | None]) -> None:
    """Lock what is counted of these: the promotions first, then the coupons, each by their keys.

    For transactions that give back before they take, which otherwise would lock in any order.
    """
    for model, pks in ((Promotion, promotions), (Coupon, coupons)):
        given = {pk for pk in pks if pk is not None}
        counted = model._default_manager.filter(pk__in=given, max_uses__isnull=False)
        list(counted.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def _count(limited: QuerySet[Promotion] | QuerySet[Coupon]) -> bool:
    """Take one use, if one is left."""
    left = Q(max_uses=None) | Q(uses__lt=F("max_uses"))
    return bool(limited.filter(left).update(uses=F("uses") + 1))


def _turns(promotion_pks: Iterable[int], buyer: Buyer) -> dict[tuple[int, str], set[int]]:
    """(promotion, key) → the turns that are taken."""
    turns: dict[tuple[int, str], set[int]] = {}
    wanted = list(promotion_pks)
    if wanted:
        rows = PromotionUser.objects.filter(promotion__in=wanted, key__in=person(buyer))
        for pk, key, turn in rows.values_list("promotion_id", "key", "turn"):
            turns.setdefault((pk, key), set()).add(turn)
    return turns


def _free(turns: set[int], limit: int) -> int | None:
    return next((turn for turn in range(1, limit + 1) if turn not in turns), None)


def hold_uses(*, order_ids: Collection[int]) -> None:
    """Lock what is counted of these orders, before uses of one are given back for the other."""
    uses = list(PromotionUse.objects.filter(order__in=order_ids))
    if uses:
        _hold(
            promotions=[use.promotion_id for use in uses],
            coupons=[use.coupon_id for use in uses],
        )


def release_uses(*, order_id: int, retaking: Offers | None = None) -> None:
    """Give back what an order had of promotions, once. The caller holds the order's lock.

    `retaking`: of which the transaction takes uses for another order afterwards.
    """
    uses = list(
        PromotionUse.objects.filter(order=order_id, state=PromotionUseState.TAKEN).order_by(
            "promotion_id"
        )
    )
    if not uses:
        return
    retaken = retaking or Offers()
    _hold(
        promotions=[*retaken.limited, *(use.promotion_id for use in uses)],
        coupons=[retaken.coupon_pk, *(use.coupon_id for use in uses)],
    )
    PromotionUser.objects.filter(use__in=uses).delete()
    PromotionUse.objects.filter(pk__in=[use.pk for use in uses]).update(
        state=PromotionUseState.RELEASED
    )
    for use in uses:
        # Counted only while there is a limit.
        limited = Q(max_uses__isnull=False, uses__gt=0)
        Promotion.objects.filter(limited, pk=use.promotion_id).update(uses=F("uses") - 1)
        if use.coupon_id:
            Coupon.objects.filter(limited, pk=use.coupon_id).update(uses=F("uses") - 1)


def retake_uses(*, order_id: int) -> None:
    """The money of an order came after its uses were given back: what is left is taken again.

    Its price is kept either way, since it was paid; what is used up meanwhile counts as late.
    """
    rows = PromotionUse.objects.filter(order=order_id, state=PromotionUseState.RELEASED)
    released = list(rows.select_related("promotion").order_by("promotion_id"))
    _hold(
        promotions=[use.promotion_id for use in released],
        coupons=[use.coupon_id for use in released],
    )
    buyer = {row.kind: row.key for row in BuyerKey.objects.filter(order=order_id)}
    for use in released:
        is_taken = _retake(use, {BuyerKeyKind(kind): key for kind, key in buyer.items()})
        use.state = PromotionUseState.TAKEN if is_taken else PromotionUseState.LATE
        use.save(update_fields=["state"])


def _retake(use: PromotionUse, buyer: Buyer) -> bool:
    limit = limit_per_customer(use.promotion)
    if limit is not None:
        turns = _turns([use.promotion_id], buyer)
        free = {
            key: _free(turns.get((use.promotion_id, key), set()), limit) for key in person(buyer)
        }
        if None in free.values():
            return False
        PromotionUser.objects.bulk_create(
            PromotionUser(promotion_id=use.promotion_id, use=use, key=key, turn=turn or 1)
            for key, turn in free.items()
        )
    if not _count(Promotion.objects.filter(pk=use.promotion_id)):
        return _undo_turns(use)
    if use.coupon_id and not _count(Coupon.objects.filter(pk=use.coupon_id)):
        Promotion.objects.filter(pk=use.promotion_id).update(uses=F("uses") - 1)
        return _undo_turns(use)
    return True


def _undo_turns(use: PromotionUse) -> bool:
    PromotionUser.objects.filter(use=use).delete()
    return False


@transaction.atomic
def recount(*, promotion_id: int) -> None:
    """Count anew what has been used: a limit was set that was not counted towards before."""
    taken = PromotionUse.objects.filter(state=PromotionUseState.TAKEN)
    Promotion.objects.select_for_update(no_key=True).get(pk=promotion_id)
    Promotion.objects.filter(pk=promotion_id).update(
        uses=taken.filter(promotion=promotion_id).count()
    )
    for coupon in Coupon.objects.select_for_update(no_key=True).filter(promotion=promotion_id):
        Coupon.objects.filter(pk=coupon.pk).update(uses=taken.filter(coupon=coupon).count())
