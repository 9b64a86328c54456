"""One line per step, with the time it took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress


def say(text: str, end: str = "\n") -> None:
    """Print at once; a terminal that was closed is no reason to leave work half done."""
    with suppress(OSError):
        print(text, end=end, flush=True)


class Step:
    detail = ""


@contextmanager
def step(name: str) -> Iterator[Step]:
    """Print the name at once, the time and `.detail` when the step is done."""
    say(f"  {name:<13}", end="")
    started = time.monotonic()
    running = Step()
    try:
        yield running
    except BaseException:
        say(f"{time.monotonic() - started:6.1f} s  not finished")
        raise
    say(f"{time.monotonic() - started:6.1f} s  {running.detail}")
