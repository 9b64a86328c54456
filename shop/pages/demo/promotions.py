"""What the sample boutique takes off: free shipping from an amount on, and a code for newcomers."""

from typing import NotRequired, TypedDict

from orders.models import Coupon, Promotion, PromotionTranslation


class Offer(TypedDict):
    """Amounts are minor units of the shop's currency; without a code it applies by itself."""

    name: str
    labels: dict[str, str]
    kind: str
    code: str
    percent: NotRequired[str]
    minimum_minor: NotRequired[int]
    max_discount_minor: NotRequired[int]
    first_order_only: NotRequired[bool]


def load_promotions(offers: list[Offer], *, currency: str) -> bool:
    """Fill a shop without promotions; returns whether it was one."""
    if Promotion.objects.exists():
        return False
    for offer in offers:
        promotion = Promotion.objects.create(
            name=offer["name"],
            kind=offer["kind"],
            needs_code=bool(offer["code"]),
            currency=currency,
            percent=offer.get("percent", "0"),
            minimum_minor=offer.get("minimum_minor", 0),
            max_discount_minor=offer.get("max_discount_minor", 0),
            first_order_only=offer.get("first_order_only", False),
        )
        PromotionTranslation.objects.bulk_create(
            PromotionTranslation(promotion=promotion, language=language, label=label)
            for language, label in offer["labels"].items()
        )
        if offer["code"]:
            Coupon.objects.create(promotion=promotion, code=offer["code"])
    return True
