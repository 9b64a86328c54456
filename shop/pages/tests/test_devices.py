"""Where an account is signed in: listed, ended one by one, and all but this one at once."""

import re

import pytest
from django.core.signing import Signer
from django.test import Client
from django.utils import timezone

from accounts.known_browsers import KNOWN_COOKIE
from accounts.links import LinkInvalid, LinkKind, link_token, sign_in_by_link
from accounts.models import Device, Session, User
from accounts.signed_in import named, prune, sign_out_everywhere
from accounts.tests.builders import PASSWORD, make_user
from accounts.tokens import begin

pytestmark = pytest.mark.django_db
PHONE = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/126.0.0.0 Mobile Safari/537.36"
)
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0"
PAGE = "/en/account/devices/"


@pytest.fixture
def siti() -> User:
    return make_user("siti@example.com", password=PASSWORD)


def signed_in(agent: str = PHONE, email: str = "siti@example.com") -> Client:
    client = Client(headers={"User-Agent": agent})
    answer = client.post("/account/sign-in/", {"email": email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (PHONE, "Chrome · Android"),
        (DESK, "Firefox · Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15"
            " (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
            "Safari · iPhone",
        ),
        (DESK.replace("Firefox/127.0", "Chrome/126 Safari/537 Edg/126"), "Edge · Windows"),
        ("curl/8", ""),
    ],
)
def test_a_browser_is_named_as_people_name_it(agent: str, words: str) -> None:
    assert named(agent) == words


def test_browsers_and_apps_are_listed_with_this_one_marked(siti: User) -> None:
    phone, _desk = signed_in(PHONE), signed_in(DESK)
    begin(user=siti, device_name="RONA on Pixel")
    make_user("budi@example.com", password=PASSWORD)
    signed_in(DESK, "budi@example.com")
    page = phone.get(PAGE).text

    shown = re.findall(r"<b>(.*?)</b>( <span class=\"pill[^>]*>(.*?)</span>)?", page)
    assert sorted((name, mark) for name, _span, mark in shown) == [
        ("Chrome · Android", "this one"),
        ("Firefox · Windows", ""),
        ("RONA on Pixel", ""),
    ]


def test_one_is_signed_out_at_once_and_the_others_stay(siti: User) -> None:
    phone, desk = signed_in(PHONE), signed_in(DESK)
    app = begin(user=siti, device_name="RONA on Pixel")
    other = Session.objects.get(agent=DESK)
    phone.post(PAGE, {"browser": other.public_id})
    assert (is_in(phone), is_in(desk)) == (True, False)
    phone.post(PAGE, {"app": str(Device.objects.get().public_id)})
    bearer = {"Authorization": f"Bearer {app.access}"}
    assert Client().get("/api/v1/me", headers=bearer).status_code == 401


@pytest.mark.parametrize("field", ["browser", "app"])
def test_nobody_signs_out_somebody_else(siti: User, field: str) -> None:
    phone = signed_in(PHONE)
    budi = make_user("budi@example.com", password=PASSWORD)
    desk = signed_in(DESK, "budi@example.com")
    begin(user=budi, device_name="RONA on Pixel")
    named_ids = {
        "browser": Session.objects.get(user=budi).public_id,
        "app": str(Device.objects.get(user=budi).public_id),
    }
    phone.post(PAGE, {field: named_ids[field]})
    assert is_in(desk)
    assert Device.objects.filter(user=budi).exists()


def test_everywhere_else_means_browsers_apps_and_mailed_links(siti: User) -> None:
    phone, desk = signed_in(PHONE), signed_in(DESK)
    app = begin(user=siti, device_name="RONA on Pixel")
    siti.refresh_from_db()
    link = link_token(siti, LinkKind.SIGN_IN)
    known, key = desk.cookies[KNOWN_COOKIE].value, phone.session.session_key
    answer = phone.post(PAGE, {"everywhere": "1"})

    assert answer.headers["Location"] == PAGE
    assert (is_in(phone), is_in(desk)) == (True, False)
    assert phone.session.session_key != key
    assert [row.user_id for row in Session.objects.all()] == [siti.pk]
    bearer = {"Authorization": f"Bearer {app.access}"}
    assert Client().get("/api/v1/me", headers=bearer).status_code == 401
    with pytest.raises(LinkInvalid):
        sign_in_by_link(link)
    siti.refresh_from_db()
    assert Signer(salt=f"known browser {siti.proof}").sign("x") not in known


def test_a_session_whose_row_was_kept_lets_in_no_more(siti: User) -> None:
    """A request at work meanwhile may write its session again."""
    phone = signed_in(PHONE)
    [row] = Session.objects.all()
    sign_out_everywhere(user=siti)
    row.save(force_insert=True)
    assert not is_in(phone)


def test_sessions_that_ran_out_are_forgotten(siti: User) -> None:
    phone = signed_in(PHONE)
    signed_in(DESK)
    Session.objects.filter(agent=DESK).update(expire_date=timezone.now())
    prune()
    assert [row.agent for row in Session.objects.all()] == [PHONE]
    assert is_in(phone)


def test_a_sign_in_takes_a_new_key_and_signing_out_ends_it_for_good(siti: User) -> None:
    client = Client()
    session = client.session
    session["before"] = "somebody has planted this"
    session.save()
    planted = str(session.session_key)
    client.post("/account/sign-in/", {"email": siti.email, "password": PASSWORD})
    assert not Session.objects.filter(pk=planted).exists()
    stolen = Client()
    stolen.cookies["session"] = client.cookies["session"].value
    assert is_in(stolen)
    client.post("/account/sign-out/")
    assert not is_in(stolen)
