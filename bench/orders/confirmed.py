"""Tells when orders are confirmed and paid, by what the database says and nobody else."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import psycopg

EVERY_SECONDS = 0.02
PATIENCE = 120.0
_PAID = """
    SELECT number, extract(epoch FROM confirmed_at) FROM orders_order AS placed
    WHERE number = ANY (%s) AND status = 'confirmed' AND EXISTS (
        SELECT FROM payments_paymentreceipt AS receipt
        WHERE receipt.order_id = placed.id AND disposition = 'applied')
"""
# Work for later that an order brings with it: its mails, its invoice, what looks after it.
_LEFT = """
    SELECT (SELECT count(*) FROM core_outboxmessage WHERE done_at IS NULL AND failed_at IS NULL)
        + (SELECT count(*) FROM orders_order WHERE confirmed_at IS NOT NULL AND invoiced_at IS NULL)
        + (SELECT count(*) FROM payments_webhookevent WHERE next_try_at IS NOT NULL)
"""


class Confirmations:
    """One connection that asks for all who wait; what it costs the database is known by its pid."""

    def __init__(self, database: str) -> None:
        self._database = database
        self._waiting: dict[str, asyncio.Future[float]] = {}
        self._connection: psycopg.AsyncConnection[Any]
        self._task: asyncio.Task[None]

    async def __aenter__(self) -> Self:
        self._connection = await psycopg.AsyncConnection.connect(self._database, autocommit=True)
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        await self._connection.close()

    @property
    def pid(self) -> int:
        """Of the server's process that answers."""
        return self._connection.info.backend_pid

    def expect(self, number: str) -> "asyncio.Future[float]":
        """Done at the moment (seconds since 1970) the order is confirmed; or a TimeoutError."""
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[float] = loop.create_future()
        self._waiting[number] = waiting
        loop.call_later(PATIENCE, self._give_up, number)
        return waiting

    def _give_up(self, number: str) -> None:
        waiting = self._waiting.pop(number, None)
        if waiting is not None and not waiting.done():
            waiting.set_exception(TimeoutError(f"{number} is not confirmed"))

    async def work_left(self) -> int:
        """Pieces of work that orders have brought with them and that are not done."""
        found = await self._connection.execute(_LEFT)
        [(number,)] = await found.fetchall()
        return int(number)

    async def number_of(self, token: str) -> str:
        """The number of the order with this token."""
        found = await self._connection.execute(
            "SELECT number FROM orders_order WHERE token = %s", [token]
        )
        [(number,)] = await found.fetchall()
        return str(number)

    async def _watch(self) -> None:
        while True:
            if self._waiting:
                found = await self._connection.execute(_PAID, [list(self._waiting)], prepare=True)
                for number, moment in await found.fetchall():
                    waiting = self._waiting.pop(number, None)
                    if waiting is not None and not waiting.done():
                        waiting.set_result(float(moment))
            await asyncio.sleep(EVERY_SECONDS)
