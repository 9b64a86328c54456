"""Past guest orders join an account only by a link mailed to their address."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from orders.claiming import ClaimInvalid, claim, send_claim
from orders.models import Order, OrderClaim
from orders.tests.builders import make_contact, make_order
from orders.tests.life.builders import send_mails
from shop.core.models import OutboxMessage
from tests.racing import race

ASK = "/claims/"


def make_user(email: str = "siti@example.com") -> User:
    return User.objects.create_user(email, "a long password of hers")


def mailed_link(user: User) -> str:
    """What the outbox mails to her, as a path."""
    send_claim({"user_id": user.pk})
    (line,) = (line for line in mail.outbox[-1].body.splitlines() if "/claims/" in line)
    return "/" + line.split("/", 3)[3]


def token_in(link: str) -> str:
    return link.rstrip("/").rpartition("/")[2]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def owners() -> list[Any]:
    return list(Order.objects.order_by("pk").values_list("customer", flat=True))


@pytest.mark.django_db
def test_guest_orders_join_the_account_by_the_mailed_link() -> None:
    mine = make_order(contact=make_contact("Siti@Example.com"))
    theirs = make_order(contact=make_contact("budi@example.com", "081298765432"))
    user = make_user()
    client = signed_in(user)
    assert client.post(ASK)["Location"] == ASK
    assert owners() == [None, None]
    (letter,) = (each for each in send_mails() if "/claims/" in each.body)
    assert letter.to == ["siti@example.com"]
    (link,) = (line for line in letter.body.splitlines() if "/claims/" in line)
    path = "/" + link.split("/", 3)[3]
    # A mail program that opens the link to look at it has claimed nothing.
    assert client.get(path).status_code == 200
    assert owners() == [None, None]
    assert client.post(path)["Location"] == ASK
    assert owners() == [user.pk, None]
    assert mine.events.filter(kind="claimed", user=user).count() == 1
    assert not theirs.events.filter(kind="claimed").exists()


@pytest.mark.django_db
def test_a_link_is_good_once_for_an_hour_and_for_its_account_only() -> None:
    order = make_order()
    user, stranger = make_user(), make_user("x@example.com")
    token = token_in(mailed_link(user))
    assert not OrderClaim.objects.filter(token_hash=token).exists()
    with pytest.raises(ClaimInvalid):
        claim(token=token, user=stranger)
    assert claim(token=token, user=user) == [order]
    with pytest.raises(ClaimInvalid):
        claim(token=token, user=user)
    make_order(contact=make_contact(phone="081211112222"))
    late = token_in(mailed_link(user))
    OrderClaim.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(ClaimInvalid):
        claim(token=late, user=user)
    assert owners() == [user.pk, None]


@pytest.mark.django_db
def test_a_link_mailed_to_an_earlier_address_is_void() -> None:
    make_order()
    make_order(contact=make_contact("budi@example.com", "081298765432"))
    user = make_user()
    token = token_in(mailed_link(user))
    user.email = "budi@example.com"
    user.save(update_fields=["email"])
    with pytest.raises(ClaimInvalid):
        claim(token=token, user=user)
    assert owners() == [None, None]


@pytest.mark.django_db
def test_nobody_learns_whether_there_are_orders() -> None:
    make_order()
    with_orders, without = make_user(), make_user("x@example.com")
    answers = []
    for user in (with_orders, without):
        client = signed_in(user)
        client.post(ASK)
        page = client.get(ASK).content.decode()
        start = page.index("<main")
        answers.append(page[start : page.index("<form", start)].replace(user.email, ""))
    assert answers[0] == answers[1]
    letters = [each for each in send_mails() if "/claims/" in each.body]
    assert [letter.to for letter in letters] == [["siti@example.com"]]


@pytest.mark.django_db
def test_links_are_mailed_a_few_times_only() -> None:
    make_order()
    client = signed_in(make_user())
    for _time in range(5):
        client.post(ASK)
    assert len([each for each in send_mails() if "/claims/" in each.body]) == 3
    # Thousands share the address of a mobile network: others have turns of their own.
    signed_in(make_user("budi@example.com")).post(ASK)
    assert OutboxMessage.objects.filter(topic="order-claim").count() == 4


@pytest.mark.django_db
def test_who_is_not_signed_in_is_asked_to() -> None:
    for path in (ASK, reverse("orders:claim_orders", args=["x" * 32])):
        assert Client().post(path).status_code == 302
    assert OrderClaim.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_link_used_many_times_at_once_is_used_once() -> None:
    make_order()
    user = make_user()
    token = token_in(mailed_link(user))
    outcomes = race([lambda: claim(token=token, user=user)] * 4)
    assert sum(isinstance(each, ClaimInvalid) for each in outcomes) == 3
    assert Order.objects.get().events.filter(kind="claimed").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("path", [ASK, "/claims/some-link/"])
def test_whoever_is_signed_out_signs_in_first_and_comes_back(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/account/sign-in/?next={path}"


@pytest.mark.django_db
def test_the_account_leads_there(client: Client) -> None:
    client.force_login(make_user())
    assert f'href="{ASK}"' in client.get("/account/").text
