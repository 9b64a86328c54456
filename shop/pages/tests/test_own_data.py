"""A copy of one's data: whole, one's own alone, and handed to nobody else."""

import csv
import json
import zipfile
from datetime import timedelta
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.exporting import prune_exports
from accounts.factor_sessions import FRESH
from accounts.models import DataExport, User
from accounts.tests.builders import PASSWORD, make_user
from catalog.models import StockAlert, Wishlist, WishlistLine
from catalog.tests.builders import make_variant
from orders.models import Order
from orders.notes import add_note
from orders.tests.builders import make_address, make_contact
from orders.tests.life.builders import ask_return, delivered
from orders.tests.reviews.builders import make_review
from shop.core import outbox
from shop.core.models import OutboxMessage

pytestmark = pytest.mark.django_db
PAGE = "/account/data/"


def sign_in(client: Client, user: User) -> None:
    answer = client.post("/account/sign-in/", {"email": user.email, "password": PASSWORD})
    assert answer.status_code == 302


def make_files() -> None:
    for pk in OutboxMessage.objects.filter(topic="data-export", done_at=None).values_list(
        "pk", flat=True
    ):
        outbox.deliver(pk)


def file_of(client: Client, export: DataExport) -> zipfile.ZipFile:
    answer = client.get(f"{PAGE}{export.public_id}/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    assert "no-store" in answer["Cache-Control"]
    return zipfile.ZipFile(BytesIO(answer.content))


def table(archive: zipfile.ZipFile, kind: str) -> list[dict[str, str]]:
    return [*csv.DictReader(StringIO(archive.read(f"{kind}.csv").decode("utf-8-sig")))]


def shop_of(user: User) -> Order:
    """An order of the account with all that may follow, and what it would like to have."""
    shirt = make_variant()
    order = delivered(
        {shirt: 1},
        contact=make_contact(user.email),
        address=make_address(recipient_name=f"Name of {user.email}"),
    )
    Order.objects.filter(pk=order.pk).update(customer=user)
    make_review(shirt, order=order)
    ask_return(order)
    line = {"product": shirt.product, "price_minor": 1, "currency": "IDR"}
    WishlistLine.objects.create(wishlist=Wishlist.objects.create(customer=user), **line)
    StockAlert.objects.create(variant=shirt, email=user.email.upper(), language="id")
    return order


def test_the_copy_is_whole_and_of_nobody_else(client: Client) -> None:
    siti = make_user("siti@example.com", password=PASSWORD)
    order = shop_of(siti)
    add_note(order_id=order.pk, text="words among us", author_id=siti.pk, token=order.holder)
    shop_of(make_user("budi@example.com"))
    sign_in(client, siti)
    assert client.post(PAGE).status_code == 302
    # A second click asks for nothing more.
    client.post(PAGE)
    make_files()
    [export] = DataExport.objects.all()
    [letter] = [each for each in mail.outbox if each.to == [siti.email]]
    assert PAGE in str(letter.body)
    archive = file_of(client, export)
    told: dict[str, list[dict[str, Any]]] = json.loads(archive.read("data.json"))
    assert {kind: len(rows) for kind, rows in told.items()} == {
        "account": 1,
        "browsers_signed_in": 1,
        "wishlist": 1,
        "stock_alerts": 1,
        "orders": 1,
        "order_lines": 1,
        "order_events": Order.objects.get(pk=order.pk).events.count(),
        "shipments": 1,
        "returns": 1,
        "reviews": 1,
    }
    assert {name.removesuffix(".csv") for name in archive.namelist()} == {*told, "data.json"}
    assert told["orders"][0]["recipient_name"] == "Name of siti@example.com"
    assert table(archive, "orders")[0]["number"] == order.number
    everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"budi" not in everything.lower()
    assert b"words among us" not in everything


def test_only_its_person_downloads_it_and_not_for_ever(client: Client) -> None:
    siti = make_user("siti@example.com", password=PASSWORD)
    budi = make_user("budi@example.com", password=PASSWORD)
    assert client.post(PAGE)["Location"].startswith("/account/sign-in/")
    assert not DataExport.objects.exists()
    sign_in(client, siti)
    client.post(PAGE)
    make_files()
    [export] = DataExport.objects.all()
    other = Client()
    sign_in(other, budi)
    assert other.get(f"{PAGE}{export.public_id}/").status_code == 404
    assert b"siti" not in bytes(export.sealed or b"")
    # Whoever finds the browser open an hour later shows who they are first.
    file_of(client, export)
    session = client.session
    fresh_at, session[FRESH] = session[FRESH], 0
    session.save()
    assert client.get(f"{PAGE}{export.public_id}/")["Location"].startswith("/account/confirm/")
    session[FRESH] = fresh_at
    session.save()
    DataExport.objects.update(asked_at=timezone.now() - timedelta(days=7))
    assert client.get(f"{PAGE}{export.public_id}/").status_code == 404
    prune_exports()
    assert not DataExport.objects.exists()


def test_three_times_a_day(client: Client) -> None:
    siti = make_user("siti@example.com", password=PASSWORD)
    sign_in(client, siti)
    for _time in range(4):
        client.post(PAGE)
        make_files()
    assert DataExport.objects.count() == 3
