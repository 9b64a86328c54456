"""The staff room: orders to ship, where they start, what it costs to ship them, reviews to read."""

from orders.admin.order import OrderAdmin
from orders.admin.origins import OriginAdmin, SellerWithOriginsAdmin
from orders.admin.reviews import ReviewAdmin
from orders.admin.shipping import RegionAdmin, ShippingZoneAdmin

__all__ = [
    "OrderAdmin",
    "OriginAdmin",
    "RegionAdmin",
    "ReviewAdmin",
    "SellerWithOriginsAdmin",
    "ShippingZoneAdmin",
]
