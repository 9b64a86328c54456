"""Accounts by mail: registering, a forgotten password, signing in without one, and changing it."""

import re

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.links import LinkInvalid, LinkKind, link_token, register, registration_token
from accounts.links import reset_password as reset
from accounts.models import User
from accounts.tests.builders import PASSWORD, make_user
from catalog.tests.builders import make_variant
from orders.models import Cart
from orders.tests.builders import make_cart
from shop.core import outbox
from shop.core.models import OutboxMessage
from tests.racing import race

pytestmark = pytest.mark.django_db
NEW = "kuda lumping naik sepeda"
ASK = {
    LinkKind.REGISTER: "/account/register/",
    LinkKind.RESET: "/account/reset/",
    LinkKind.SIGN_IN: "/account/sign-in/by-mail/",
}


@pytest.fixture
def siti() -> User:
    return make_user("siti@example.com", password=PASSWORD, language="en")


def deliver() -> None:
    for pk in (
        OutboxMessage.objects.filter(done_at=None).order_by("pk").values_list("pk", flat=True)
    ):
        outbox.deliver(pk)


def mailed(client: Client, kind: LinkKind, email: str = "siti@example.com") -> str:
    """The path of the link that is mailed when somebody asks for it."""
    mail.outbox.clear()
    assert client.post(ASK[kind], {"email": email})["Location"] == "/account/link-sent/"
    deliver()
    [letter] = mail.outbox
    assert letter.to == [email.lower()]
    found = re.search(r"https?://[^/\s]+(/\S+/)", str(letter.body))
    assert found is not None
    return found[1]


def is_signed_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


@pytest.mark.parametrize("kind", LinkKind)
def test_asking_looks_and_works_the_same_for_every_address(
    client: Client, siti: User, kind: LinkKind
) -> None:
    make_user("closed@example.com", is_active=False)
    client.get(ASK[kind])
    seen = []
    for email in ["siti@example.com", "nobody@example.com", "closed@example.com"]:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            answer = client.post(ASK[kind], {"email": email})
        page = client.get(answer["Location"])
        bytes_shown = (answer.content, page.content)
        seen.append((answer.status_code, answer["Location"], *bytes_shown, len(asked)))
    deliver()

    assert seen[0] == seen[1] == seen[2]
    assert [letter.to for letter in mail.outbox] == [["siti@example.com"], ["nobody@example.com"]]


def test_who_registers_has_an_account_once_the_mailbox_is_proved(client: Client) -> None:
    shirt = make_variant(on_hand=5)
    client.cookies["cart"] = str(make_cart({shirt: 2}).token)
    path = mailed(client, LinkKind.REGISTER, "Siti@Example.com")

    assert client.get(path).status_code == 200
    assert not User.objects.exists()
    answer = client.post(path, {"full_name": "Siti", "password": NEW})

    assert answer["Location"] == "/account/"
    user = User.objects.get()
    assert (user.email, user.full_name, user.language) == ("siti@example.com", "Siti", "id")
    assert Cart.objects.get(customer=user).lines.get().quantity == 2
    again = Client().post(path, {"full_name": "Eve", "password": NEW})
    assert (again.status_code, User.objects.get().full_name) == (410, "Siti")


def test_who_has_an_account_and_registers_is_mailed_a_link_to_sign_in(
    client: Client, siti: User
) -> None:
    path = mailed(client, LinkKind.REGISTER)

    assert path.startswith("/en/account/sign-in/links/")
    assert "you have an account already" in mail.outbox[0].body


def test_a_link_signs_in_once_and_by_its_button_only(client: Client, siti: User) -> None:
    first, second = mailed(client, LinkKind.SIGN_IN), mailed(client, LinkKind.SIGN_IN)
    session = client.session
    session["before"] = "yes"
    session.save()
    client.cookies["session"] = session.session_key or ""

    assert client.get(first).status_code == 200
    assert not is_signed_in(client)
    assert client.post(first)["Location"] == "/en/account/"
    assert is_signed_in(client)
    assert client.cookies["session"].value != session.session_key
    for path in [first, second]:
        assert Client().post(path).status_code == 410


def test_the_owner_of_the_mailbox_gets_in_whatever_strangers_have_tried(
    client: Client, siti: User
) -> None:
    for _ in range(10):
        Client().post("/account/sign-in/", {"email": siti.email, "password": "wrong"})
        Client().post(ASK[LinkKind.SIGN_IN], {"email": siti.email})
    deliver()

    assert len(mail.outbox) == 3
    found = re.search(r"https?://[^/\s]+(/\S+/)", str(mail.outbox[-1].body))
    assert found is not None
    assert client.post(found[1]).status_code == 302
    assert is_signed_in(client)


