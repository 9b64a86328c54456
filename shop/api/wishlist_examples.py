"""Wishlists and alerts in the API's documentation: one shirt, cheaper than when it was kept."""

from drf_spectacular.utils import OpenApiExample

from shop.api.examples import VARIANT, money

WISHLIST = "9b1f6a52-7c0e-4d0b-8a57-0d1d5f6c7e21"

NEW_WISHLIST = OpenApiExample(
    "A new wishlist", {"token": WISHLIST}, response_only=True, status_codes=["201"]
)

KEPT_SHIRT = OpenApiExample(
    "One shirt, cheaper by now",
    {
        "token": WISHLIST,
        "lines": [
            {
                "slug": "kemeja-linen-ubud",
                "name": "Kemeja Linen Ubud",
                "product": {
                    "slug": "kemeja-linen-ubud",
                    "name": "Kemeja Linen Ubud",
                    "price": money(199_000),
                    "compare_at": money(259_000),
                    "price_varies": False,
                    "image": None,
                    "swatches": [{"name": "Terakota", "hex": "#b5593c"}],
                    "rating": {"average": 4.5, "count": 2},
                    "is_new": False,
                    "is_available": True,
                },
                "kept_price": money(259_000),
                "is_cheaper": True,
            }
        ],
    },
    response_only=True,
    status_codes=["200"],
)

WAITS_FOR_SHIRT = OpenApiExample(
    "Terracotta in M", {"variant": VARIANT, "email": "siti@example.com"}, request_only=True
)
