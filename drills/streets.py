"""A crowd that keeps coming until its diary is closed."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from random import Random

import httpx

from drills.visits import REQUEST_SECONDS, BadWeather, Diary, Visitor
from drills.whole import WholeShop


@asynccontextmanager
async def shoppers_on(
    shop: WholeShop, diary: Diary, variants: Sequence[str], *, buyers: int, seed: int
) -> AsyncIterator[BadWeather]:
    """So many at the same time. On the way out each ends the visit that it has begun."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(
        base_url=f"{shop.url}/api/v1", limits=limits, timeout=REQUEST_SECONDS
    ) as client:
        street = BadWeather(client, shop.simulator_url, Random(seed))  # noqa: S311 - no secret
        async with asyncio.TaskGroup() as crowd:
            for number in range(buyers):
                own = Random(f"{seed}-{number}")  # noqa: S311 - no secret
                crowd.create_task(Visitor(street, diary, own, variants).come_and_go())
            try:
                yield street
            finally:
                diary.is_over = True
