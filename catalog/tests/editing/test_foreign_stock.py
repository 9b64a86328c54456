"""Goods lie with the seller whose they are: they come in there, and change hands without stock."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from catalog.editing.booking import ForeignLocation, receive_goods
from catalog.editing.products import lock_product, require_nothing_left
from catalog.models import Location, Product, Seller, StockItem, StockMovement, Variant
from catalog.tests.builders import (
    make_location,
    make_product,
    make_seller,
    make_variant,
    stock_of,
)
from catalog.tests.editing.pages import (
    Fields,
    messages_of,
    opened,
    page_of,
    post,
    problems_of,
    read_form,
)
from tests.running import eventually

RECEIVE = "/admin/catalog/stockitem/receive/"


@pytest.fixture
def neighbour() -> Seller:
    return make_seller("Toko Sebelah")


def change_seller(staff: Client, product: Product, seller: Seller) -> Any:
    url = page_of(product, "change")
    fields: Fields = read_form(staff.get(url).text, "product_form")
    return staff.post(url, fields | {"seller": seller.pk})


@pytest.mark.django_db
def test_goods_do_not_come_in_at_another_sellers_location(staff: Client, neighbour: Seller) -> None:
    mine, theirs = make_variant(on_hand=0), make_variant(product=make_product(seller=neighbour))
    place = make_location(seller=neighbour)
    before = StockItem.objects.count()

    answer = post(
        staff,
        RECEIVE,
        {
            f"units-{mine.pk}": "4",
            f"units-{theirs.pk}": "4",
            "location": place.pk,
            "form_token": "0" * 32,
            "action": "save",
        },
    )

    assert answer.status_code == 422
    assert "belong to another seller than the location" in messages_of(answer.text)
    assert problems_of(answer.text) == {
        str(mine.pk): "Belongs to another seller than the location."
    }
    assert (stock_of(mine), stock_of(theirs)) == ((0, 0), (10, 0))
    assert StockItem.objects.count() == before


@pytest.mark.django_db
def test_a_product_with_stock_does_not_change_hands(staff: Client, neighbour: Seller) -> None:
    variant = make_variant(on_hand=7)
    StockItem.objects.update(reserved=2)

    answer = change_seller(staff, variant.product, neighbour)

    assert answer.status_code == 200
    assert (
        "7 units of this product lie at Gudang Kota Pekalongan, and 2 of them are reserved"
        in answer.text
    )
    variant.product.refresh_from_db()
    assert variant.product.seller == make_seller()


@pytest.mark.django_db
def test_a_product_without_stock_changes_hands_and_lies_with_its_new_seller(
    staff: Client, neighbour: Seller
) -> None:
    variant = make_variant(on_hand=0)
    new = make_location(seller=neighbour)

    assert change_seller(staff, variant.product, neighbour).status_code == 302

    variant.product.refresh_from_db()
    assert variant.product.seller == neighbour
    columns = [name for name in opened(staff, variant.product) if "-stock-" in name]
    assert columns == [f"v{variant.pk}-stock-{new.pk}"]


@pytest.mark.django_db
def test_a_location_keeps_its_seller(staff: Client, neighbour: Seller) -> None:
    make_variant(on_hand=7)
    place = make_location()
    url = reverse("admin:catalog_location_change", args=[place.pk])
    fields = {"name": "Toko", "city": place.city, "province": "33", "country": "ID"}

    assert staff.post(url, fields | {"seller": neighbour.pk}).status_code == 302

    place.refresh_from_db()
    assert (place.name, place.seller) == ("Toko", make_seller())


def on_own_connection(call: Callable[[], None]) -> Exception | None:
    try:
        call()
    except ForeignLocation as error:
        return error
    finally:
        connection.close()
    return None


def is_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT 1 FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone() is not None


def coming_in(variant: Variant, place: Location) -> Callable[[], None]:
    return partial(
        receive_goods, location_pk=place.pk, units={variant.pk: 4}, reason="SJ-1", actor_id=None
    )


@pytest.mark.django_db(transaction=True)
def test_goods_that_come_in_while_their_product_changes_hands_are_refused(
    neighbour: Seller,
) -> None:
    variant, place = make_variant(on_hand=0), make_location()
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            product = lock_product(variant.product_id)
            require_nothing_left(product, seller_pk=neighbour.pk)
            coming = pool.submit(on_own_connection, coming_in(variant, place))
            eventually(lambda: coming.done() or is_waiting(), what="the goods to come in")
            Product.objects.filter(pk=product.pk).update(seller=neighbour)
        assert isinstance(coming.result(), ForeignLocation)
    assert not StockMovement.objects.exists()
