"""The staff room: orders to ship, what it costs to ship them, reviews to read."""

from orders.admin.order import OrderAdmin
from orders.admin.reviews import ReviewAdmin
from orders.admin.shipping import RegionAdmin, ShippingZoneAdmin

__all__ = ["OrderAdmin", "RegionAdmin", "ReviewAdmin", "ShippingZoneAdmin"]
