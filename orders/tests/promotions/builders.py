from typing import Any

from orders.models import Cart, Coupon, Promotion, PromotionKind, PromotionTranslation


def make_promotion(label: str = "Hemat", **fields: Any) -> Promotion:
    """Ten percent off everything, without a code, unless said otherwise."""
    values: dict[str, Any] = {
        "name": label,
        "kind": PromotionKind.PERCENTAGE,
        "percent": 10,
        "needs_code": False,
        "currency": "IDR",
    }
    promotion = Promotion.objects.create(**values | fields)
    PromotionTranslation.objects.create(promotion=promotion, language="id", label=label)
    return promotion


def make_coupon(code: str = "HALO10", *, max_uses: int | None = None, **fields: Any) -> Coupon:
    """A code for a promotion of its own, ten percent unless said otherwise."""
    promotion = make_promotion(code.title(), needs_code=True, **fields)
    return Coupon.objects.create(promotion=promotion, code=code, max_uses=max_uses)


def with_code(cart: Cart, code: str = "HALO10") -> Cart:
    Cart.objects.filter(pk=cart.pk).update(coupon_code=code)
    cart.refresh_from_db()
    return cart
