"""Passkeys: one's own, for this shop, for a question asked here that nobody has answered."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client

from accounts.factors import remove_app
from accounts.models import Passkey, RecoveryCode, User
from accounts.passkeys import Site, check_passkey, remove_passkey
from accounts.tests.authenticator import PRESENT, Key
from accounts.tests.builders import PASSWORD, make_factor, make_owner, make_user
from shop.core import outbox
from shop.core.models import OutboxMessage
from tests.racing import race, start, wait_until_blocked

pytestmark = pytest.mark.django_db
SIGN_IN, STEP, FACTOR = "/account/sign-in/", "/account/sign-in/code/", "/account/second-factor/"
PASSKEY, OPTIONS = f"{SIGN_IN}passkey/", f"{SIGN_IN}passkey/options/"
ADD, CODES = f"{FACTOR}passkeys/", f"{FACTOR}codes/"


@pytest.fixture
def siti() -> User:
    return make_user("siti@example.com", password=PASSWORD, language="en")


def by_password(client: Client, user: User) -> Any:
    return client.post(SIGN_IN, {"email": user.email, "password": PASSWORD})


def add(client: Client, key: Key, name: str = "Pixel 9") -> Any:
    options = client.post(f"{ADD}options/").json()
    return client.post(ADD, {"name": name, "credential": key.create(options)})


def sign_in(client: Client, key: Key, **more: str) -> Any:
    options = client.post(OPTIONS).json()
    return client.post(PASSKEY, {"credential": key.get(options)} | more)


@pytest.fixture
def key(siti: User) -> Key:
    """Siti's, who is not signed in."""
    client, key = Client(), Key()
    by_password(client, siti)
    assert add(client, key)["Location"] == CODES
    siti.refresh_from_db()
    return key


def is_signed_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_a_passkey_is_added_listed_and_removed_and_its_owner_told(
    client: Client, siti: User
) -> None:
    by_password(client, siti)
    key = Key()
    assert add(client, key, name="").status_code == 422
    assert not Passkey.objects.exists()

    assert add(client, key)["Location"] == CODES

    assert len(re.findall("<code>", client.get(CODES).text)) == 10
    kept = Passkey.objects.get()
    assert (bytes(kept.credential_id), kept.user) == (key.credential_id, siti)
    assert "Pixel 9" in client.get(FACTOR).text
    # The same key once more, for whomever; another one brings no other recovery codes.
    assert add(client, key).status_code == 422
    assert add(client, Key(), name="Laptop")["Location"] == CODES
    assert client.get(CODES)["Location"] == FACTOR
    stranger = Client()
    stranger.force_login(make_owner())
    session = stranger.session
    session["fresh_at"] = client.session["fresh_at"]
    session.save()
    stranger.post(f"{ADD}{kept.pk}/remove/")
    assert Passkey.objects.count() == 2

    for passkey in Passkey.objects.all():
        assert client.post(f"{ADD}{passkey.pk}/remove/")["Location"] == FACTOR

    siti.refresh_from_db()
    assert (Passkey.objects.count(), RecoveryCode.objects.count()) == (0, 0)
    assert siti.factor_since is None
    for pk in OutboxMessage.objects.filter(done_at=None).values_list("pk", flat=True):
        outbox.deliver(pk)
    assert [letter.subject for letter in mail.outbox] == [
        *["Your account has a new passkey"] * 2,
        *["Your account has lost a second step"] * 2,
    ]


def test_a_passkey_is_the_second_step(client: Client, siti: User, key: Key) -> None:
    assert by_password(client, siti)["Location"].startswith(STEP)
    options = client.post(OPTIONS).json()
    assert [each["id"] for each in options["allowCredentials"]]
    other = Key(holder=key.holder)
    assert client.post(STEP, {"credential": other.get(options)}).status_code == 422
    # A key that asks for no finger will do after a password.
    key.flags = PRESENT
    options = client.post(OPTIONS).json()

    answer = client.post(STEP, {"credential": key.get(options), "next": "/cart/"})

    assert answer["Location"] == "/cart/"
    assert is_signed_in(client)


def test_a_passkey_of_somebody_else_is_no_second_step(client: Client, siti: User, key: Key) -> None:
    dewi = make_user(password=PASSWORD)
    make_factor(dewi)
    by_password(client, dewi)
    options = client.post(OPTIONS).json()

    answer = client.post(STEP, {"credential": key.get(options)})

    assert (answer.status_code, is_signed_in(client)) == (422, False)


def test_with_a_passkey_one_signs_in_without_a_password_and_opens_the_admin(
    client: Client, siti: User, key: Key
) -> None:
    User.objects.update(is_staff=True, is_superuser=True)
    client.get(SIGN_IN)

    assert sign_in(client, key, next="/admin/")["Location"] == "/admin/"

    assert is_signed_in(client)
    assert client.get("/admin/").status_code == 200
    assert client.get(FACTOR).status_code == 200
    assert sign_in(Client(), key, next="//evil.example/")["Location"] == "/account/"


