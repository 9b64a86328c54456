"""Reviews in the API's documentation: one shirt, which fits."""

from drf_spectacular.utils import OpenApiExample

from shop.api.examples import VARIANT

REVIEW = "8c1f6d2e-7b0a-4f0e-9a57-3d1c5e2b9f64"

_WORDS = {
    "rating": 5,
    "fit": "true",
    "title": "Adem sekali",
    "text": "Bahannya adem dan jatuh, warnanya sama dengan foto.",
    "display_name": "Sari",
}
_OWN = _WORDS | {
    "id": REVIEW,
    "variant": VARIANT,
    "state": "pending",
    "reason": "",
    "reason_text": "",
    "note": "",
    "written_at": "2026-11-29T08:00:00Z",
    "photos": [],
}

NEW_REVIEW = OpenApiExample("It fits", _WORDS | {"variant": VARIANT}, request_only=True)

CHANGED_WORDS = OpenApiExample("On second thoughts", _WORDS | {"rating": 4}, request_only=True)

OWN_REVIEW = OpenApiExample("To be read", _OWN, response_only=True, status_codes=["201"])

OWN_REVIEW_AGAIN = OpenApiExample(
    "To be read again", _OWN | {"rating": 4}, response_only=True, status_codes=["200"]
)

REVIEWS = OpenApiExample(
    "One of two",
    {
        "summary": {
            "count": 2,
            "average": 4.5,
            "stars": [
                {"stars": 5, "count": 1},
                {"stars": 4, "count": 1},
                {"stars": 3, "count": 0},
                {"stars": 2, "count": 0},
                {"stars": 1, "count": 0},
            ],
            "fit": [
                {"fit": "small", "percent": 0},
                {"fit": "true", "percent": 100},
                {"fit": "large", "percent": 0},
            ],
            "sizes": [{"code": "m", "name": "M", "count": 2}],
        },
        "results": [
            {
                "id": REVIEW,
                "rating": 5,
                "fit": "true",
                "title": _WORDS["title"],
                "text": _WORDS["text"],
                "language": "id",
                "author": "Sari",
                "variant_name": "Terakota, M",
                "written_at": "2026-11-29T08:00:00Z",
                "photos": [],
                "answer": {"text": "Terima kasih, Sari!", "answered_at": "2026-11-30T02:00:00Z"},
                "helpful_count": 3,
            }
        ],
        "next": None,
    },
    response_only=True,
    status_codes=["200"],
)

HELPFUL = OpenApiExample("It helped", {"is_helpful": True}, request_only=True)

HELPFUL_COUNT = OpenApiExample(
    "Three by now", {"helpful_count": 3}, response_only=True, status_codes=["200"]
)
