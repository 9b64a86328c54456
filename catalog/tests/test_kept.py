from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.db.transaction import TransactionManagementError
from pytest_django import DjangoAssertNumQueries

from catalog.models import Category, CategoryTranslation
from shop.core.kept import Kept


def named(*, name: str, language: str, parent: int) -> "QuerySet[CategoryTranslation]":
    return (
        CategoryTranslation.objects.filter(
            Q(category__parent=parent) | Q(category__parent=None), name=name, language=language
        )
        .exclude(slug__contains="100%")
        .select_related("category")
        .order_by("pk")
    )


@pytest.mark.django_db
def test_a_kept_query_gives_what_the_query_gives(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    above = Category.objects.create()
    for number in range(8):
        for language in ("id", "en"):
            CategoryTranslation.objects.create(
                category=Category.objects.create(parent=above if number % 2 else None),
                language=language,
                name=f"{number % 3}",
                slug=f"{language}-{number}",
            )
    kept = Kept(named, name="a name", language="a language", parent=-1)
    values: list[dict[str, Any]] = [
        {"name": name, "language": language, "parent": above.pk}
        for name in ("0", "1", "2", "%s")
        for language in ("id", "en")
    ]
    for each in [*values, *values]:
        with django_assert_num_queries(1):
            found = kept.fetch(**each)
            parents = [one.category.parent_id for one in found]
        expected = list(named(**each))
        assert found == expected
        assert parents == [one.category.parent_id for one in expected]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        assert cursor.fetchall() == [(1,)]


@pytest.mark.django_db
def test_a_value_that_the_query_does_not_use_is_a_mistake() -> None:
    def all_of_them(*, name: str) -> "QuerySet[Category]":
        return Category.objects.all()

    with pytest.raises(ValueError, match="name"):
        Kept(all_of_them, name="a name").fetch(name="x")


@pytest.mark.django_db(transaction=True)
def test_rows_are_not_locked_outside_of_a_transaction() -> None:
    kept = Kept(lambda *, pk: Category.objects.select_for_update().filter(pk=pk), pk=-1)
    category = Category.objects.create()
    with transaction.atomic():
        assert kept.fetch(pk=category.pk) == [category]
    with pytest.raises(TransactionManagementError):
        kept.fetch(pk=category.pk)
