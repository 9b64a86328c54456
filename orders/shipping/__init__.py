"""What it costs to send a cart: parcels, who says the price, and what the customer may choose.

docs/shipping.md tells how the prices come about.
"""

from orders.places import Destination
from orders.shipping.parcels import Parcel, carried_over, split_into_parcels
from orders.shipping.quoting import (
    CourierChanged,
    GroupQuote,
    NoShipping,
    ShippingNotOffered,
    chosen,
    quote_shipping,
)
from orders.shipping.rates import ShippingOption

__all__ = [
    "CourierChanged",
    "Destination",
    "GroupQuote",
    "NoShipping",
    "Parcel",
    "ShippingNotOffered",
    "ShippingOption",
    "carried_over",
    "chosen",
    "quote_shipping",
    "split_into_parcels",
]
