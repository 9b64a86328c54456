"""Waiting for a `NOTIFY` of PostgreSQL, on a connection of its own."""

import select
from typing import Any

import psycopg
from django.db import connection
from psycopg import sql


class Listener:
    """Sleeps until somebody notifies the channel, or the time is up.

    Not from the pool: a listening connection must not be handed to anybody else.
    """

    def __init__(self, channel: str) -> None:
        self.channel = channel
        self._connection: psycopg.Connection[Any] | None = None

    def wait(self, *, seconds: float) -> bool:
        """Whether there was a notification. Raises psycopg.Error when the database is away."""
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
        # psycopg's own waiting looks up ten times a second.
        poll = select.poll()
        poll.register(self._connection, select.POLLIN)
        if not poll.poll(seconds * 1000):
            return False
        # All of them: what is done after the first is done for the others too.
        return bool(list(self._connection.notifies(timeout=0)))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> psycopg.Connection[Any]:
        settings = connection.settings_dict
        opened = psycopg.connect(
            dbname=settings["NAME"],
            user=settings["USER"],
            password=settings["PASSWORD"],
            host=settings["HOST"],
            port=settings["PORT"],
            connect_timeout=3,
            autocommit=True,
            **{key: value for key, value in settings["OPTIONS"].items() if key.startswith("ssl")},
            application_name=f"listen-{self.channel}",
        )
        opened.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self.channel)))
        return opened
