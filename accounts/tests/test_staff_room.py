"""Nobody works in the admin without a second factor, and whoever has lost it gets help."""

import logging
import re

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.models import CodeApp, RecoveryCode, User
from accounts.tests.builders import (
    PASSWORD,
    code_of,
    make_factor,
    make_owner,
    make_staff,
    make_user,
)
from shop.core import outbox
from shop.core.models import OutboxMessage
from tests.authorization.routes import all_routes

pytestmark = pytest.mark.django_db


def sign_in(client: Client, user: User) -> str:
    """With the password, on the way to the admin: where that leads."""
    form = {"email": user.email, "password": PASSWORD, "next": "/admin/"}
    return str(client.post("/account/sign-in/", form)["Location"])


def forget_factor(client: Client) -> None:
    """As if the session had been begun before there was a factor."""
    session = client.session
    del session["factor"]
    session.save()


def test_no_page_of_the_admin_opens_without_the_factor() -> None:
    owner = make_owner()
    client = Client()
    client.force_login(owner)
    assert client.get("/admin/").status_code == 200
    forget_factor(client)
    pages = {route.path() for route in all_routes() if route.is_admin}
    pages -= {"/admin/login/", "/admin/logout/"}

    opened = {
        path: answer.status_code
        for path in pages
        if not (answer := client.get(path)).get("Location", "").startswith("/admin/login/")
    }

    assert opened == {}
    assert len(pages) > 300


def test_a_new_colleague_sets_up_a_factor_before_anything_else() -> None:
    owner, client = make_owner(password=PASSWORD), Client()
    door = client.get("/admin/orders/order/?q=1")["Location"]
    assert client.get(door)["Location"] == (
        "/account/sign-in/?next=%2Fadmin%2Forders%2Forder%2F%3Fq%3D1"
    )
    assert sign_in(client, owner) == "/admin/"
    door = client.get("/admin/")["Location"]
    assert client.get(door)["Location"] == "/account/second-factor/app/?next=%2Fadmin%2F"
    shown = re.search(r'data-copy="(\w{32})"', client.get("/account/second-factor/app/").text)
    assert shown is not None

    client.post("/account/second-factor/app/", {"code": code_of(shown[1])})

    assert 'href="/admin/"' in client.get("/account/second-factor/codes/").text
    assert client.get("/admin/").status_code == 200
    # The other way round there is no door: another session has to show it.
    other = Client()
    assert sign_in(other, owner) == "/account/sign-in/code/?next=%2Fadmin%2F"
    assert other.get("/admin/").status_code == 302


def test_a_session_that_has_not_shown_the_factor_is_asked_for_it() -> None:
    owner, client = make_owner(password=PASSWORD), Client()
    sign_in(client, owner)
    secret = make_factor(owner)
    door = client.get("/admin/")["Location"]
    assert client.get(door)["Location"] == "/account/confirm/?next=%2Fadmin%2F"

    form = {"code": code_of(secret), "next": "/admin/"}
    assert client.post("/account/confirm/", form)["Location"] == "/admin/"

    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/login/")["Location"] == "/admin/"


def test_the_password_is_changed_on_the_shops_page_which_counts_and_tells() -> None:
    client = Client()
    client.force_login(make_owner())

    assert client.get("/admin/password_change/")["Location"] == "/account/password/"


def test_a_customer_is_shown_no_door() -> None:
    client, customer = Client(), make_user(password=PASSWORD)
    make_factor(customer)
    client.force_login(customer)

    answer = client.get("/admin/", follow=True)

    assert (answer.status_code, len(answer.redirect_chain)) == (403, 1)


def test_an_owner_takes_a_lost_factor_away_and_its_sessions_with_it() -> None:
    budi, owner = make_staff("orders.view_order", language="en", roles=["packer"]), make_owner()
    client, boss = Client(), Client()
    make_factor(budi)
    client.force_login(budi)
    boss.force_login(owner)
    url = reverse("admin:accounts_user_change", args=[budi.pk])
    form = {"email": budi.email, "language": "en", "is_active": "on", "roles": ["packer"]}
    assert boss.post(url, form).status_code == 302
    assert client.get("/admin/").status_code == 200

    assert boss.post(url, form | {"take_factor_away": "on"}).status_code == 302

    budi.refresh_from_db()
    assert (budi.factor_since, budi.roles, budi.is_staff) == (None, ["packer"], True)
    assert not CodeApp.objects.filter(user=budi).exists()
    assert client.get("/admin/")["Location"].startswith("/admin/login/")
    make_factor(budi)
    assert client.get("/admin/")["Location"].startswith("/admin/login/")
    for pk in OutboxMessage.objects.filter(done_at=None).values_list("pk", flat=True):
        outbox.deliver(pk)
    assert [letter.subject for letter in mail.outbox] == ["Your account has lost a second step"]
    assert "Take the second step away" in LogEntry.objects.latest("pk").change_message


def test_only_an_owner_takes_a_factor_away() -> None:
    customer, client = make_user(full_name="Siti"), Client()
    make_factor(customer)
    client.force_login(make_staff("accounts.view_user", "accounts.change_user"))
    url = reverse("admin:accounts_user_change", args=[customer.pk])
    form = {"email": customer.email, "full_name": "Siti Aminah", "language": "id"}

    client.post(url, form | {"is_active": "on", "take_factor_away": "on"})

    customer.refresh_from_db()
    assert (customer.full_name, customer.factor_since is None) == ("Siti Aminah", False)


def test_a_lost_factor_is_taken_away_on_a_server(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    owner = make_owner(email="Siti@example.com")
    make_factor(owner)
    RecoveryCode.objects.create(user=owner, code_hash="0" * 64)

    with caplog.at_level(logging.WARNING):
        call_command("take_factor_away", "siti@EXAMPLE.com")

    assert (CodeApp.objects.count(), RecoveryCode.objects.count()) == (0, 0)
    [line] = [line for line in caplog.records if line.message == "second_factor_taken_away"]
    assert (vars(line)["user_id"], vars(line)["by"]) == (owner.pk, "manage.py")
    for email in ("siti@example.com", "nobody@example.com"):
        with pytest.raises(CommandError):
            call_command("take_factor_away", email)
