"""Staff sign in with an e-mail address; rights are handed out by superusers only."""

import re

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from accounts.tests.builders import PASSWORD, make_owner, make_staff, make_user

INLINE = re.compile(r"<style|\sstyle=|\son\w+=\"|<script(?![^>]*\bsrc=)", re.IGNORECASE)
pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_user_is_added_with_a_password() -> None:
    client = signed_in(make_owner())
    data = {
        "email": "budi@example.com",
        "full_name": "Budi",
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    answer = client.post(reverse("admin:accounts_user_add"), data)
    added = User.objects.get(email="budi@example.com")
    assert answer.headers["Location"] == reverse("admin:accounts_user_change", args=[added.pk])
    assert added.check_password(PASSWORD)
    assert not added.is_staff


def test_a_short_password_is_refused() -> None:
    client = signed_in(make_owner())
    data = {
        "email": "budi@example.com",
        "usable_password": "true",
        "password1": "short-one-1",
        "password2": "short-one-1",
    }
    answer = client.post(reverse("admin:accounts_user_add"), data)
    assert list(answer.context["adminform"].form.errors) == ["password2"]
    assert not User.objects.filter(email="budi@example.com").exists()


def test_the_same_email_in_other_case_is_refused_beside_the_field() -> None:
    make_user("budi@example.com")
    data = {
        "email": "BUDI@example.com",
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }
    answer = signed_in(make_owner()).post(reverse("admin:accounts_user_add"), data)
    assert list(answer.context["adminform"].form.errors) == ["email"]
    assert User.objects.filter(email__iexact="budi@example.com").count() == 1


def test_only_a_superuser_hands_out_rights() -> None:
    colleague = make_staff("accounts.view_user", "accounts.change_user")
    customer = make_user("siti@example.com", full_name="Siti")
    url = reverse("admin:accounts_user_change", args=[customer.pk])
    data = {
        "email": "siti@example.com",
        "full_name": "Siti Aminah",
        "language": "id",
        "is_active": "on",
        "roles": ["owner"],
        "is_staff": "on",
        "is_superuser": "on",
    }
    assert signed_in(colleague).post(url, data).status_code == 302
    customer.refresh_from_db()
    assert (customer.full_name, customer.is_staff, customer.is_superuser) == (
        "Siti Aminah",
        False,
        False,
    )


def test_a_colleagues_account_and_password_are_for_superusers() -> None:
    colleague = make_staff("accounts.view_user", "accounts.change_user")
    owner = make_owner(password=PASSWORD)
    client = signed_in(colleague)
    change = client.post(reverse("admin:accounts_user_change", args=[owner.pk]), {})
    password = client.post(
        reverse("admin:auth_user_password_change", args=[owner.pk]),
        {"password1": "another-long-password", "password2": "another-long-password"},
    )
    assert (change.status_code, password.status_code) == (403, 403)
    owner.refresh_from_db()
    assert owner.check_password(PASSWORD)


def test_nobody_is_deleted() -> None:
    customer = make_user()
    url = reverse("admin:accounts_user_delete", args=[customer.pk])
    assert signed_in(make_owner()).post(url, {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=customer.pk).exists()


def test_no_list_and_no_form_has_an_inline_script_or_style() -> None:
    client = signed_in(make_owner())
    found = {}
    for model in admin.site._registry:
        if model._meta.label == "catalog.ProductImage":
            # Django's own pages for it would go past what pictures have to go through.
            continue
        names = model._meta.app_label, model._meta.model_name
        for page in ("changelist", "add"):
            url = reverse(f"admin:{names[0]}_{names[1]}_{page}")
            answer = client.get(url)
            if answer.status_code == 200 and INLINE.search(answer.text):
                found[url] = INLINE.findall(answer.text)
    assert found == {}


@pytest.mark.parametrize(("asked", "greeting"), [("id", "Selamat datang,"), ("en", "Welcome,")])
def test_the_admin_speaks_the_browsers_language(asked: str, greeting: str) -> None:
    answer = signed_in(make_owner()).get("/admin/", headers={"Accept-Language": asked})
    assert greeting in answer.text
    assert answer.headers["Content-Language"] == asked


def test_the_admin_carries_the_shops_name() -> None:
    assert (
        'id="site-name"><a href="/admin/">RONA</a>' in signed_in(make_owner()).get("/admin/").text
    )


def test_people_are_found_by_their_email_without_reading_everybody() -> None:
    make_user("Siti@Example.com")
    with CaptureQueriesContext(connection) as said:
        assert User.objects.get_by_natural_key("SITI@example.COM").email == "Siti@example.com"
    with connection.cursor() as cursor:
        # Of few rows all would be read rather than an index.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {said[0]['sql']}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index Cond: (lower((email)::text) = 'siti@example.com'::text)" in plan
