"""F7: the disk of PostgreSQL is full. Nothing is acknowledged that is not there; it recovers."""

import asyncio
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from drills.faults.figures import figures
from drills.goods import some
from drills.reckoning import reckon, wait_until_quiet
from drills.scratch import leaving_when_told
from drills.streets import lookers_in, shoppers_on
from drills.visits import Asked, Diary
from drills.whole import WholeShop, eventually, whole_shop

DISK_MEGABYTES = 700
WINDOW_SECONDS = 60
RECOVERY_SECONDS = 60


def fill_up(*, seconds: float, seed: int) -> list[str]:
    """A shop of its own on a small disk in memory; the troubles. Skipped where none can be had."""
    if os.geteuid() != 0:
        print("F7 disk full: skipped, only root may mount a small disk")
        return []
    with leaving_when_told(), ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="etalase-disk-")))
        place.chmod(0o711)
        home = stack.enter_context(_small_disk(place / "pg"))
        if home is None:
            print("F7 disk full: skipped, this machine mounts nothing")
            return []
        shop = stack.enter_context(whole_shop(place, PAYMENT_WINDOW_SECONDS=str(WINDOW_SECONDS)))
        return asyncio.run(_fill_and_free(shop, home, seconds=seconds, seed=seed))


@contextmanager
def _small_disk(place: Path) -> Iterator[Path | None]:
    place.mkdir()
    size = f"size={DISK_MEGABYTES}m"
    mounted = subprocess.run(
        ["/usr/bin/mount", "-t", "tmpfs", "-o", size, "tmpfs", place], check=False
    )
    try:
        yield None if mounted.returncode else place
    finally:
        if not mounted.returncode:
            subprocess.run(["/usr/bin/umount", "--lazy", place], check=False)


async def _fill_and_free(shop: WholeShop, home: Path, *, seconds: float, seed: int) -> list[str]:
    variants = shop.put_on_sale([some(1_000_000)] * 3)
    diary, pages = Diary(), list[Asked]()
    crowd = shoppers_on(shop, diary, variants, buyers=4, seed=seed)
    async with lookers_in(shop, pages, lookers=3), crowd:
        await asyncio.sleep(seconds / 2)
        full = time.monotonic()
        filler = home / "filler"
        refused = await asyncio.to_thread(_fill, shop, filler, seconds)
        freed = time.monotonic()
        filler.unlink()
        await asyncio.to_thread(
            eventually,
            lambda: diary.has_sold(after=freed),
            what="the shop to sell again",
            seconds=RECOVERY_SECONDS,
        )
        selling = time.monotonic() - freed
        await asyncio.sleep(seconds / 4)
    print(f"F7 disk full\n  full, pages   {figures(pages, since=full, until=freed)}")
    print(f"  full, orders  {figures(diary.orders, since=full, until=freed)}")
    print(f"  PostgreSQL said {refused} times that there is no space")
    print(f"  selling again {selling:.1f} s after there was space", flush=True)
    troubles = [] if refused else ["F7: PostgreSQL never missed the space"]
    left = await asyncio.to_thread(wait_until_quiet, shop, seconds=WINDOW_SECONDS + 60)
    return [*troubles, *reckon(shop, diary.visits, left)]


def _fill(shop: WholeShop, filler: Path, seconds: float) -> int:
    """Keep the disk full to the last block for so long; how often PostgreSQL complained."""
    log = Path(str(shop.role("postgres")["log"]))
    begins = log.stat().st_size
    give_up_at = time.monotonic() + seconds
    with filler.open("ab", buffering=0) as out:
        while time.monotonic() < give_up_at:
            try:
                out.write(bytes(1 << 20))
            except OSError:
                _last_blocks(filler)
                time.sleep(0.02)
    with log.open("rb") as lines:
        lines.seek(begins)
        return lines.read().count(b"No space left on device")


def _last_blocks(filler: Path) -> None:
    with filler.open("ab", buffering=0) as out:
        try:
            while True:
                out.write(bytes(4096))
        except OSError:
            return
