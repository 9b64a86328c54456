from orders.models.cart import Cart, CartLine
from orders.models.fulfilment import FulfilmentGroup, Shipment, ShipmentLine, ShipmentStatus
from orders.models.order import (
    ORDER_TRANSITIONS,
    Adjustment,
    Order,
    OrderContact,
    OrderEvent,
    OrderLine,
    OrderStatus,
)
from orders.models.shipping import Region, ShippingRate, ShippingZone

__all__ = [
    "ORDER_TRANSITIONS",
    "Adjustment",
    "Cart",
    "CartLine",
    "FulfilmentGroup",
    "Order",
    "OrderContact",
    "OrderEvent",
    "OrderLine",
    "OrderStatus",
    "Region",
    "Shipment",
    "ShipmentLine",
    "ShipmentStatus",
    "ShippingRate",
    "ShippingZone",
]
