"""The queue for last units in the API's documentation: second in line, then one's turn."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

from shop.api.examples import VARIANT

_PLACE: dict[str, Any] = {
    "variant": VARIANT,
    "name": "Kemeja Linen Ubud, Terakota, M",
    "quantity": 1,
    "state": "waiting",
    "ahead": 1,
    "next_free_at": "2026-11-22T09:30:00Z",
    "held_until": None,
}

WANTS_ONE = OpenApiExample(
    "One of the last",
    {"variant": VARIANT, "email": "siti@example.com", "quantity": 1},
    request_only=True,
)

SECOND = OpenApiExample("Second in the queue", _PLACE, response_only=True, status_codes=["200"])

OFFERED = OpenApiExample(
    "It is their turn",
    _PLACE | {"state": "offered", "ahead": 0, "held_until": "2026-11-22T09:50:00Z"},
    response_only=True,
    status_codes=["200"],
)

LEFT = OpenApiExample(
    "Given up",
    _PLACE | {"state": "left", "ahead": 0},
    response_only=True,
    status_codes=["200"],
)
