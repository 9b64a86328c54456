"""The staff room: orders to ship, and what it costs to ship them."""

from orders.admin.order import OrderAdmin
from orders.admin.shipping import RegionAdmin, ShippingZoneAdmin

__all__ = ["OrderAdmin", "RegionAdmin", "ShippingZoneAdmin"]
