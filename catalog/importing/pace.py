"""How fast a run goes, and how long it will take."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from catalog.importing.runs import PACE
from catalog.models import ImportRun


@dataclass(frozen=True, slots=True)
class Pace:
    """`rate` in rows per second; `seconds_left` is None where nobody can tell yet."""

    done: int
    total: int
    rate: float
    seconds_left: float | None

    @classmethod
    def between(cls, *, first_row: int, row: int, total: int, seconds: float) -> Self:
        rate = (row - first_row) / seconds if seconds > 0 else 0.0
        return cls(row, total, rate, (total - row) / rate if rate else None)

    @classmethod
    def of(cls, run: ImportRun) -> Self:
        """Since the run was begun or gone on with, up to its last batch."""
        begun = run.options.get(PACE)
        seconds = 0.0
        if begun and run.beat_at:
            seconds = (run.beat_at - datetime.fromisoformat(begun["at"])).total_seconds()
        return cls.between(
            first_row=begun["row"] if begun else 0,
            row=run.next_row,
            total=run.total_rows or 0,
            seconds=seconds,
        )

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0

    @property
    def minutes_left(self) -> str:
        """`2:05`; a dash where nobody can tell."""
        if self.seconds_left is None:
            return "–"
        minutes, seconds = divmod(round(self.seconds_left), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
