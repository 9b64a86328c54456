"""The Python client and its tokens: renewed once when they are too old, and let go when ended."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from django.test import Client
from django.utils import timezone
from etalase_api import Etalase, Problem

from accounts.models import Device
from accounts.tests.builders import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def in_this_process(request: httpx.Request) -> httpx.Response:
    answer = Client().generic(
        request.method,
        request.url.raw_path.decode(),
        request.read(),
        content_type=request.headers.get("Content-Type", ""),
        headers=dict(request.headers),
    )
    return httpx.Response(answer.status_code, headers=dict(answer.items()), content=answer.content)


def test_the_client_renews_its_tokens_and_says_when_the_sign_in_is_over() -> None:
    make_user("siti@example.com", password=PASSWORD, full_name="Siti")
    kept: list[Mapping[str, Any] | None] = []
    api = Etalase(
        "http://testserver/api/v1",
        keep_tokens=kept.append,
        http=httpx.Client(transport=httpx.MockTransport(in_this_process)),
    )
    with pytest.raises(Problem) as refused:
        api.get_me()
    assert refused.value.code == "sign_in_required"

    first = api.sign_in(
        {"email": "siti@example.com", "password": PASSWORD, "device_name": "Pixel 9"}
    )
    api.tokens = first
    Device.objects.update(access_until=timezone.now())
    assert api.change_me({"language": "en"})["full_name"] == "Siti"
    [second] = kept
    assert (second is not None, second == first, api.tokens) == (True, False, second)
    assert api.get_me()["language"] == "en"
    assert len(kept) == 1

    Device.objects.all().delete()
    with pytest.raises(Problem) as ended:
        api.get_me()
    assert (ended.value.status, ended.value.code) == (401, "invalid_refresh_token")
    assert kept == [second, None]
    with pytest.raises(Problem) as a_guest:
        api.get_me()
    assert a_guest.value.code == "sign_in_required"
    # No token of this shop goes anywhere else.
    with pytest.raises(ValueError, match=r"elsewhere\.example"):
        api.following({"next": "https://elsewhere.example/api/v1/products", "results": []})