def test_a_forgotten_password_is_replaced_and_everybody_else_signed_out(
    client: Client, siti: User
) -> None:
    thief = Client()
    thief.force_login(siti)
    other = mailed(client, LinkKind.SIGN_IN)
    path = mailed(client, LinkKind.RESET)

    weak = client.post(path, {"password": "siti@example.com siti"})
    assert (weak.status_code, is_signed_in(thief)) == (422, True)
    assert client.post(path, {"password": NEW})["Location"] == "/en/account/"

    assert is_signed_in(client)
    assert not is_signed_in(thief)
    assert Client().post(other).status_code == 410
    assert Client().post(path, {"password": PASSWORD}).status_code == 410
    siti.refresh_from_db()
    assert siti.check_password(NEW)
    mail.outbox.clear()
    deliver()
    assert [letter.subject for letter in mail.outbox] == ["Your password was changed"]


def test_a_link_is_good_for_what_it_was_mailed_for(client: Client, siti: User) -> None:
    token = link_token(siti, LinkKind.SIGN_IN)

    for path in [
        f"/account/reset/links/{token}/",
        f"/account/register/links/{token}/",
        f"/account/sign-in/links/{token[:-1]}/",
        f"/account/sign-in/links/{siti.public_id}/",
    ]:
        answer = client.post(path, {"password": NEW, "full_name": "Siti"})
        assert answer.status_code == 410
    siti.is_active = False
    siti.save()
    assert client.post(f"/account/sign-in/links/{token}/").status_code == 410


def test_a_link_is_too_old_after_half_an_hour(
    client: Client, siti: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = link_token(siti, LinkKind.SIGN_IN)
    monkeypatch.setattr("accounts.links.GOOD_FOR", -1)

    assert client.post(f"/account/sign-in/links/{token}/").status_code == 410


def test_changing_the_password_signs_out_all_others_and_needs_the_old_one(
    client: Client, siti: User
) -> None:
    other = Client()
    for each in (client, other):
        each.post("/account/sign-in/", {"email": siti.email, "password": PASSWORD})

    wrong = client.post("/account/password/", {"current": "wrong", "password": NEW})
    assert (wrong.status_code, is_signed_in(other)) == (422, True)
    assert not OutboxMessage.objects.exists()
    answer = client.post("/account/password/", {"current": PASSWORD, "password": NEW})

    assert answer["Location"] == "/account/"
    assert is_signed_in(client)
    assert not is_signed_in(other)
    deliver()
    assert [letter.to for letter in mail.outbox] == [["siti@example.com"]]


@pytest.mark.parametrize(
    ("password", "is_taken"),
    [
        ("fourteen chars", False),
        ("passwordpassword", False),
        ("1234567890123456", False),
        ("qwertyuiopasdfghjkl", False),
        ("rona rona rona rona", False),
        ("Siti Aminah 1990", False),
        ("aaaaaaaaaaaaaaaa", False),
        ("kuda lumping sepeda", True),
        ("x7#Qm2!vL9@pR4$z", True),
    ],
)
def test_passwords_are_long_and_not_what_anybody_would_try(
    password: str, *, is_taken: bool
) -> None:
    path = registration_token(email="siti@example.com", language="id")

    answer = Client().post(
        f"/account/register/links/{path}/", {"full_name": "Siti Aminah", "password": password}
    )

    assert (answer.status_code == 302, User.objects.exists()) == (is_taken, is_taken)


@pytest.mark.django_db(transaction=True)
def test_a_link_that_is_used_twice_at_once_is_used_once() -> None:
    token = link_token(make_user("siti@example.com"), LinkKind.RESET)

    outcomes = race([lambda: reset(token, password=NEW)] * 2)

    assert sorted(isinstance(outcome, LinkInvalid) for outcome in outcomes) == [False, True]
    assert OutboxMessage.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_address_registered_twice_at_once_has_one_account() -> None:
    token = registration_token(email="siti@example.com", language="id")

    outcomes = race([lambda: register(token, full_name="Siti", password=NEW)] * 2)

    assert sorted(isinstance(outcome, LinkInvalid) for outcome in outcomes) == [False, True]
    assert User.objects.count() == 1
