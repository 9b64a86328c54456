"""After the parcel of the documentation's main path has come: the shirt is too small."""

from drf_spectacular.utils import OpenApiExample

from shop.api.examples import VARIANT

LARGER = "7d1f6c1c-2f0a-4a44-8d7e-5b1f3e9c2a10"

RETURN = OpenApiExample(
    "Too small",
    {
        "lines": [{"variant": VARIANT, "quantity": 1, "exchange_for": LARGER}],
        "outcome": "exchange",
        "reason": "too_small",
        "note": "",
    },
    request_only=True,
)

REQUESTED = OpenApiExample(
    "Asked for",
    {
        "id": "b7c9a1de-6d55-4c0e-9a3b-0f4b5a6c7d8e",
        "number": "R7K4-9MQX-R1",
        "state": "requested",
        "outcome": "exchange",
        "reason": "too_small",
        "lines": [{"variant": VARIANT, "quantity": 1, "exchange_for": LARGER}],
        "next_step": "We look at it and answer soon. Please do not send anything yet.",
        "answer": "",
        "requested_at": "2026-11-27T03:12:00Z",
        "due_at": None,
        "refund": None,
        "refund_reason": "",
    },
    response_only=True,
    status_codes=["201"],
)

NOT_RETURNABLE = OpenApiExample(
    "not_returnable",
    {
        "type": "about:blank",
        "title": "not returnable",
        "status": 409,
        "code": "not_returnable",
        "detail": "More of “Kemeja Linen Ubud” than can be returned: it has not arrived yet, is"
        " being returned already, or its time to be returned is over.",
        "line": "Kemeja Linen Ubud",
    },
    response_only=True,
    status_codes=["409"],
)
