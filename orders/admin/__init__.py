"""The staff room: orders to ship, where they start, what that costs, promotions, reviews."""

from orders.admin.order import OrderAdmin
from orders.admin.origins import OriginAdmin, SellerWithOriginsAdmin
from orders.admin.promotions import PromotionAdmin, PromotionUseAdmin, TaxRateAdmin
from orders.admin.reviews import ReviewAdmin
from orders.admin.shipping import (
    CourierAreaAdmin,
    CourierServiceAdmin,
    RegionAdmin,
    ShippingRateAdmin,
    ShippingZoneAdmin,
)

__all__ = [
    "CourierAreaAdmin",
    "CourierServiceAdmin",
    "OrderAdmin",
    "OriginAdmin",
    "PromotionAdmin",
    "PromotionUseAdmin",
    "RegionAdmin",
    "ReviewAdmin",
    "SellerWithOriginsAdmin",
    "ShippingRateAdmin",
    "ShippingZoneAdmin",
    "TaxRateAdmin",
]
