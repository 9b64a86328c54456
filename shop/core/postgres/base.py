"""The name and place of this module are Django's: `ENGINE` is `shop.core.postgres`."""

import select
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.adapt import AdaptersMap
from psycopg.types.numeric import Int8Dumper

# A server that has gone without a word: statements end within 5 s (`statement_timeout`), so what it
# has not even acknowledged in this time never arrives.
DEAD_LINES = {"tcp_user_timeout": 15_000, "keepalives_idle": 30, "keepalives_interval": 10}


class DatabaseWrapper(base.DatabaseWrapper):
    """Hands out connections of the pool that the server has not closed.

    Django would ask the server each time, which costs a fifth of a millisecond a dozen times for
    each order; whether it has hung up is known without asking.
    """

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        context = AdaptersMap(params["context"])
        # By default 7 and 70000 are of different types, and what is prepared for one is prepared
        # again for the other.
        context.register_dumper(int, Int8Dumper)
        return DEAD_LINES | params | {"context": context}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        while self.pool is not None and has_hung_up(connection):
            # What is closed is replaced by the pool.
            connection.close()
            self.pool.putconn(connection)
            connection = self.pool.getconn()
        return connection


def has_hung_up(connection: psycopg.Connection[Any]) -> bool:
    """Whether the server has said something that nobody asked for, which mostly is its farewell."""
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    return bool(waiting.poll(0))
