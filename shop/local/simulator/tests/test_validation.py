"""What a create call may say."""

from datetime import UTC, datetime
from typing import Any

import pytest

from shop.local.simulator.errors import ApiError, Json
from shop.local.simulator.tests.conftest import an_order
from shop.local.simulator.validation import return_url, validate_create

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("channel", "minimum", "maximum"),
    [
        ("OVO", 100, 20_000_000),
        ("DANA", 100, 20_000_000),
        ("BCA_VIRTUAL_ACCOUNT", 10_000, 50_000_000),
        ("QRIS", 1, 10_000_000),
    ],
)
def test_each_channel_has_its_limits(channel: str, minimum: int, maximum: int) -> None:
    for amount in (minimum, maximum):
        validate_create(an_order(channel) | {"request_amount": amount}, now=NOW)
    for amount in (minimum - 1, maximum + 1):
        with pytest.raises(ApiError) as refusal:
            validate_create(an_order(channel) | {"request_amount": amount}, now=NOW)
        assert (refusal.value.status, refusal.value.code) == (400, "INVALID_VALUE_ERROR")


def va(**changes: Any) -> Json:
    return {"channel_properties": an_order("BCA_VIRTUAL_ACCOUNT")["channel_properties"] | changes}


@pytest.mark.parametrize(
    ("channel", "changes", "code", "path"),
    [
        ("DANA", {"reference_id": None}, "API_VALIDATION_ERROR", "reference_id"),
        ("DANA", {"reference_id": "x" * 256}, "API_VALIDATION_ERROR", "reference_id"),
        ("DANA", {"type": "PAY_AND_SAVE"}, "API_VALIDATION_ERROR", "type"),
        ("DANA", {"country": "SG"}, "API_VALIDATION_ERROR", "country"),
        ("DANA", {"currency": "USD"}, "API_VALIDATION_ERROR", "currency"),
        ("DANA", {"request_amount": "149000"}, "API_VALIDATION_ERROR", "request_amount"),
        ("DANA", {"request_amount": True}, "API_VALIDATION_ERROR", "request_amount"),
        ("DANA", {"request_amount": 149000.5}, "INVALID_VALUE_ERROR", "request_amount"),
        ("DANA", {"channel_code": "CARDS"}, "API_VALIDATION_ERROR", "channel_code"),
        ("DANA", {"channel_code": ["DANA"]}, "API_VALIDATION_ERROR", "channel_code"),
        ("QRIS", {"channel_properties": None}, "API_VALIDATION_ERROR", "channel_properties"),
        ("DANA", {"metadata": {"order": 1}}, "API_VALIDATION_ERROR", "metadata"),
        (
            "DANA",
            {"channel_properties": {}},
            "API_VALIDATION_ERROR",
            "channel_properties.success_return_url",
        ),
        (
            "OVO",
            {"channel_properties": {}},
            "API_VALIDATION_ERROR",
            "channel_properties.account_mobile_number",
        ),
        (
            "OVO",
            {"channel_properties": {"account_mobile_number": "081234567890"}},
            "API_VALIDATION_ERROR",
            "channel_properties.account_mobile_number",
        ),
        (
            "BCA_VIRTUAL_ACCOUNT",
            va(display_name=None),
            "API_VALIDATION_ERROR",
            "channel_properties.display_name",
        ),
        (
            "BCA_VIRTUAL_ACCOUNT",
            va(expires_at="2026-11-22T04:00:00"),
            "API_VALIDATION_ERROR",
            "channel_properties.expires_at",
        ),
        (
            "BCA_VIRTUAL_ACCOUNT",
            va(expires_at="2026-11-22T03:00:00Z"),
            "INVALID_VALUE_ERROR",
            "channel_properties.expires_at",
        ),
    ],
)
def test_a_bad_field_is_named(channel: str, changes: Json, code: str, path: str) -> None:
    with pytest.raises(ApiError) as refusal:
        validate_create(an_order(channel) | changes, now=NOW)
    assert (refusal.value.status, refusal.value.code) == (400, code)
    assert [each["path"] for each in refusal.value.errors] == [path]


@pytest.mark.parametrize(
    ("url", "is_accepted"),
    [
        ("https://shop.example/paid", True),
        ("http://127.0.0.1:8000/paid", True),
        ("http://localhost:8000/paid", True),
        ("http://[::1]:8000/paid", True),
        ("http://shop.example/paid", False),
        ("http://localhost.shop.example/paid", False),
        ("http://192.168.1.5:8000/paid", False),
        ("ftp://127.0.0.1/paid", False),
        ("https://[broken/paid", False),
        ("https://shop.example/\r\nset-cookie: a=b", False),
        (f"https://shop.example/{'x' * 255}", False),
    ],
)
def test_a_return_url_is_https_or_on_this_machine(url: str, *, is_accepted: bool) -> None:
    assert (return_url(url) is None) == is_accepted
