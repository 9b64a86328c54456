"""Counts that follow sales: each unit once, however often and whenever they are taken."""

import uuid
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.utils import timezone

from catalog.inventory import commit_reservation, reserve
from catalog.models import Product, SearchWord, Variant
from catalog.roll_ups import count_sold, count_words
from catalog.tests.builders import make_product, make_variant
from tests.racing import race
from tests.running import eventually


def sell(variant: Variant, quantity: int) -> None:
    holder = uuid.uuid4()
    item = variant.stock_items.get()
    with transaction.atomic():
        reserve(holder=holder, quantities={item.pk: quantity}, until=timezone.now())
    commit_reservation(holder=holder)


def sold(product: Product) -> int:
    return Product.objects.values_list("sold_count", flat=True).get(pk=product.pk)


def counted_until(is_true: Callable[[], bool]) -> None:
    """Counting waits for older transactions, those of other tests on the server included."""
    eventually(lambda: (count_sold(), is_true())[1], what="the units to be counted", seconds=60)


@pytest.mark.django_db(transaction=True)
def test_units_are_counted_once() -> None:
    product = make_product()
    variant = make_variant(product=product, on_hand=10)
    sell(variant, 2)
    sell(variant, 3)

    counted_until(lambda: sold(product) == 5)
    assert not count_sold()

    sell(variant, 1)
    counted_until(lambda: sold(product) == 6)


@pytest.mark.django_db(transaction=True)
def test_two_who_count_at_the_same_moment_count_once() -> None:
    product = make_product()
    sell(make_variant(product=product, on_hand=10), 4)

    def both() -> bool:
        race([count_sold, count_sold])
        return sold(product) > 0

    eventually(both, what="the units to be counted", seconds=60)
    count_sold()

    assert sold(product) == 4


@pytest.mark.django_db(transaction=True)
def test_a_sale_that_commits_late_is_not_lost() -> None:
    """It got its key before another one that was counted meanwhile."""
    early, late = make_product(), make_product()
    slow, quick = (make_variant(product=each, on_hand=5) for each in (early, late))
    item = slow.stock_items.get()
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute(
                "INSERT INTO catalog_stockmovement (stock_item_id, kind, quantity, reason)"
                " VALUES (%s, 'sold', -2, '')",
                [item.pk],
            )
            sell(quick, 1)
            count_sold()
            cursor.execute("COMMIT")
    finally:
        other.close()
    counted_until(lambda: sold(early) > 0 and sold(late) > 0)
    assert (sold(early), sold(late)) == (2, 1)


@pytest.mark.django_db(transaction=True)
def test_words_are_counted_and_forgotten() -> None:
    product = make_product("Sarung Tenun")
    make_variant(product=product)
    make_variant(product=make_product("Sarung Goyor"))
    count_words()
    assert dict(SearchWord.objects.filter(word="sarung").values_list("word", "product_count")) == {
        "sarung": 2
    }

    product.translations.filter(language="id").update(name="Kain Lurik")
    product.translations.filter(language="en").update(name="Lurik cloth")
    count_words()

    assert SearchWord.objects.get(word="sarung").product_count == 1
