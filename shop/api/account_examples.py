"""Siti signs in on her phone, in the API's documentation."""

from drf_spectacular.utils import OpenApiExample

from shop.api.examples import VARIANT, money

# Made up, and of no account.
ACCESS = "q1Yv3w7m0bXo5sJtE9nLrKcUfZaPdHg2RiMl8QyTxWk"
REFRESH = "b7Qm2nXz0VtRk5sJwE9LpAcUfZaPdHg2RiMl8QyTxWk3o6Yv1NhGj4FdSa7uIeB0"

LOGIN = OpenApiExample(
    "Signing in",
    {
        "email": "siti@example.com",
        "password": "kucing di atas pagar hijau",
        "device_name": "Pixel 9",
    },
    request_only=True,
)
LOGIN_WITH_CODE = OpenApiExample(
    "With the code of her app",
    {
        "email": "siti@example.com",
        "password": "kucing di atas pagar hijau",
        "device_name": "Pixel 9",
        "code": "287082",
    },
    request_only=True,
)
EMAIL = OpenApiExample("Siti's mailbox", {"email": "siti@example.com"}, request_only=True)
# As it stands in the address of a mailed link; made up, too.
MAILED = "eyJlbWFpbCI6InNpdGlAZXhhbXBsZS5jb20ifQ:1vN0pX:q1Yv3w7m0bXo5sJtE9nLrKcUfZaPdHg2RiMl8QyTxWk"
REGISTRATION = OpenApiExample(
    "Siti's account",
    {
        "token": MAILED,
        "full_name": "Siti Rahma",
        "password": "kucing di atas pagar hijau",
        "device_name": "Pixel 9",
    },
    request_only=True,
)
RESET = OpenApiExample(
    "A forgotten password",
    {"token": MAILED, "password": "hujan di bulan juni sore"},
    request_only=True,
)
CHANGE_PASSWORD = OpenApiExample(
    "Another password",
    {
        "current_password": "kucing di atas pagar hijau",
        "password": "hujan di bulan juni sore",
    },
    request_only=True,
)
RENEW = OpenApiExample("The token in hand", {"refresh_token": REFRESH}, request_only=True)
TOKENS = OpenApiExample(
    "A pair of tokens",
    {
        "access_token": ACCESS,
        "refresh_token": REFRESH,
        "token_type": "Bearer",
        "expires_in": 1800,
    },
    response_only=True,
    status_codes=["200", "201"],
)
ME = OpenApiExample(
    "Siti",
    {
        "id": "6a0f5f1e-2f0b-4a59-9d0c-8f7f0d6a5b21",
        "email": "siti@example.com",
        "full_name": "Siti Rahma",
        "language": "id",
        "joined_at": "2026-01-12T03:04:05Z",
    },
    response_only=True,
    status_codes=["200"],
)
CHANGE = OpenApiExample("Another language", {"language": "en"}, request_only=True)
DEVICES = OpenApiExample(
    "A phone",
    {
        "results": [
            {
                "id": "0c9f7a52-54ce-4d0a-9d3e-1d6c7f6b8a90",
                "name": "Pixel 9",
                "created_at": "2026-01-12T03:04:05Z",
                "used_at": "2026-02-01T10:00:00Z",
                "is_current": True,
            }
        ]
    },
    response_only=True,
    status_codes=["200"],
)
ORDERS = OpenApiExample(
    "One order",
    {
        "results": [
            {
                "number": "R7K4-9MQX",
                "status": "confirmed",
                "fulfilment_status": "unfulfilled",
                "placed_at": "2026-02-01T10:00:00Z",
                "total": money(167_000),
                "lines": [
                    {
                        "variant": VARIANT,
                        "product_name": "Kemeja Linen Ubud",
                        "variant_name": "Terakota, M",
                        "quantity": 1,
                        "unit_price": money(149_000),
                        "discount": money(0),
                        "total": money(149_000),
                    }
                ],
            }
        ],
        "next": None,
    },
    response_only=True,
    status_codes=["200"],
)
PUSH = OpenApiExample(
    "An Android phone",
    {"platform": "fcm", "token": "cJ4xE2rQTtq0:APA91bH6m2Yv1s9wKuLZpQ"},
    request_only=True,
)
