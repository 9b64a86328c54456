"""The second step: asked of everybody who has one, shown once, guessed at by nobody."""

import re
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import translation

from accounts.factors import WrongCode, check_code, set_up_app, take_away
from accounts.links import LinkKind, link_token
from accounts.models import CodeApp, RecoveryCode, User
from accounts.tests.builders import PASSWORD, code_of, make_factor, make_user, wrong_code
from accounts.totp import new_secret
from catalog.tests.builders import make_variant
from orders.models import Cart
from orders.tests.builders import make_cart
from shop.core import outbox
from shop.core.models import OutboxMessage
from tests.racing import race

pytestmark = pytest.mark.django_db
SIGN_IN, STEP, FACTOR = "/account/sign-in/", "/account/sign-in/code/", "/account/second-factor/"
CONFIRM, APP, CODES = "/account/confirm/", f"{FACTOR}app/", f"{FACTOR}codes/"
NEW = "kuda lumping naik sepeda"


@pytest.fixture
def siti() -> User:
    return make_user("siti@example.com", password=PASSWORD)


def by_password(client: Client, user: User, **more: str) -> Any:
    return client.post(SIGN_IN, {"email": user.email, "password": PASSWORD} | more)


def by_link(client: Client, user: User) -> Any:
    return client.post(f"/account/sign-in/links/{link_token(user, LinkKind.SIGN_IN)}/")


def by_reset(client: Client, user: User) -> Any:
    where = f"/account/reset/links/{link_token(user, LinkKind.RESET)}/"
    return client.post(where, {"password": NEW})


def is_signed_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def key_of(client: Client) -> str:
    return client.cookies["session"].value


def set_up(client: Client) -> tuple[str, list[str]]:
    """With the pages, as its person does: the secret and the recovery codes."""
    shown = re.search(r'data-copy="([A-Z2-7]{32})"', client.get(APP).text)
    assert shown is not None
    answer = client.post(APP, {"code": code_of(shown[1])})
    assert (answer.status_code, answer["Location"]) == (302, CODES)
    return shown[1], re.findall("<code>(.+?)</code>", client.get(CODES).text)


def letters() -> list[str]:
    mail.outbox.clear()
    for pk in OutboxMessage.objects.filter(done_at=None).values_list("pk", flat=True):
        outbox.deliver(pk)
    return [str(letter.subject) for letter in mail.outbox]


def test_an_app_is_set_up_by_its_first_code_and_recovery_codes_are_shown_once(
    client: Client, siti: User
) -> None:
    siti.language = "en"
    siti.save()
    by_password(client, siti)
    page = client.get(APP).text
    assert client.get(APP).text.count(re.findall("[A-Z2-7]{32}", page)[0]) == 2
    assert client.get(f"{APP}qr.png").content.startswith(b"\x89PNG")
    assert client.post(APP, {"code": "000 00"}).status_code == 422
    assert not CodeApp.objects.exists()

    secret, codes = set_up(client)

    assert len(set(codes)) == len(codes) == 10
    assert client.get(CODES)["Location"] == FACTOR
    assert client.get(f"{APP}qr.png").status_code == 404
    app, hashes = CodeApp.objects.get(), RecoveryCode.objects.values_list("code_hash", flat=True)
    assert secret.encode() not in bytes(app.sealed_secret)
    assert len(hashes) == 10
    assert not {code.replace("-", "") for code in codes} & set(hashes)
    assert letters() == ["Your account has a second step"]
    assert "recovery_codes" not in client.session
    assert client.post(APP, {"code": code_of(secret)})["Location"] == CODES
    assert CodeApp.objects.get() == app


@pytest.mark.parametrize("way", [by_password, by_link, by_reset])
def test_however_somebody_signs_in_the_second_step_is_asked_for(
    client: Client, siti: User, way: Any
) -> None:
    secret = make_factor(siti)
    client.cookies["cart"] = str(make_cart({make_variant(on_hand=5): 2}).token)
    client.get(SIGN_IN)

    answer = way(client, siti)

    assert answer["Location"].startswith(STEP)
    half = key_of(client)
    assert not is_signed_in(client)
    for path in ["/admin/", FACTOR, APP, CODES, CONFIRM, "/account/password/"]:
        assert "/sign-in/" in client.get(path)["Location"] or path == "/admin/"
        assert client.get(path).status_code == 302
    assert not Cart.objects.filter(customer=siti).exists()
    assert "known" not in client.cookies
    assert client.get(STEP).status_code == 200

    assert client.post(STEP, {"code": code_of(secret)})["Location"] == "/account/"
    assert is_signed_in(client)
    assert key_of(client) != half
    assert Cart.objects.get(customer=siti).lines.get().quantity == 2
    assert client.get(STEP)["Location"].startswith(SIGN_IN)


