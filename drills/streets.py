"""A crowd that keeps coming until its diary is closed."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from random import Random

import httpx

from drills.visits import CHANCES, REQUEST_SECONDS, Asked, BadWeather, Diary, Intention, Visitor
from drills.whole import WholeShop

LOOK_AGAIN_SECONDS = 0.2
PAGES = ("/", "/cart/", "/api/v1/products")


@asynccontextmanager
async def shoppers_on(
    shop: WholeShop,
    diary: Diary,
    variants: Sequence[str],
    *,
    buyers: int,
    seed: int | str,
    chances: Mapping[Intention, int] = CHANCES,
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
                crowd.create_task(
                    Visitor(street, diary, own, variants, chances=chances).come_and_go()
                )
            try:
                yield street
            finally:
                diary.is_over = True


async def warm_up(shop: WholeShop) -> None:
    """Nobody has looked at a shop that was just started: its first pages are no measure."""
    async with httpx.AsyncClient(base_url=shop.url, timeout=60) as client:
        for page in (*PAGES, *PAGES):
            await client.get(page)


@asynccontextmanager
async def lookers_in(shop: WholeShop, seen: list[Asked], *, lookers: int) -> AsyncIterator[None]:
    """So many who only look at pages, one after the other; what they were answered is noted."""
    is_over = asyncio.Event()
    async with (
        httpx.AsyncClient(
            base_url=shop.url, timeout=REQUEST_SECONDS, follow_redirects=True
        ) as client,
        asyncio.TaskGroup() as crowd,
    ):
        for number in range(lookers):
            crowd.create_task(_look(client, PAGES[number % len(PAGES)], seen, is_over))
        try:
            yield
        finally:
            is_over.set()


async def _look(
    client: httpx.AsyncClient, page: str, seen: list[Asked], is_over: asyncio.Event
) -> None:
    while not is_over.is_set():
        began = time.monotonic()
        try:
            status = (await client.get(page)).status_code
        except httpx.TransportError:
            status = 0
        seen.append(Asked(began, time.monotonic() - began, status))
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
