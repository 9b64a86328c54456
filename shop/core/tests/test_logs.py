"""What must never be in a log, however it got there."""

import json
import logging
from typing import Any

import pytest
from django.test import RequestFactory

from shop.core.logs import configure, redact

TOKEN = "4a392e01-d7b2-4734-ace9-43f8a6084f9b"
_ = "[redacted]"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"password": "x", "X-Order-Token": "y"}, dict.fromkeys(["password", "X-Order-Token"], _)),
        ({"error": "no such user siti@example.com"}, {"error": f"no such user {_}"}),
        ({"sent": "Bearer abc.def"}, {"sent": _}),
        ({"path": f"/api/v1/carts/{TOKEN}/lines"}, {"path": f"/api/v1/carts/{_}/lines"}),
        ({"path": "/api/v1/orders/6URH-W66Z"}, {"path": "/api/v1/orders/6URH-W66Z"}),
        ({"headers": {"Cookie": "a", "Host": "b"}}, {"headers": {"Cookie": _, "Host": "b"}}),
        ({"all": [f"/pay/{TOKEN}/", 7]}, {"all": [f"/pay/{_}/", 7]}),
        ({"cause": ValueError("siti@example.com")}, {"cause": _}),
        ({"ms": 2.5, "status": None}, {"ms": 2.5, "status": None}),
    ],
)
def test_secrets_and_people_are_blanked(given: dict[str, Any], kept: dict[str, Any]) -> None:
    assert redact(None, "", given) == kept


def test_a_request_that_django_logs_shows_no_token_of_its_path(
    capsys: pytest.CaptureFixture[str],
) -> None:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    try:
        configure({})
        request = RequestFactory().put(f"/api/v1/carts/{TOKEN}/coupon")
        logging.getLogger("django.request").error("away", extra={"request": request})
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)

    line = json.loads(capsys.readouterr().err)
    assert line["request"] == "<WSGIRequest: PUT '/api/v1/carts/[redacted]/coupon'>"