def test_half_a_sign_in_gets_a_new_key_and_ends_on_pages_of_ours(
    client: Client, siti: User
) -> None:
    secret = make_factor(siti)
    session = client.session
    session["before"] = "yes"
    session.save()
    client.cookies["session"] = session.session_key or ""

    answer = by_password(client, siti, next="/cart/")

    assert answer["Location"] == f"{STEP}?next=%2Fcart%2F"
    assert key_of(client) != session.session_key
    planted = Client()
    planted.cookies["session"] = session.session_key or ""
    assert planted.get(STEP)["Location"].startswith(SIGN_IN)
    answer = client.post(STEP, {"code": code_of(secret), "next": "//evil.example/"})
    assert answer["Location"] == "/account/"


def test_a_code_is_good_once(client: Client, siti: User) -> None:
    secret = make_factor(siti)
    code = code_of(secret)
    by_password(client, siti)
    assert client.post(STEP, {"code": f"{code[:3]} {code[3:]}"}).status_code == 302

    other = Client()
    by_password(other, siti)
    assert other.post(STEP, {"code": code}).status_code == 422
    assert not is_signed_in(other)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_of_two_with_one_code_at_once_one_gets_in(kind: str) -> None:
    siti, secret = make_user(), new_secret()
    [code, *_others] = set_up_app(user=siti, secret=secret, code=code_of(secret))
    CodeApp.objects.update(last_step=0)
    if kind == "app":
        code = code_of(secret)

    outcomes = race([lambda: check_code(user=siti, code=code, network="192.0.2.1")] * 6)

    assert sorted(str(type(one)) for one in outcomes) == sorted(
        [str(type(None)), *[str(WrongCode)] * 5]
    )


@pytest.mark.django_db(transaction=True)
def test_two_apps_set_up_at_once_are_one() -> None:
    siti, secrets = make_user(), [new_secret() for _ in range(4)]

    def act(secret: str) -> Any:
        user = User.objects.get(pk=siti.pk)
        return lambda: set_up_app(user=user, secret=secret, code=code_of(secret))

    outcomes = race([act(secret) for secret in secrets])

    assert sorted(type(one).__name__ for one in outcomes) == [*["FactorExists"] * 3, "list"]
    assert (CodeApp.objects.count(), RecoveryCode.objects.count()) == (1, 10)
    assert OutboxMessage.objects.count() == 1


def test_a_recovery_code_gets_in_once_without_the_phone(client: Client, siti: User) -> None:
    siti.language = "en"
    siti.save()
    by_password(client, siti)
    _secret, codes = set_up(client)
    letters()

    answers = []
    for given in [codes[0].upper().replace("-", " "), codes[0], codes[1]]:
        other = Client()
        by_password(other, siti)
        assert 'inputmode="text"' in other.get(f"{STEP}?by=recovery").text
        answers.append(other.post(f"{STEP}?by=recovery", {"code": given}).status_code)

    assert answers == [302, 422, 302]
    assert RecoveryCode.objects.count() == 8
    assert letters() == ["A recovery code of your account was used"] * 2
    assert "8 codes are left" in mail.outbox[1].body


