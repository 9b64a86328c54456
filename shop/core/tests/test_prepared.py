import pytest
from django.db import DataError, connection
from pytest_django import DjangoAssertNumQueries

from shop.core.prepared import read_prepared

STATEMENT = "SELECT %(dividend)s::bigint / %(divisor)s::bigint"


@pytest.mark.django_db
def test_a_statement_that_is_used_often_is_planned_once_by_its_connection() -> None:
    shown = [read_prepared(STATEMENT, {"dividend": 100, "divisor": n}) for n in range(1, 9)]
    assert shown == [[(100 // n,)] for n in range(1, 9)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        assert cursor.fetchall() == [("SELECT $1::bigint / $2::bigint",)]


@pytest.mark.django_db
def test_it_counts_as_a_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        read_prepared(STATEMENT, {"dividend": 4, "divisor": 2})


@pytest.mark.django_db
def test_its_errors_are_those_of_any_query() -> None:
    with pytest.raises(DataError):
        read_prepared(STATEMENT, {"dividend": 4, "divisor": 0})
