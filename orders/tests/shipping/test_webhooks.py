"""What Biteship tells by itself, over HTTP."""

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from orders.models import CourierNews, Shipment
from orders.tests.life.builders import confirmed, events, ship

pytestmark = pytest.mark.django_db
URL = "/webhooks/biteship/"
SECRET = "courier-secret"
OLD = "courier-secret-of-before"


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURIER_WEBHOOK_SECRETS", f"{SECRET},{OLD}")


@pytest.fixture
def parcel() -> Shipment:
    return ship(confirmed(), number="WB-1")


def tell(content: object, *, proof: str = SECRET, header: str = "X-Biteship-Signature") -> int:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    # Biteship brings no CSRF token.
    client = Client(enforce_csrf_checks=True)
    return client.post(URL, body, "application/json", headers={header: proof}).status_code


def news(status: str = "delivered", **changes: Any) -> dict[str, Any]:
    return {
        "event": "order.status",
        "order_id": "5dd599ebdefcd4158eb8470b",
        "courier_waybill_id": "wb-1",
        "courier_company": "jne",
        "status": status,
    } | changes


def status_of(parcel: Shipment) -> str:
    return Shipment.objects.get(pk=parcel.pk).status


@pytest.mark.parametrize("event", ["order.status", "order.waybill_id"])
def test_what_biteship_tells_moves_the_parcel(parcel: Shipment, event: str) -> None:
    assert tell(news(event=event)) == 200
    assert status_of(parcel) == "delivered"


def test_the_same_webhook_again_changes_nothing(parcel: Shipment) -> None:
    assert [tell(news()) for _ in range(3)] == [200] * 3
    assert events(parcel.group.order).count("delivered") == 1
    assert CourierNews.objects.count() == 1


def test_a_signed_body_and_an_older_secret_are_believed(parcel: Shipment) -> None:
    body = json.dumps(news("returned")).encode()
    signature = hmac.new(OLD.encode(), body, hashlib.sha256).hexdigest()
    assert tell(body, proof=signature) == 200
    assert status_of(parcel) == "returned_to_sender"


def test_the_header_is_the_one_of_the_dashboard(
    parcel: Shipment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURIER_WEBHOOK_HEADER", "X-Toko")
    assert tell(news()) == 401
    assert tell(news(), header="X-Toko") == 200
    assert status_of(parcel) == "delivered"


@pytest.mark.parametrize("proof", ["", "wrong", "sécret", SECRET.upper(), "0" * 64])
def test_without_our_secret_nothing_is_believed(parcel: Shipment, proof: str) -> None:
    assert tell(news(), proof=proof) == 401
    assert status_of(parcel) == "shipped"
    assert not CourierNews.objects.exists()


@pytest.mark.parametrize("proof", ["", SECRET])
def test_a_shop_without_secrets_believes_nobody(
    parcel: Shipment, monkeypatch: pytest.MonkeyPatch, proof: str
) -> None:
    monkeypatch.setenv("COURIER_WEBHOOK_SECRETS", "")
    assert tell(news(), proof=proof) == 401
    assert status_of(parcel) == "shipped"


@pytest.mark.parametrize(
    "content",
    [
        b"not json",
        b"[" * 5_000,
        b"\xff\xfe",
        [],
        {"event": "order.price", "status": "delivered"},
        news(courier_waybill_id=None),
        news(courier_company=7),
        news() | {"status": ["delivered"]},
        news("delivered_to_neighbour"),
        news("cancelled"),
        news(courier_waybill_id="x" * 61),
    ],
)
def test_what_nobody_understands_is_answered_and_changes_nothing(
    parcel: Shipment, content: object
) -> None:
    assert tell(content) == 200
    assert status_of(parcel) == "shipped"
    assert not CourierNews.objects.exists()


@pytest.mark.parametrize("content", [b"", b"{}"])
def test_an_empty_call_finds_somebody_there(content: bytes) -> None:
    assert tell(content, proof="") == 200


def test_a_body_that_is_too_large_is_not_read() -> None:
    assert tell(b"x" * 65_537) == 413


def test_a_webhook_is_posted() -> None:
    assert Client().get(URL).status_code == 405


def test_a_number_that_nobody_has_entered_yet_is_kept() -> None:
    assert tell(news(updated_at="2026-11-22T18:17:00+07:00")) == 200
    kept = CourierNews.objects.get()
    assert (kept.tracking_number, kept.courier, kept.matched_at) == ("WB-1", "jne", None)
    assert kept.happened_at.isoformat() == "2026-11-22T11:17:00+00:00"


def test_staff_see_what_the_courier_said_and_when_it_was_asked(
    parcel: Shipment, admin_client: Client
) -> None:
    tell(news("dropping_off", updated_at="2026-11-20T18:17:00+07:00"))
    tell(news("picked", updated_at="2026-11-19T18:17:00+07:00"))
    asked_at = timezone.now() - timedelta(hours=1)
    Shipment.objects.update(asked_at=asked_at, courier_word="droppingOff")
    order = parcel.group.order
    page = admin_client.get(f"/admin/orders/order/{order.pk}/change/").content.decode()
    assert "droppingOff" in page
    assert page.index("20 Nov") < page.index("19 Nov")
