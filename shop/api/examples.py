"""The main path in the API's documentation: one shirt, delivered in Jakarta, paid with DANA."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

VERSION = "3f6a0d52c1b94e77a8d0e4c2"
CART = "5d0c5c9e-6b0f-4a55-9d5c-2f1f0f8f9a11"
VARIANT = "0f5f3a0e-3f4e-4b57-8f0a-6a2b4c1d7e90"
REGION = "31.74.03.1002"
TOKEN = "hV3mX0sJ1QyqT7w9b2LkRr5cZ8nD4eGa"  # noqa: S105 - of an example


def money(amount: int) -> dict[str, Any]:
    return {
        "amount": amount,
        "currency": "IDR",
        "formatted": "Rp" + f"{amount:,}".replace(",", "."),
    }


_LINE = {
    "variant": VARIANT,
    "quantity": 1,
    "unit_price": money(149_000),
    "total": money(149_000),
}

NEW_CART = OpenApiExample("A new cart", {"token": CART}, response_only=True, status_codes=["201"])

ONE_SHIRT = OpenApiExample("One of it", {"quantity": 1}, request_only=True)

FILLED_CART = OpenApiExample(
    "One shirt",
    {
        "token": CART,
        "version": VERSION,
        "lines": [
            _LINE
            | {
                "product": {"slug": "kemeja-linen-ubud", "name": "Kemeja Linen Ubud"},
                "variant_name": "Terakota, M",
                "image": None,
                "seen_price": money(149_000),
                "price_changed": False,
                "available": 6,
                "is_short": False,
                "is_buyable": True,
                "held_until": None,
            }
        ],
        "subtotal": money(149_000),
        "discounts": [{"label": "Selamat datang", "code": "HALO10", "amount": money(14_900)}],
        "coupon": {"code": "HALO10", "discount": money(14_900), "trouble": None},
        "nudges": [{"label": "Gratis ongkir", "missing": money(51_000), "minimum": money(200_000)}],
        "total": money(134_100),
        "item_count": 1,
        "has_problems": False,
    },
    response_only=True,
    status_codes=["200"],
)

COUPON = OpenApiExample("A code", {"code": "HALO10"}, request_only=True)

DESTINATION = OpenApiExample(
    "To Jakarta",
    {"address": {"region": REGION, "country": "ID", "postal_code": "12730"}},
    request_only=True,
)

REGIONS = OpenApiExample(
    "After `q=bangka mampang`",
    {
        "results": [
            {
                "code": REGION,
                "name": "Bangka",
                "level": "village",
                "path": "Bangka, Mampang Prapatan, Kota Administrasi Jakarta Selatan, DKI Jakarta",
            }
        ]
    },
    response_only=True,
    status_codes=["200"],
)

_TOTALS = {
    "subtotal": money(149_000),
    "discount": money(0),
    "shipping": money(18_000),
    "shipping_discount": money(0),
    "tax": money(0),
    "tax_added": money(0),
    "rounding": money(0),
    "total": money(167_000),
}

QUOTES = OpenApiExample(
    "One parcel",
    {
        "groups": [
            {
                "group": "1-1",
                "seller_name": "RONA",
                "ships_from": "Kota Pekalongan",
                "weight_grams": 300,
                "options": [
                    {
                        "option": "jne:reg",
                        "courier": "JNE",
                        "service": "REG",
                        "name": "JNE Reguler",
                        "amount": money(18_000),
                        "eta_min_days": 2,
                        "eta_max_days": 3,
                        "arrives_from": "2026-11-25",
                        "arrives_until": "2026-11-26",
                        "price_by": "table",
                    }
                ],
            }
        ],
        "chosen": [{"group": "1-1", "option": "jne:reg"}],
        "discounts": [],
        "totals": _TOTALS,
        "credit": None,
    },
    response_only=True,
    status_codes=["200"],
)

ORDER = OpenApiExample(
    "Paid with DANA",
    {
        "cart": CART,
        "email": "siti@example.com",
        "phone": "0812 3456 7890",
        "language": "id",
        "address": {
            "recipient_name": "Siti Rahma",
            "street": "Jl. Kemang Raya 12",
            "rt": "3",
            "rw": "5",
            "region": REGION,
            "postal_code": "12730",
            "country": "ID",
            "notes": "Pagar hijau",
        },
        "shipping": [{"group": "1-1", "option": "jne:reg"}],
        "payment": {"method": "dana", "details": {}},
        "expected_total": {"amount": 167_000, "currency": "IDR"},
        "cart_version": VERSION,
    },
    request_only=True,
)

_PAYMENT = {
    "state": "pending",
    "method": "dana",
    "actions": [
        {
            "type": "REDIRECT_CUSTOMER",
            "descriptor": "WEB_URL",
            "value": "https://m.dana.id/pay/9f1c",
        }
    ],
    "expires_at": "2026-11-22T08:00:00Z",
    "amount": money(167_000),
}

PLACED = OpenApiExample(
    "Awaiting payment",
    {
        "number": "R7K4-9MQX",
        "token": TOKEN,
        "status": "pending",
        "totals": _TOTALS,
        "lines": [
            _LINE
            | {
                "product_name": "Kemeja Linen Ubud",
                "variant_name": "Terakota, M",
                "discount": money(0),
            }
        ],
        "payment": _PAYMENT,
    },
    response_only=True,
    status_codes=["201"],
)

PAY_WITH_VA = OpenApiExample(
    "By virtual account instead", {"method": "bca_va", "details": {}}, request_only=True
)

PAYMENT = OpenApiExample("Awaiting payment", _PAYMENT, response_only=True, status_codes=["201"])

PRICE_CHANGED = OpenApiExample(
    "price_changed",
    {
        "type": "about:blank",
        "title": "price changed",
        "status": 409,
        "code": "price_changed",
        "detail": "The total has changed to Rp177.000. Please check it and confirm again.",
        "total": {"amount": 177_000, "currency": "IDR"},
    },
    response_only=True,
    status_codes=["409"],
)

OUT_OF_STOCK = OpenApiExample(
    "out_of_stock",
    {
        "type": "about:blank",
        "title": "out of stock",
        "status": 409,
        "code": "out_of_stock",
        "detail": "Someone was faster: not enough of it is left.",
        "variant_ids": [VARIANT],
    },
    response_only=True,
    status_codes=["409"],
)

_CARD = {
    "slug": "kemeja-linen-ubud",
    "name": "Kemeja Linen Ubud",
    "price": money(149_000),
    "compare_at": None,
    "price_varies": False,
    "image": None,
    "swatches": [{"name": "Terakota", "hex": "#b5593c"}],
    "rating": {"average": 4.5, "count": 2},
    "is_new": True,
    "is_available": True,
}

LISTED = OpenApiExample(
    "Shirts in M",
    {
        "results": [_CARD],
        "next": None,
        "total": 1,
        "total_is_exact": True,
        "facets": [
            {
                "code": "size",
                "name": "Ukuran",
                "kind": "size",
                "values": [
                    {"code": "m", "name": "M", "swatch": "", "count": 1, "is_chosen": True},
                    {"code": "l", "name": "L", "swatch": "", "count": 1, "is_chosen": False},
                ],
            }
        ],
        "searched_for": "",
        "is_partial": False,
    },
    response_only=True,
    status_codes=["200"],
)

SUGGESTED = OpenApiExample(
    "After `ke`",
    {
        "queries": ["kemeja"],
        "categories": [{"slug": "kemeja-pria", "name": "Kemeja Pria"}],
        "products": [_CARD],
    },
    response_only=True,
    status_codes=["200"],
)
