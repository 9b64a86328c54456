"""Signing in and out: nobody learns who has an account, and guessing is stopped."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.test import Client

from accounts.known_browsers import browser_of, remember
from accounts.models import User
from accounts.tests.builders import PASSWORD, make_user
from shop.core import throttle
from shop.core.cache import cache_server

pytestmark = pytest.mark.django_db
PATH = "/account/sign-in/"


@pytest.fixture
def siti() -> User:
    return make_user("siti@example.com", password=PASSWORD)


@pytest.fixture
def _valkey_away(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(type(cache_server()), "_away_until", float("inf"))
    throttle.forget_own()
    yield
    throttle.forget_own()


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each password that was hashed."""
    seen: list[str] = []
    encode = Argon2PasswordHasher.encode
    verify = Argon2PasswordHasher.verify

    def note_encode(self: Argon2PasswordHasher, password: str, salt: str) -> str:
        seen.append(password)
        return encode(self, password, salt)

    def note_verify(self: Argon2PasswordHasher, password: str, encoded: str) -> bool:
        seen.append(password)
        return verify(self, password, encoded)

    monkeypatch.setattr(Argon2PasswordHasher, "encode", note_encode)
    monkeypatch.setattr(Argon2PasswordHasher, "verify", note_verify)
    return seen


def form(email: str = "siti@example.com", password: str = PASSWORD, **more: str) -> dict[str, str]:
    return {"email": email, "password": password} | more


def is_signed_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_who_knows_the_password_is_signed_in_whatever_the_case_of_the_address(
    client: Client, siti: User
) -> None:
    answer = client.post(PATH, form("Siti@Example.com"))

    assert (answer.status_code, answer["Location"]) == (302, "/account/")
    assert "siti@example.com" in client.get("/account/").text


def test_unknown_wrong_and_closed_accounts_get_one_answer_and_the_same_work(
    client: Client, siti: User, hashed: list[str]
) -> None:
    make_user("closed@example.com", password=PASSWORD, is_active=False)
    make_user("invited@example.com")
    hashed.clear()
    pages, work = [], []
    for email, password in [
        ("siti@example.com", "not her password"),
        ("nobody@example.com", "not her password"),
        ("closed@example.com", PASSWORD),
        ("invited@example.com", "not her password"),
    ]:
        hashed.clear()
        answer = client.post(PATH, form(email, password))
        assert answer.status_code == 422
        pages.append(answer.text.partition("summary-errors")[2].partition("</div>")[0])
        work.append(len(hashed))
        assert not is_signed_in(client)

    assert work == [1, 1, 1, 1]
    assert len(set(pages)) == 1
    assert pages[0]


def test_an_account_is_guessed_at_eight_times_and_no_password_is_hashed_after_that(
    client: Client, siti: User, hashed: list[str]
) -> None:
    for number in range(8):
        answer = client.post(PATH, form(password="wrong"), REMOTE_ADDR=f"192.0.2.{number}")
        assert answer.status_code == 422
    hashed.clear()

    answer = client.post(PATH, form(), REMOTE_ADDR="198.51.100.1")

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) <= 300
    assert hashed == []
    assert not is_signed_in(client)


def test_strangers_cannot_use_up_the_tries_of_a_browser_that_was_signed_in_before(
    client: Client, siti: User
) -> None:
    client.post(PATH, form())
    client.post("/account/sign-out/")
    for number in range(30):
        stranger = Client(REMOTE_ADDR="127.0.0.1")
        stranger.cookies["known"] = f"{number:032x}:{'a' * 43}"
        stranger.post(PATH, form(password="wrong"))

    assert Client().post(PATH, form()).status_code == 429
    answers = [client.post(PATH, form(password="wrong")).status_code for _ in range(8)]
    assert answers == [422] * 8
    assert client.post(PATH, form()).status_code == 429


def test_what_a_browser_is_known_by_is_good_for_one_account_and_one_password(
    client: Client, siti: User
) -> None:
    client.post(PATH, form())
    kept = client.cookies["known"].value
    other = make_user("dewi@example.com", password=PASSWORD)

    assert browser_of(siti, kept)
    assert browser_of(siti, f"{'0' * 32}:{'a' * 43}.{kept}")
    assert browser_of(siti, kept[:-1] + ("A" if kept[-1] != "A" else "B")) == ""
    assert browser_of(other, kept) == browser_of(User(), kept) == ""
    both = remember(other, kept)
    assert browser_of(siti, both) == browser_of(siti, kept)
    assert remember(siti, both).count(".") == 1
    siti.set_password("another long password")
    assert browser_of(siti, kept) == ""


def test_one_network_tries_thirty_accounts_and_then_no_more(
    client: Client, siti: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.signing_in.authenticate", lambda **_given: None)
    for number in range(30):
        assert client.post(PATH, form(f"user-{number}@example.com")).status_code == 422

    assert client.post(PATH, form("user-31@example.com")).status_code == 429


@pytest.mark.usefixtures("_valkey_away")
def test_guessing_is_stopped_without_valkey_too(client: Client, siti: User) -> None:
    answers = [client.post(PATH, form(password="wrong")).status_code for _ in range(9)]

    assert answers == [422] * 8 + [429]


def test_the_session_gets_a_new_key(client: Client, siti: User) -> None:
    session = client.session
    session["before"] = "yes"
    session.save()
    client.cookies["session"] = session.session_key or ""

    client.post(PATH, form())

    assert client.cookies["session"].value != session.session_key


@pytest.mark.parametrize(
    ("wanted", "goal"),
    [
        ("/checkout/", "/checkout/"),
        ("/en/cart/?removed=1", "/en/cart/?removed=1"),
        ("https://evil.example/", "/account/"),
        ("//evil.example/", "/account/"),
        ("/\\evil.example/", "/account/"),
        ("javascript:alert(1)", "/account/"),
        ("cart/", "/account/"),
    ],
)
def test_it_goes_on_only_to_pages_of_ours(
    client: Client, siti: User, wanted: str, goal: str
) -> None:
    assert client.post(PATH, form(next=wanted))["Location"] == goal
    assert client.get(PATH, {"next": wanted})["Location"] == goal


def test_signing_in_and_out_needs_the_token_of_the_form(siti: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(PATH, form()).status_code == 403

    strict.force_login(siti)
    assert strict.post("/account/sign-out/").status_code == 403
    assert is_signed_in(strict)


def test_signing_out_is_a_button_and_no_link(client: Client, siti: User) -> None:
    client.force_login(siti)

    assert client.get("/account/sign-out/").status_code == 405
    assert is_signed_in(client)
    assert client.post("/account/sign-out/").status_code == 302
    assert not is_signed_in(client)


@pytest.mark.parametrize("path", ["/account/", PATH, "/account/carts/"])
def test_nobody_keeps_a_copy_of_these_pages(client: Client, siti: User, path: str) -> None:
    assert "no-store" in client.get(path)["Cache-Control"]
    client.force_login(siti)
    assert "no-store" in client.get(path)["Cache-Control"]


def test_the_link_in_the_header_is_the_same_for_everybody(client: Client, siti: User) -> None:
    before = client.get("/").text
    client.force_login(siti)

    assert client.get("/").text == before
    assert 'href="/account/"' in before