@pytest.mark.parametrize("change", ["time", "password", "closed", "factor"])
def test_half_a_sign_in_ends_with_anything_that_changes(
    client: Client, siti: User, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    secret = make_factor(siti)
    by_password(client, siti)
    if change == "time":
        monkeypatch.setattr("accounts.factor_sessions.HALF_FOR", -1)
    elif change == "password":
        siti.set_password(NEW)
    elif change == "closed":
        siti.is_active = False
    else:
        take_away(user=siti, by="test")
    siti.save()

    answer = client.post(STEP, {"code": code_of(secret)})

    assert answer["Location"] == f"{SIGN_IN}?next=%2Faccount%2F"
    assert not is_signed_in(client)


def test_codes_are_guessed_at_eight_times_and_recovery_codes_are_left(
    client: Client, siti: User
) -> None:
    siti.language = "en"
    siti.save()
    by_password(client, siti)
    secret, codes = set_up(client)
    letters()
    CodeApp.objects.update(last_step=0)
    thief = Client(REMOTE_ADDR="198.51.100.1")
    by_password(thief, siti)

    answers = [thief.post(STEP, {"code": wrong_code(secret)}).status_code for _ in range(9)]
    last = thief.post(STEP, {"code": code_of(secret)})

    assert answers == [422] * 8 + [429]
    assert (last.status_code, 0 < int(last["Retry-After"]) <= 300) == (429, True)
    assert not is_signed_in(thief)
    assert letters() == ["Many codes were tried for your account"]
    # The tries of a browser that has signed in before are its own.
    client.post("/account/sign-out/")
    by_password(client, siti)
    assert client.post(STEP, {"code": code_of(secret)}).status_code == 302
    other = Client()
    by_password(other, siti)
    assert other.post(STEP, {"code": code_of(secret)}).status_code == 429
    assert other.post(STEP, {"code": codes[0]}).status_code == 302


def test_who_changes_the_way_in_shows_once_more_who_it_is(client: Client, siti: User) -> None:
    client.force_login(siti)
    for path in [FACTOR, APP, CODES]:
        assert client.get(path)["Location"].startswith(CONFIRM)
    for path in [APP, CODES, f"{APP}remove/"]:
        assert client.post(path)["Location"].startswith(CONFIRM)
    before = key_of(client)
    wrong = client.post(CONFIRM, {"password": "not her password", "next": APP})
    assert (wrong.status_code, client.get(APP).status_code) == (422, 302)

    assert client.post(CONFIRM, {"password": PASSWORD, "next": APP})["Location"] == APP
    assert key_of(client) != before
    secret, _codes = set_up(client)

    # Another session, even one that has just shown the password, has to show the factor now.
    other = Client()
    other.force_login(User.objects.get())
    session = other.session
    session["fresh_at"] = client.session["fresh_at"]
    session.save()
    assert other.post(f"{APP}remove/")["Location"].startswith(CONFIRM)
    assert other.post(CONFIRM, {"password": PASSWORD}).status_code == 422
    assert CodeApp.objects.exists()
    CodeApp.objects.update(last_step=0)
    assert other.post(CONFIRM, {"code": code_of(secret), "next": FACTOR})["Location"] == FACTOR
    assert other.post(f"{APP}remove/")["Location"] == FACTOR
    assert not CodeApp.objects.exists()


def test_with_the_factor_go_the_recovery_codes_and_signing_in_is_one_step_again(
    client: Client, siti: User
) -> None:
    siti.language = "en"
    siti.save()
    by_password(client, siti)
    _secret, old = set_up(client)
    assert client.post(CODES)["Location"] == CODES
    new = re.findall("<code>(.+?)</code>", client.get(CODES).text)
    assert (len(new), set(new) & set(old)) == (10, set())
    with pytest.raises(WrongCode):
        check_code(user=siti, code=old[0], network="192.0.2.1")

    client.post(f"{APP}remove/")

    assert not RecoveryCode.objects.exists()
    assert by_password(Client(), siti)["Location"] == "/account/"
    assert letters() == [
        "Your account has a second step",
        "Your account has new recovery codes",
        "Your account has lost a second step",
    ]
    assert client.post(CODES)["Location"] == CODES
    assert client.get(CODES)["Location"] == FACTOR


def test_another_password_by_mail_leaves_the_second_step(client: Client, siti: User) -> None:
    secret = make_factor(siti)
    by_reset(client, siti)

    siti.refresh_from_db()
    assert (siti.check_password(NEW), siti.factor_since is not None) == (True, True)
    assert client.post(STEP, {"code": code_of(secret)}).status_code == 302
    assert is_signed_in(client)


def test_somebody_without_a_password_is_told_how_to_go_on(client: Client) -> None:
    client.force_login(make_user())

    with translation.override("en"):
        page = client.get(f"/en{CONFIRM}").text

    assert 'href="/en/account/sign-in/by-mail/"' in page
    assert '<input type="password"' not in page
