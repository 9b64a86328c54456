"""Another site cannot have a visitor's browser send a form: on every address, in every way."""

import pytest
from django.db import transaction
from django.test import Client

from accounts.tests.builders import make_owner
from tests.authorization.routes import Route, all_routes

pytestmark = pytest.mark.django_db
# Programs and mail programs send these. They have a secret in a header or in the address and no
# cookie decides anything; the API reads no cookie at all.
NOT_BY_BROWSERS = {
    "webhooks/xendit/",
    "webhooks/midtrans/",
    "webhooks/biteship/",
    "alerts/<uuid:token>/confirm/",
    "alerts/<uuid:token>/",
    "orders/<str:token>/review-mail/",
}
FOREIGN = [
    {},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Referer": "http://testserver/"},
]


def forms() -> list[Route]:
    return [
        route
        for route in all_routes()
        if not route.pattern.startswith("api/") and route.pattern not in NOT_BY_BROWSERS
    ]


def test_no_form_is_taken_from_another_site() -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(make_owner())
    taken = {}
    for route in forms():
        # What Django's middleware guards is refused before anything is looked at.
        for headers in FOREIGN if getattr(route.view, "csrf_exempt", False) else FOREIGN[:1]:
            with transaction.atomic():
                answer = client.post(route.path(), headers=headers)
                transaction.set_rollback(True)
            # 405: it takes no form at all.
            if answer.status_code not in (403, 405):
                taken[route.pattern, str(headers)] = answer.status_code
    assert taken == {}


def test_the_api_reads_no_cookie() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_owner())
    assert client.get("/api/v1/me").status_code == 401
    assert client.patch("/api/v1/me", {}, content_type="application/json").status_code == 401
