"""What follows a change waits for nothing that is slow, stuck or impossible."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from threading import Event, Thread
from uuid import uuid4

import psycopg
import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from catalog.inventory import reserve
from catalog.listing import bits
from catalog.listing.follow_up import follow_up_forever, run_once, tell_forever
from catalog.listing.refresh import deferred
from catalog.listing.telling import FEW, Clock, tell, tell_due
from catalog.models import (
    FacetBits,
    Listing,
    ListingChange,
    ListingSchedule,
    Price,
    Product,
    StaleListing,
    Variant,
)
from catalog.tests.builders import follow_up, make_product, make_variant
from tests.running import eventually

pytestmark = pytest.mark.django_db(transaction=True)
# A discount of it cannot be worked out: its listing cannot be written.
ABSURD = 10**17


@contextmanager
def elsewhere(statement: str, *values: object) -> Iterator[None]:
    """Another transaction has done this, and ends with the block."""
    parameters = {
        key: connection.get_connection_params()[key]
        for key in ("dbname", "host", "port", "user", "password")
    }
    with psycopg.connect(**parameters) as other:
        other.execute(statement, values)
        yield
        other.rollback()


def make_shirt(name: str = "Kemeja", price: int = 149_000) -> Variant:
    return make_variant(product=make_product(name), price=price, on_hand=1)


def reprice(variant: Variant, amount: int, compare_at: int | None = None) -> None:
    Price.objects.filter(variant=variant).update(amount_minor=amount, compare_at_minor=compare_at)


def sell(variant: Variant) -> None:
    item = variant.stock_items.get()
    with transaction.atomic():
        reserve(holder=uuid4(), quantities={item.pk: 1}, until=timezone.now())


def left_for_later(variant: Variant, amount: int, compare_at: int | None = None) -> None:
    """As a change that concerns very many products leaves them."""
    with transaction.atomic(), deferred():
        reprice(variant, amount, compare_at)
    StaleListing.objects.create(product_id=variant.product_id, is_deferred=True)


def listed_prices() -> set[int]:
    return set(Listing.objects.values_list("price_minor", flat=True))


def test_a_listing_that_cannot_be_written_holds_up_no_other() -> None:
    broken, *others = [make_shirt(f"Kemeja {number}") for number in range(6)]
    follow_up()
    left_for_later(broken, 149_000, ABSURD)
    for variant in others:
        left_for_later(variant, 99_000)

    follow_up()

    assert [*Listing.objects.filter(price_minor=149_000).values_list("product_id", flat=True)] == [
        broken.product_id
    ]
    # It stays marked, and is written once it can be.
    assert [*StaleListing.objects.values_list("product_id", flat=True)] == [broken.product_id]
    with transaction.atomic(), deferred():
        reprice(broken, 98_000)
    follow_up()
    assert listed_prices() == {98_000, 99_000}
    assert not StaleListing.objects.exists()


def test_a_price_that_begins_and_cannot_be_written_holds_up_no_other() -> None:
    broken, other = make_shirt("Kemeja"), make_shirt("Kaos")
    follow_up()
    for variant, compare_at in ((broken, ABSURD), (other, None)):
        with transaction.atomic(), deferred():
            reprice(variant, 99_000, compare_at)
    over = timezone.now()
    for variant in (broken, other):
        ListingSchedule.objects.create(product=variant.product, due_at=over)

    follow_up()

    assert Listing.objects.get(product=other.product).price_minor == 99_000
    left = ListingSchedule.objects.get()
    assert left.product_id == broken.product_id
    assert left.due_at > over


def test_a_listing_that_somebody_is_writing_holds_up_no_other() -> None:
    busy, other = make_shirt("Kemeja"), make_shirt("Kaos")
    follow_up()
    left_for_later(busy, 99_000)
    left_for_later(other, 99_000)

    with elsewhere("SELECT pg_advisory_xact_lock(catalog_listing_lock(%s))", busy.product_id):
        follow_up()
        assert listed_prices() == {149_000, 99_000}

    follow_up()
    assert listed_prices() == {99_000}


def test_what_a_single_change_has_left_comes_before_what_concerns_very_many() -> None:
    broken, sold = make_shirt("Kemeja"), make_shirt("Kaos")
    follow_up()
    with elsewhere("SELECT pg_advisory_xact_lock(catalog_listing_lock(%s))", sold.product_id):
        for _ in range(3):
            left_for_later(broken, 149_000, ABSURD)
        sell(sold)
    assert [*StaleListing.objects.order_by("pk").values_list("is_deferred", flat=True)] == [
        *[True] * 3,
        False,
    ]

    run_once()

    assert not Listing.objects.get(product=sold.product).is_available
    assert set(StaleListing.objects.values_list("is_deferred", flat=True)) == {True}


def test_a_page_is_told_while_its_listing_has_to_wait(client: Client) -> None:
    shirt = make_shirt()
    follow_up()
    assert "149.000" in client.get("/p/kemeja/").text

    with elsewhere("SELECT pg_advisory_xact_lock(catalog_listing_lock(%s))", shirt.product_id):
        reprice(shirt, 129_000)
        assert tell()
        assert "129.000" in client.get("/p/kemeja/").text


@pytest.mark.parametrize("products", [1, FEW + 1])
def test_pages_and_lists_are_told_while_nothing_can_be_counted(
    client: Client, products: int
) -> None:
    shirts = [make_shirt(f"Kemeja {number}") for number in range(products)]
    follow_up()
    assert "149.000" in client.get("/c/wanita/").text
    assert "149.000" in client.get("/p/kemeja-0/").text

    with elsewhere("LOCK TABLE catalog_facetbits IN EXCLUSIVE MODE"):
        for shirt in shirts:
            reprice(shirt, 129_000)
        assert tell()
        assert "129.000" in client.get("/p/kemeja-0/").text
        assert "149.000" not in client.get("/c/wanita/").text
        assert ListingChange.objects.filter(is_told=True).count() == products

    # Counted later, and then lists are told again.
    follow_up()
    assert not ListingChange.objects.exists()
    assert FacetBits.objects.get(token="p120000").bits.count("1") == products


def test_pages_are_told_of_a_price_that_begins_before_its_listing_is_written(
    client: Client,
) -> None:
    shirt = make_shirt()
    clock = Clock()
    follow_up()
    assert "149.000" in client.get("/p/kemeja/").text
    with transaction.atomic(), deferred():
        reprice(shirt, 129_000)
    assert not tell_due(clock)
    ListingSchedule.objects.create(product=shirt.product, due_at=timezone.now())

    assert tell_due(clock)

    assert "129.000" in client.get("/p/kemeja/").text
    assert Listing.objects.get().price_minor == 149_000
    # Once: what is left is the listing's.
    assert not tell_due(clock)


def test_counting_anew_while_the_shop_is_open_loses_nothing() -> None:
    shirt, _other = make_shirt("Kemeja"), make_shirt("Kaos")
    follow_up()
    untouched = "SELECT FROM catalog_facetbits WHERE token NOT LIKE '%%+' FOR UPDATE"

    with ThreadPoolExecutor(2) as pool:
        with elsewhere(untouched):
            # Has read the listings, and stops on its way to write what it has counted.
            rebuilding = pool.submit(closing, bits.rebuild_all)
            eventually(waiting_for_a_row, what="the rebuild to stop")
            sell(shirt)
            following = pool.submit(closing, follow_up)
            wait([following], timeout=1.5)
        rebuilding.result()
        following.result()
    follow_up()

    kept = {row.token: row.bits for row in FacetBits.objects.all()}
    bits.rebuild_all()
    assert {row.token: row.bits for row in FacetBits.objects.all()} == kept
    assert kept["+"].count("1") == 1


def closing(call: Callable[[], object]) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 0; SET statement_timeout = 0")
        call()
    finally:
        connection.close()


def waiting_for_a_row() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()"
            " AND wait_event_type = 'Lock' AND wait_event <> 'advisory'"
        )
        return cursor.fetchone() is not None


def test_it_all_happens_by_itself_and_ends_when_told_to(client: Client) -> None:
    shirt = make_shirt()
    assert "149.000" in client.get("/p/kemeja/").text
    stop = Event()
    threads = [Thread(target=work, args=[stop]) for work in (tell_forever, follow_up_forever)]
    for thread in threads:
        thread.start()
    try:
        reprice(shirt, 129_000)
        left_for_later(shirt, 119_000)
        eventually(lambda: "119.000" in client.get("/p/kemeja/").text, what="the new price")
        eventually(lambda: listed_prices() == {119_000}, what="the listing")
        eventually(lambda: not ListingChange.objects.exists(), what="all to be told")
    finally:
        stop.set()
        for thread in threads:
            thread.join(20)
    assert not any(thread.is_alive() for thread in threads)
    assert FacetBits.objects.filter(token="p110000").exists()


def test_a_deleted_products_mark_is_no_trouble() -> None:
    shirt = make_shirt()
    gone = shirt.product_id
    StaleListing.objects.create(product_id=gone + 1000, is_deferred=True)

    follow_up()

    assert not StaleListing.objects.exists()
    assert Product.objects.filter(pk=gone).exists()
