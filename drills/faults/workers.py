"""F5: a worker is killed in the middle of a task; its effect is there once."""

import asyncio
import os
import signal
from collections.abc import Sequence
from random import Random

import httpx

from drills.faults.letters import letters
from drills.visits import REQUEST_SECONDS, BadWeather, Diary, Intention, Visit, Visitor
from drills.whole import WholeShop, eventually, is_gone

TIMES = 3
# A worker's claim holds for a minute; then another one takes the work.
PATIENCE = 120.0


def kill_in_the_middle(shop: WholeShop, diary: Diary, variants: Sequence[str]) -> list[str]:
    """Some times: the mail's worker dies while the mail is in its hands. Returns the troubles."""
    troubles = []
    for time in range(1, TIMES + 1):
        try:
            visit = asyncio.run(_one_who_pays(shop, diary, variants, seed=time))
        except TimeoutError as error:
            troubles.append(f"F5: {error}")
            continue
        mine = [times for (to, _what), times in letters(shop).items() if to.startswith(visit.key)]
        print(f"F5 worker killed while it wrote to {visit.key}: letters {mine}", flush=True)
        if not mine or set(mine) != {1}:
            troubles.append(f"F5: letters of order {visit.number} came {mine} times")
    return troubles


async def _one_who_pays(
    shop: WholeShop, diary: Diary, variants: Sequence[str], *, seed: int
) -> Visit:
    async with httpx.AsyncClient(base_url=f"{shop.url}/api/v1", timeout=REQUEST_SECONDS) as client:
        chance = Random(f"F5-{seed}-{os.getpid()}")  # noqa: S311 - no secret
        street = BadWeather(client, shop.simulator_url, chance)
        visitor = Visitor(street, diary, chance, variants, chances={Intention.PAY: 1})
        with shop.frozen("mailbox"):
            visit = await visitor.visit()
            await asyncio.to_thread(_kill_its_worker, shop, visit)
        await asyncio.to_thread(_wait_for_mail, shop, visit)
    return visit


_ROW = (
    "FROM core_outboxmessage AS work JOIN orders_order AS placed"
    " ON work.key = 'order-confirmed:' || placed.id WHERE placed.number = %s AND"
)


def _kill_its_worker(shop: WholeShop, visit: Visit) -> None:
    eventually(
        lambda: shop.sql(
            f"SELECT 1 {_ROW} claimed_at IS NOT NULL AND done_at IS NULL", visit.number
        ),
        what="a worker to take the mail",
    )
    worker = shop.pid("worker")
    os.kill(worker, signal.SIGKILL)
    # What the dead worker may have written into the frozen socket dies with it.
    mailbox = shop.pid("mailbox")
    os.kill(mailbox, signal.SIGKILL)
    eventually(
        lambda: is_gone(worker) and shop.pid("worker") != worker and is_gone(mailbox),
        what="another worker",
    )


def _wait_for_mail(shop: WholeShop, visit: Visit) -> None:
    eventually(
        lambda: shop.sql(f"SELECT 1 {_ROW} done_at IS NOT NULL", visit.number),
        what=f"the mail of order {visit.number}",
        seconds=PATIENCE,
    )
