"""Guests' wishlists end by themselves, and nobody makes them by the thousand."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client
from django.utils import timezone

from catalog import wishlist_views, wishlists
from catalog.models import Wishlist, WishlistLine
from catalog.tasks import prune_interest
from catalog.tests.interest.test_wishlist import OURS, SCRIPT, fill, keep, make_shirt, press
from shop.core.throttle import Limit
from tests.racing import race

pytestmark = pytest.mark.django_db


def make_list(*, days: float, is_filled: bool = True) -> Wishlist:
    """Last touched so many days ago."""
    wishlist = Wishlist.objects.create(touched_at=timezone.now() - timedelta(days=days))
    if is_filled:
        fill(wishlist, [make_shirt(f"Kemeja {wishlist.pk}")])
    return wishlist


def test_a_list_lives_for_a_year_after_its_last_change_and_an_empty_one_for_a_day() -> None:
    make_list(days=366)
    make_list(days=1.1, is_filled=False)
    of_customer = make_list(days=1000)
    of_customer.customer = get_user_model().objects.create(email="siti@example.com")
    of_customer.save(update_fields=["customer"])
    kept = {of_customer, make_list(days=364), make_list(days=0.9, is_filled=False)}

    prune_interest()

    assert set(Wishlist.objects.all()) == kept
    assert WishlistLine.objects.count() == 2


@pytest.mark.parametrize("name", ["keep", "drop"])
def test_every_change_begins_a_new_year(client: Client, name: str) -> None:
    make_shirt()
    press(client, "kemeja-ubud")
    Wishlist.objects.update(touched_at=timezone.now() - timedelta(days=300))

    press(client, "kemeja-ubud", name=name)

    age = timezone.now() - Wishlist.objects.get().touched_at
    assert age < timedelta(minutes=1)


def test_whoever_comes_back_after_all_that_time_begins_anew(client: Client) -> None:
    make_shirt()
    press(client, "kemeja-ubud")
    Wishlist.objects.update(touched_at=timezone.now() - timedelta(days=366))
    prune_interest()

    press(client, "kemeja-ubud")

    assert "Kemeja Ubud" in client.get("/wishlist/").text


def test_a_network_begins_so_many_lists_and_goes_on_with_those_it_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wishlist_views, "LIMITS", [Limit(times=2, seconds=3600)])
    make_shirt()
    make_shirt("Gamis")
    first, second, third = (Client() for _ in range(3))
    for client in (first, second, third):
        press(client, "kemeja-ubud-en", language="/en")

    assert Wishlist.objects.count() == 2
    assert "Too many requests have come from your network." in third.get("/en/wishlist/").text
    refused = third.post("/wishlist/change/", {"keep": "kemeja-ubud"}, headers=SCRIPT)
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 3600
    press(first, "gamis")
    assert WishlistLine.objects.count() == 3


def test_the_cookie_of_a_list_that_is_gone_is_no_way_around(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wishlist_views, "LIMITS", [Limit(times=2, seconds=3600)])
    make_shirt()
    press(client, "kemeja-ubud")
    old = client.cookies["wishlist"].value
    Wishlist.objects.all().delete()

    for _ in range(3):
        client.cookies["wishlist"] = old
        client.post("/wishlist/change/", {"keep": "kemeja-ubud"}, headers=OURS)

    assert Wishlist.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_somebody_keeps_at_this_moment_is_not_forgotten() -> None:
    make_shirt()
    wishlist = make_list(days=2, is_filled=False)

    with transaction.atomic():
        keep(wishlist, "kemeja-ubud")
        assert race([wishlists.prune]) == [None]

    assert WishlistLine.objects.get().wishlist == wishlist
