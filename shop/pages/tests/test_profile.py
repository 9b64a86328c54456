"""Name, language, and the e-mail address of an account."""

import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client

from accounts.factor_sessions import note_fresh
from accounts.links import LinkInvalid, LinkKind, link_token, sign_in_by_link
from accounts.models import User
from accounts.new_email import EmailTaken, ask_for_email, new_email_token, take_email
from accounts.tests.builders import make_user
from shop.core import outbox
from shop.core.models import OutboxMessage
from tests.racing import start, wait_until_waiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def siti() -> User:
    return make_user("siti@example.com", full_name="Siti", language="en")


@pytest.fixture
def client(siti: User) -> Client:
    client = Client()
    client.force_login(siti)
    session = client.session
    note_fresh(session)
    session.save()
    return client


def mailed() -> list[tuple[str, str]]:
    """To whom, and the path in it."""
    mail.outbox.clear()
    waiting = OutboxMessage.objects.filter(done_at=None).order_by("pk")
    for pk in waiting.values_list("pk", flat=True):
        outbox.deliver(pk)
    found = []
    for letter in mail.outbox:
        link = re.search(r"https?://[^/\s]+(/\S+/)", str(letter.body))
        found.append((letter.to[0], link[1] if link else ""))
    return found


def email_of(user: User) -> str:
    return User.objects.get(pk=user.pk).email


def test_name_and_language_are_changed(client: Client, siti: User) -> None:
    answer = client.post("/account/profile/", {"full_name": "Siti Rahma", "language": "id"})
    siti.refresh_from_db()
    assert (siti.full_name, siti.language) == ("Siti Rahma", "id")
    assert answer.headers["Location"] == "/account/"
    refused = client.post("/en/account/profile/", {"full_name": "", "language": "xx"})
    siti.refresh_from_db()
    assert (refused.status_code, siti.full_name, siti.language) == (422, "Siti Rahma", "id")


def test_the_new_mailbox_is_proved_and_the_old_one_told(client: Client, siti: User) -> None:
    siti.refresh_from_db()
    before = link_token(siti, LinkKind.SIGN_IN)
    client.post("/en/account/email/", {"email": "Siti.Rahma@example.com"})
    [(to, path)] = mailed()
    assert (to, email_of(siti)) == ("siti.rahma@example.com", "siti@example.com")
    assert "siti.rahma@example.com" in client.get(path).text
    assert email_of(siti) == "siti@example.com"
    elsewhere = Client()
    elsewhere.force_login(siti)

    assert client.post(path).headers["Location"] == "/en/account/"
    assert email_of(siti) == "siti.rahma@example.com"
    assert [to for to, _path in mailed()] == ["siti@example.com"]
    assert client.post(path).status_code == 410
    with pytest.raises(LinkInvalid):
        sign_in_by_link(before)
    assert client.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302


def test_who_gets_the_mail_by_a_typing_error_gets_no_account(client: Client, siti: User) -> None:
    client.post("/en/account/email/", {"email": "stranger@example.com"})
    [(_to, path)] = mailed()
    stranger = Client()
    answer = stranger.post(path)
    assert answer.headers["Location"] == "/en/account/sign-in/?next=%2Fen%2Faccount%2F"
    stranger.force_login(make_user("budi@example.com"))
    assert stranger.post(path).status_code == 410
    assert email_of(siti) == "siti@example.com"


def test_an_address_with_an_account_looks_the_same_and_is_told_itself(
    client: Client, siti: User
) -> None:
    make_user("budi@example.com")
    free = client.post("/en/account/email/", {"email": "new@example.com"})
    taken = client.post("/en/account/email/", {"email": "budi@example.com"})
    assert (taken.status_code, taken.headers["Location"]) == (
        free.status_code,
        free.headers["Location"],
    )
    paths = dict(mailed())
    assert paths["budi@example.com"] == "/en/account/sign-in/by-mail/"
    assert email_of(siti) == "siti@example.com"


def test_only_who_has_just_shown_who_they_are(siti: User) -> None:
    client = Client()
    client.force_login(siti)
    answer = client.post("/account/email/", {"email": "new@example.com"})
    assert answer.headers["Location"].startswith("/account/confirm/")
    assert not OutboxMessage.objects.exists()


def test_five_links_in_an_hour(client: Client) -> None:
    codes = [
        client.post("/account/email/", {"email": f"new{number}@example.com"}).status_code
        for number in range(6)
    ]
    assert codes == [302] * 5 + [429]
    assert OutboxMessage.objects.count() == 5


def test_three_links_to_an_address_whoever_asks(siti: User) -> None:
    for number in range(4):
        asking = make_user(f"user{number}@example.com")
        ask_for_email(user=asking, email="stranger@example.com", network="192.0.2.1")
    assert OutboxMessage.objects.count() == 3


def test_what_was_free_when_the_link_was_mailed_is_taken_now(siti: User) -> None:
    token = new_email_token(siti, "new@example.com")
    make_user("New@example.com")
    client = Client()
    client.force_login(siti)
    answer = client.post(f"/en/account/email/links/{token}/")
    assert (answer.status_code, email_of(siti)) == (409, "siti@example.com")
    assert "There is an account with this e-mail already." in answer.text
    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_links_used_at_once_one_counts(siti: User) -> None:
    tokens = [new_email_token(siti, f"new{number}@example.com") for number in range(2)]
    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            User.objects.select_for_update().get(pk=siti.pk)
            asked = [start(pool, partial(take_email, token, user_id=siti.pk)) for token in tokens]
            wait_until_waiting(2)
        ended = [call.exception() for call in asked]
    assert sorted(type(error).__name__ for error in ended) == ["LinkInvalid", "NoneType"]
    assert OutboxMessage.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_accounts_that_take_one_address_at_once(siti: User) -> None:
    people = [siti, make_user("budi@example.com")]
    tokens = [new_email_token(person, "new@example.com") for person in people]
    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            list(User.objects.select_for_update().order_by("pk"))
            asked = [
                start(pool, partial(take_email, token, user_id=person.pk))
                for token, person in zip(tokens, people, strict=True)
            ]
            wait_until_waiting(2)
        ended = [call.exception() for call in asked]
    assert [type(error) for error in ended if error] == [EmailTaken]
    assert User.objects.filter(email="new@example.com").count() == 1