@pytest.mark.parametrize(
    "flaw", ["verified", "origin", "host", "holder", "nobody", "closed", "challenge", "none"]
)
def test_no_other_answer_signs_in(client: Client, siti: User, key: Key, flaw: str) -> None:
    options = client.post(OPTIONS).json()
    if flaw == "verified":
        key.flags = PRESENT
    elif flaw == "origin":
        key.origin = "http://testserver.evil.example"
    elif flaw == "host":
        key.host = "evil.example"
    elif flaw == "holder":
        key.holder = make_user().public_id.bytes
    elif flaw == "nobody":
        Passkey.objects.all().delete()
    elif flaw == "closed":
        User.objects.update(is_active=False)
    elif flaw == "challenge":
        options = Client().post(OPTIONS).json()
    credential = "" if flaw == "none" else key.get(options)

    answer = client.post(PASSKEY, {"credential": credential})

    assert answer["Location"] == f"{SIGN_IN}?next=%2Faccount%2F"
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "garbage",
    [
        "{",
        "[]",
        "1",
        "{}",
        '{"id": "", "rawId": 1}',
        '{"id": "x", "rawId": "x", "type": "public-key", "response": {}}',
        '{"id": "AA", "rawId": "AA", "type": 1, "response": {"clientDataJSON": "é"}}',
        "\x00",
    ],
)
def test_what_is_no_answer_at_all_is_refused(
    client: Client, siti: User, key: Key, garbage: str
) -> None:
    client.post(OPTIONS)
    assert client.post(PASSKEY, {"credential": garbage}).status_code == 302
    given = json.loads(key.get(client.post(OPTIONS).json()))
    for part in given["response"]:
        broken = given | {"response": given["response"] | {part: garbage}}
        client.post(OPTIONS)
        assert client.post(PASSKEY, {"credential": json.dumps(broken)}).status_code == 302
    assert not is_signed_in(client)
    by_password(client, siti)
    assert client.post(STEP, {"credential": garbage}).status_code == 422


def test_what_is_no_new_key_is_refused(client: Client, siti: User) -> None:
    by_password(client, siti)
    made = json.loads(Key().create(client.post(f"{ADD}options/").json()))
    for part in ("clientDataJSON", "attestationObject"):
        for garbage in ("", "AA", "é", "oA", 1, None):
            broken = made | {"response": made["response"] | {part: garbage}}
            client.post(f"{ADD}options/")
            form = {"name": "x", "credential": json.dumps(broken)}
            assert client.post(ADD, form).status_code == 422
    for flaw in (Key(host="evil.example"), Key(origin="http://evil.example"), Key(flags=0)):
        assert add(client, flaw).status_code == 422
    assert not Passkey.objects.exists()


def test_an_answer_is_good_once_and_a_copied_key_falls_behind(
    client: Client, siti: User, key: Key
) -> None:
    key.counts = 5
    options = client.post(OPTIONS).json()
    credential = key.get(options)
    assert client.post(PASSKEY, {"credential": credential})["Location"] == "/account/"
    client.post("/account/sign-out/")
    client.post(PASSKEY, {"credential": credential})
    assert not is_signed_in(client)

    sign_in(client, key)
    assert not is_signed_in(client)
    key.counts = 6
    sign_in(client, key)
    assert is_signed_in(client)


@pytest.mark.django_db(transaction=True)
def test_of_two_with_one_answer_at_once_one_gets_in(client: Client, siti: User, key: Key) -> None:
    options = client.post(OPTIONS).json()
    kept = bytes.fromhex(client.session["passkey_challenge"][0])
    site, credential = Site("testserver", "http://testserver", "RONA"), key.get(options)

    outcomes = race(
        [
            lambda: check_passkey(
                credential=credential, challenge=kept, site=site, network="192.0.2.1"
            )
        ]
        * 4
    )

    assert sorted(type(one).__name__ for one in outcomes) == [*["PasskeyRefused"] * 3, "User"]


def test_passkeys_are_not_offered_where_browsers_have_none(client: Client) -> None:
    assert OPTIONS in client.get(SIGN_IN).text
    assert OPTIONS not in client.get(SIGN_IN, headers={"Host": "127.0.0.1"}).text


@pytest.mark.django_db(transaction=True)
def test_two_factors_removed_at_once_leave_none_behind(siti: User, key: Key) -> None:
    make_factor(siti)
    passkey, other = Passkey.objects.get(), User.objects.get()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            remove_passkey(user=siti, pk=passkey.pk)
            removal = start(pool, lambda: remove_app(user=other))
            wait_until_blocked()
        removal.result()

    siti.refresh_from_db()
    assert siti.factor_since is None
    assert not RecoveryCode.objects.exists()
