import os
import select
import time
from copy import deepcopy
from typing import Any, Self

import psycopg
import pytest
from django.db import connection
from psycopg_pool import ConnectionPool, PoolTimeout

from shop.core.postgres.base import DatabaseWrapper
from shop.core.postgres.pooling import pool_options
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


def test_once_the_database_is_back_so_is_the_pool_however_long_it_was_away() -> None:
    class Line(psycopg.Connection[Any]):
        is_cut = True

        @classmethod
        def connect(cls, *args: Any, **more: Any) -> Self:
            if cls.is_cut:
                raise psycopg.OperationalError("nobody there")
            return super().connect(*args, **more)

    address, options = os.environ["DATABASE_URL"], pool_options(2)
    with ConnectionPool(address, connection_class=Line, open=True, **options) as pool:
        back_at = time.monotonic() + 4
        while time.monotonic() < back_at:
            with pytest.raises(PoolTimeout):
                pool.getconn(timeout=0.2)
        Line.is_cut = False
        with pool.connection(timeout=2) as served:
            assert served.execute("SELECT 1").fetchone() == (1,)


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
