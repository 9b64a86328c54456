"""An account begun, forgotten and changed by the app; the proof is a token that came by mail."""

import re

import pytest
from django.core import mail

from accounts.models import Device, User
from accounts.tests.builders import PASSWORD, make_user
from shop.api.tests.client import App, answer_of, problem_of
from shop.core import outbox
from shop.core.models import OutboxMessage

pytestmark = pytest.mark.django_db

NEW = "hujan di bulan juni sore"


def asked(path: str, email: str) -> tuple[int, bytes]:
    answer = App("en").post(path, {"email": email})
    return answer.status_code, answer.content


def mailed_token(path: str, email: str) -> str:
    """The token that is mailed when the app asks for it."""
    mail.outbox.clear()
    assert asked(path, email) == (202, b"")
    for message in OutboxMessage.objects.filter(done_at=None).order_by("pk"):
        outbox.deliver(message.pk)
    [letter] = mail.outbox
    found = re.search(r"/links/([^/\s]+)/", str(letter.body))
    assert (letter.to, found is not None) == ([email], True)
    return found[1] if found else ""


def bearer(pair: dict[str, str]) -> dict[str, str]:
    return {"authorization": f"Bearer {pair['access_token']}"}


@pytest.mark.parametrize("path", ["/auth/register", "/auth/password/reset"])
def test_asking_tells_nobody_who_has_an_account(path: str) -> None:
    make_user("siti@example.com")
    make_user("closed@example.com", is_active=False)
    emails = ("siti@example.com", "nobody@example.com", "closed@example.com")
    assert [asked(path, email) for email in emails] == [(202, b"")] * 3
    problem_of(App().post(path, {"email": "nobody"}), 400, "validation_error")
    # A network gets sixty an hour; the sixty-first is told to wait, not the mailbox's owner.
    answers = [asked(path, f"{number}@example.com")[0] for number in range(58)]
    assert (answers[:57], answers[57]) == ([202] * 57, 429)


def test_an_account_is_made_once_and_by_whoever_has_the_mail() -> None:
    token = mailed_token("/auth/register", "siti@example.com")
    assert not User.objects.exists()
    body = {"token": token, "full_name": "Siti", "password": NEW, "device_name": "Pixel 9"}
    app = App("en")
    weak = app.post("/auth/verify-email", body | {"password": "hujan di juni"})
    [complaint] = problem_of(weak, 400, "validation_error")["errors"]["password"]
    assert complaint["code"] == "password_too_short"
    problem_of(app.post("/auth/verify-email", body | {"token": token[:-1]}), 410, "link_invalid")
    assert not User.objects.exists()

    pair = answer_of(app.post("/auth/verify-email", body), 201)
    me = answer_of(app.get("/me", **bearer(pair)), 200)
    assert (me["email"], me["full_name"], me["language"]) == ("siti@example.com", "Siti", "en")
    [device] = answer_of(app.get("/me/devices", **bearer(pair)), 200)["results"]
    assert device["name"] == "Pixel 9"
    problem_of(app.post("/auth/verify-email", body), 410, "link_invalid")
    assert (User.objects.count(), Device.objects.count()) == (1, 1)


def test_a_forgotten_password_is_replaced_once_and_ends_all_sign_ins() -> None:
    make_user("siti@example.com", password=PASSWORD)
    login = {"email": "siti@example.com", "password": PASSWORD, "device_name": "Pixel 9"}
    app = App("en")
    before = answer_of(app.post("/auth/login", login), 200)
    token = mailed_token("/auth/password/reset", "siti@example.com")
    path, body = "/auth/password/reset", {"token": token, "password": NEW}
    problem_of(app.put(path, body | {"password": "siti@example.com"}), 400, "validation_error")
    problem_of(app.put(path, body | {"token": "x" * 40}), 410, "link_invalid")
    answer_of(app.get("/me", **bearer(before)), 200)

    assert app.put(path, body).status_code == 204
    problem_of(app.get("/me", **bearer(before)), 401, "invalid_token")
    problem_of(app.put(path, body | {"password": PASSWORD}), 410, "link_invalid")
    problem_of(app.post("/auth/login", login), 422, "wrong_sign_in")
    answer_of(app.post("/auth/login", login | {"password": NEW}), 200)


def test_another_password_keeps_this_device_alone() -> None:
    make_user("siti@example.com", password=PASSWORD)
    login = {"email": "siti@example.com", "password": PASSWORD, "device_name": "Pixel 9"}
    app = App("en")
    phone, tablet = (answer_of(app.post("/auth/login", login), 200) for _device in range(2))
    path, body = "/auth/password/change", {"current_password": PASSWORD, "password": NEW}
    problem_of(app.post(path, body), 401, "sign_in_required")
    wrong = body | {"current_password": "not the one she has"}
    problem_of(app.post(path, wrong, **bearer(phone)), 422, "wrong_sign_in")
    easy = body | {"password": "siti" * 5}
    problem_of(app.post(path, easy, **bearer(phone)), 400, "validation_error")
    answer_of(app.get("/me", **bearer(tablet)), 200)

    pair = answer_of(app.post(path, body, **bearer(phone)), 200)
    for old in (phone, tablet):
        problem_of(app.get("/me", **bearer(old)), 401, "invalid_token")
        stale = {"refresh_token": old["refresh_token"]}
        problem_of(app.post("/auth/refresh", stale), 401, "invalid_refresh_token")
    [device] = answer_of(app.get("/me/devices", **bearer(pair)), 200)["results"]
    assert (device["name"], device["is_current"]) == ("Pixel 9", True)
    again = {"refresh_token": pair["refresh_token"]}
    answer_of(app.post("/auth/refresh", again), 200)
