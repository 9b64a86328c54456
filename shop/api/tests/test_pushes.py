"""Phones are told what becomes of an account's orders: real boto3 against moto's SNS."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.sns.models import sns_backends
from pytest_django import Settings

from accounts.models import Device, PushTarget, User
from accounts.tasks import prune
from accounts.tests.builders import make_user
from orders.models import Order, OrderStatus
from orders.tests.builders import make_order
from shop.api.tests.client import answer_of, problem_of
from shop.api.tests.test_accounts import SignedIn
from shop.core import outbox
from shop.core.models import OutboxMessage
from tests.racing import race

pytestmark = pytest.mark.django_db
REGION = "ap-southeast-3"


@pytest.fixture
def sns(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    # What the tests' environment points at nowhere would be asked instead of moto.
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    with mock_aws():
        client = boto3.client("sns", region_name=REGION)
        settings.SNS_PLATFORMS = {
            name: client.create_platform_application(
                Name="rona", Platform=platform, Attributes={"PlatformCredential": "made up"}
            )["PlatformApplicationArn"]
            for name, platform in {"fcm": "GCM", "apns": "APNS"}.items()
        }
        yield client


def own(app: SignedIn) -> str:
    [device] = [
        one for one in answer_of(app.get("/me/devices"), 200)["results"] if one["is_current"]
    ]
    return f"/me/devices/{device['id']}/push"


def phone(user: User, token: str, *, platform: str = "fcm") -> SignedIn:
    app = SignedIn(user)
    answer = app.put(own(app), {"platform": platform, "token": token})
    assert answer.status_code == 204, answer.content
    return app


def messages() -> list[dict[str, Any]]:
    """What SNS was given, in the words of its platform."""
    endpoints = sns_backends[DEFAULT_ACCOUNT_ID][REGION].platform_endpoints.values()
    raw = [message for each in endpoints for message in each.messages.values()]
    told = [json.loads(text) for text in raw]
    return [json.loads(one.get("GCM") or one["APNS"]) for one in told]


def confirmed_order(user: User | None, *, language: str = "id") -> Order:
    order = make_order(status=OrderStatus.CONFIRMED, language=language)
    Order.objects.filter(pk=order.pk).update(customer=user)
    return order


def deliver_all() -> None:
    while waiting := list(
        OutboxMessage.objects.filter(done_at=None, failed_at=None).order_by("pk")
    ):
        for message in waiting:
            outbox.deliver(message.pk)


def test_every_phone_of_the_account_is_told_and_nobody_else(sns: Any) -> None:
    siti = make_user("siti@example.com", language="en", full_name="Siti Rahma")
    phone(siti, "android-of-siti")
    phone(siti, "iphone-of-siti", platform="apns")
    phone(make_user("budi@example.com"), "android-of-budi")
    order = confirmed_order(siti)
    deliver_all()
    alert = {"title": "Your payment has arrived", "body": f"Order {order.number}"}
    assert messages() == [
        {"fcmV1Message": {"message": {"notification": alert, "data": {"order": order.number}}}},
        {"aps": {"alert": alert, "sound": "default"}, "order": order.number},
    ]
    # The work may be done twice, and the mail asked for again: nobody is told twice.
    OutboxMessage.objects.filter(topic="order-confirmed").update(done_at=None, claimed_at=None)
    deliver_all()
    assert len(messages()) == 2
    confirmed_order(None)
    deliver_all()
    assert len(messages()) == 2


def test_who_has_signed_out_is_told_nothing_and_forgotten_by_sns(sns: Any) -> None:
    siti = make_user("siti@example.com")
    app, other = phone(siti, "android-of-siti"), phone(siti, "tablet-of-siti")
    assert app.delete(own(app)).status_code == 204
    assert other.post("/auth/logout").status_code == 204
    siti.set_password("hujan di bulan juni sore")
    siti.save()
    confirmed_order(siti)
    deliver_all()
    assert messages() == []
    endpoints = sns_backends[DEFAULT_ACCOUNT_ID][REGION].platform_endpoints
    assert (len(endpoints), PushTarget.objects.count()) == (2, 2)
    prune()
    assert (len(endpoints), PushTarget.objects.count()) == (0, 0)


def test_an_endpoint_that_is_disabled_is_forgotten_until_the_app_comes_back(sns: Any) -> None:
    siti = make_user("siti@example.com")
    app = phone(siti, "android-of-siti")
    [target] = PushTarget.objects.all()
    sns.set_endpoint_attributes(EndpointArn=target.endpoint, Attributes={"Enabled": "false"})
    confirmed_order(siti)
    deliver_all()
    assert (messages(), PushTarget.objects.get().device) == ([], None)

    body = {"platform": "fcm", "token": "android-of-siti"}
    assert app.put(own(app), body).status_code == 204
    told = sns.get_endpoint_attributes(EndpointArn=target.endpoint)["Attributes"]
    assert told["Enabled"] == "true"
    confirmed_order(siti)
    deliver_all()
    assert len(messages()) == 1


def test_a_phone_that_changes_hands_tells_its_new_owner_only(sns: Any) -> None:
    siti, budi = make_user("siti@example.com"), make_user("budi@example.com")
    phone(siti, "one-phone")
    app = phone(budi, "one-phone")
    confirmed_order(siti)
    deliver_all()
    assert messages() == []
    # Another token for the same device takes the place of the one before.
    assert app.put(own(app), {"platform": "fcm", "token": "another"}).status_code == 204
    confirmed_order(budi)
    deliver_all()
    assert len(messages()) == 1
    assert PushTarget.objects.filter(device=Device.objects.get(user=budi)).count() == 1


def test_what_is_refused_keeps_nothing(sns: Any, settings: Settings) -> None:
    app, body = SignedIn(make_user()), {"platform": "fcm", "token": "android-of-siti"}
    problem_of(app.put(f"/me/devices/{uuid4()}/push", body), 404, "device_not_found")
    problem_of(app.delete(f"/me/devices/{uuid4()}/push"), 404, "device_not_found")
    problem_of(app.put(own(app), {"platform": "wns", "token": "x"}), 400, "validation_error")
    gone = settings.SNS_PLATFORMS["fcm"]
    sns.delete_platform_application(PlatformApplicationArn=gone)
    answer = app.put(own(app), body)
    problem_of(answer, 503, "push_unavailable")
    assert answer.headers["Retry-After"] == "2"
    settings.SNS_PLATFORMS = {"fcm": "", "apns": ""}
    problem_of(app.put(own(app), body), 422, "push_not_offered")
    assert not PushTarget.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_registrations_of_one_device_at_once_leave_one(sns: Any) -> None:
    app = SignedIn(make_user())
    path = own(app)
    bodies = [{"platform": "fcm", "token": f"token-{number}"} for number in range(6)]
    answers = race([partial(app.put, path, body) for body in bodies])
    assert [getattr(answer, "status_code", answer) for answer in answers] == [204] * 6
    assert PushTarget.objects.filter(device__isnull=False).count() == 1
    # The others are for SNS to forget.
    assert PushTarget.objects.count() == 6
