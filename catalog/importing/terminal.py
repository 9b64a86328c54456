"""Progress in a terminal: one line that is drawn anew, or plain lines where nobody watches."""

import shutil
import time
from typing import Any, Self

from catalog.importing.pace import Pace
from catalog.models import ImportRun

PLAIN_EVERY_SECONDS = 5.0
DRAWN_EVERY_SECONDS = 0.2
WIDTH = 24


class Bar:
    def __init__(self, out: Any, run: ImportRun) -> None:
        self._out = out
        self._is_drawn = bool(out.isatty())
        self._started = time.monotonic()
        self._first_row = run.next_row
        self._last = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_drawn and self._last:
            self._out.write("")

    def show(self, run: ImportRun) -> None:
        """Called after each batch."""
        if run.next_row < self._first_row:
            # The second pass of a file that is first tried as a whole begins again from the top.
            self._first_row, self._started = 0, time.monotonic()
        now = time.monotonic()
        is_over = run.next_row >= (run.total_rows or 0)
        if now - self._last < self._pause and not is_over:
            return
        self._last = now
        pace = Pace.between(
            first_row=self._first_row,
            row=run.next_row,
            total=run.total_rows or 0,
            seconds=now - self._started,
        )
        self._write(pace, "checking" if run.is_dry_run else "importing")

    @property
    def _pause(self) -> float:
        return DRAWN_EVERY_SECONDS if self._is_drawn else PLAIN_EVERY_SECONDS

    def _write(self, pace: Pace, doing: str) -> None:
        text = (
            f"{doing} {pace.percent:>3} %  {pace.done:,} of {pace.total:,} rows  "
            f"{pace.rate:,.0f} rows/s  {pace.minutes_left} left"
        )
        if not self._is_drawn:
            self._out.write(text)
            return
        full = WIDTH * pace.percent // 100
        line = f"[{'█' * full}{'·' * (WIDTH - full)}] {text}"
        self._out.write(f"\r\x1b[K{line[: shutil.get_terminal_size().columns - 1]}", ending="")
        self._out.flush()
