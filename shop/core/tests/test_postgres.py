import select
from copy import deepcopy

import pytest
from django.db import connection

from shop.core.postgres.base import DatabaseWrapper
from shop.core.prepared import read_prepared


@pytest.mark.django_db
def test_the_pool_hands_out_no_connection_that_the_server_has_closed() -> None:
    settings = deepcopy(connection.settings_dict)
    settings["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 1, "timeout": 10}
    pooled = DatabaseWrapper(settings, alias="default")
    try:
        first = served_by(pooled)
        idle = pooled.connection
        pooled.close()
        assert served_by(pooled) == first
        pooled.close()

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [first])
        assert select.select([idle.fileno()], [], [], 10)[0]
        assert served_by(pooled) != first
    finally:
        pooled.close()
        pooled.close_pool()


@pytest.mark.django_db
def test_signs_of_percent_are_what_they_are() -> None:
    found = read_prepared("SELECT '100%%s' || %s, %s LIKE 'a%%'", ["%s", "ab"])
    assert found == [("100%s%s", True)]


@pytest.mark.django_db
def test_a_statement_is_prepared_once_for_small_and_large_numbers() -> None:
    for number in [1, 70_000, 2**40] * 4:
        assert read_prepared("SELECT %s + 1 AS of_any_size", [number]) == [(number + 1,)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT parameter_types::text FROM pg_prepared_statements"
            " WHERE statement LIKE '%% AS of_any_size'",
            [],
        )
        assert cursor.fetchall() == [("{bigint}",)]


def served_by(database: DatabaseWrapper) -> int:
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
        return int(pid)
