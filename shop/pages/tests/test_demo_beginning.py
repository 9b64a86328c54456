"""The sample boutique comes into an empty shop, or not at all."""

import pytest
from django.db import connection, transaction
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Attribute, Category, Option, Product, SizeGuide, Synonym
from catalog.tests.builders import make_variant
from shop.pages.demo import read, read_products, shapes
from shop.pages.demo.catalogue import load_catalogue
from shop.pages.tests.test_demo import CATALOGUE

pytestmark = pytest.mark.django_db


def fill() -> bool:
    """The catalogue alone, without its files."""
    return load_catalogue(read("catalogue.json"), read_products(), now=timezone.now())


def test_a_larger_boutique_takes_no_more_statements() -> None:
    products = read_products()

    assert statements_to_load(products[:5]) == statements_to_load(products) <= 45


def statements_to_load(products: list[shapes.Product]) -> int:
    """Load them, count, and take it all back."""
    with transaction.atomic(), CaptureQueriesContext(connection) as statements:
        assert load_catalogue(read("catalogue.json"), products, now=timezone.now())
        transaction.set_rollback(True)
    return len(statements)


def test_a_shop_with_goods_of_its_own_gets_none_of_the_demo() -> None:
    own = make_variant()

    assert fill() is False
    assert list(Product.objects.all()) == [own.product]


@pytest.mark.parametrize("model", [Category, Option, Attribute, SizeGuide, Synonym])
def test_a_shop_that_has_only_begun_gets_none_of_the_demo_either(model: type[Model]) -> None:
    model._default_manager.create()

    assert fill() is False
    assert sum(each._default_manager.count() for each in CATALOGUE) == 1
