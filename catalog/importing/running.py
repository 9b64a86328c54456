"""Working through a file, batch by batch, each committed together with the place to go on from."""

import gc
import math
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from django.db import DatabaseError
from django.utils import timezone

from catalog.importing.drafts import Draft
from catalog.importing.formats import format_of
from catalog.importing.formats.base import Format
from catalog.importing.grouping import Grouping
from catalog.importing.options import REFUSE, ImportOptions
from catalog.importing.problems import BadFile, Problem
from catalog.importing.runs import HALTED, PACE, THEN_WRITE, Hold, record, turn_into_import
from catalog.importing.sheets import Sheet
from catalog.importing.shop import Plan
from catalog.importing.writing import Writer, refusals
from catalog.inventory import BelowReserved
from catalog.models import ImportRun, ImportState

BATCH_ROWS = 4000
# Writing a listing takes a lock of each product, and the database has room for some thousands.
BATCH_PRODUCTS = 1000
# One being written, one waiting: reading goes on while the database works.
BATCHES_AHEAD = 1
ATTEMPTS = 3
# A batch is some hundred thousand objects, all of which go when it is written.
OBJECTS_BETWEEN_COLLECTIONS = 200_000
Item = TypeVar("Item")
Batch = list[Draft]


class NoLongerSound(Exception):
    """A file that was tried as a whole and found sound has a product that cannot be written."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


class Work:
    """Works on a run that this process holds."""

    def __init__(
        self, hold: Hold, path: Path, *, on_progress: Callable[[ImportRun], None] = lambda run: None
    ) -> None:
        self._hold = hold
        self._run = hold.run
        self._path = path
        self._on_progress = on_progress
        self._options = ImportOptions.restored(self._run.options)

    def go(self, *, seconds: float = math.inf) -> bool:
        """Work until the end, or for about that long; returns whether the run is over.

        At least one batch is done. When time is up the run is released for the next process. Where
        a file that is to be imported as a whole proves unsound after all it is stopped there.
        Raises ImportStopped.
        """
        try:
            with _collecting_seldom(), closing(self._open()) as grouping:
                # Only now: looking through a large file may take longer than a slice.
                ends_at = time.monotonic() + seconds
                is_over = self._pass(grouping, ends_at)
                if is_over and self._run.is_dry_run and self._run.options.get(THEN_WRITE):
                    if self._run.skipped_products:
                        self._hold.finish(ImportState.REFUSED)
                        return True
                    self._begin_writing()
                    is_over = self._pass(grouping, ends_at)
        except BadFile as error:
            self._refuse(error.problem)
            return True
        except NoLongerSound as error:
            self._hold.halt(error.problems)
            return True
        if is_over:
            self._hold.finish(ImportState.DONE)
        else:
            self._hold.release()
        return is_over

    def _open(self) -> Grouping:
        options = self._options
        sheet = Sheet(self._path, encoding=options.encoding, delimiter=options.delimiter)
        self._format: Format = format_of(sheet, name=options.format, reading=options.reading())
        grouping = Grouping(sheet, self._format, beat=self._hold.beat)
        if not grouping.total:
            raise BadFile(Problem(1, "", "empty_file"))
        self._change(format=self._format.name, total_rows=grouping.total)
        return grouping

    def _change(self, **changes: object) -> None:
        self._hold.commit(**changes)
        for name, value in changes.items():
            setattr(self._run, name, value)

    def _pass(self, grouping: Grouping, ends_at: float) -> bool:
        """Through the file once, from the row where the run stands."""
        run = self._run
        if run.options.get(HALTED):
            self._hold.try_again()
        self._writer = Writer(
            grouping,
            language=self._options.language,
            choices=self._options.choices(),
            is_trial=run.is_dry_run,
        )
        if run.next_row == 0:
            with self._hold.writing():
                found = record(run, self._format.header_problems)
                self._change(problem_count=found)
        if not run.options.get(PACE):
            pace = {"row": run.next_row, "at": timezone.now().isoformat()}
            self._change(options={**run.options, PACE: pace})
        drafts = (self._format.draft(group) for group in grouping.groups(skip=run.next_row))
        with closing(_ahead(_batches(drafts))) as batches:
            for batch in batches:
                self._commit(batch)
                self._on_progress(run)
                if time.monotonic() > ends_at:
                    return run.next_row >= (run.total_rows or 0)
        return True

    def _commit(self, batch: Batch, refused: tuple[Problem, ...] = ()) -> None:
        """Write the batch, in halves where the database does not take it as a whole."""
        trouble = DatabaseError()
        for _attempt in range(ATTEMPTS):
            try:
                return self._write(batch, refused)
            except BelowReserved as error:
                refused += tuple(refusals(self._plan, error))
                self._writer.forget()
            except DatabaseError as error:
                # Most likely somebody else made the same product, or holds it: look again.
                self._writer.forget()
                trouble = error
        if len(batch) == 1:
            self._skip(batch[0], trouble)
            return None
        middle = len(batch) // 2
        self._commit(batch[:middle], refused)
        return self._commit(batch[middle:], refused)

    def _write(self, batch: Batch, refused: tuple[Problem, ...]) -> None:
        if self._run.is_dry_run:
            self._plan = self._writer.plan(batch)
            with self._hold.writing():
                counts = self._account(self._plan, batch)
        else:
            with self._hold.writing():
                self._plan = self._writer.plan(batch, refused=refused)
                self._writer.write(self._plan, self._run)
                counts = self._account(self._plan, batch)
        for name, value in counts.items():
            setattr(self._run, name, value)

    def _account(self, plan: Plan, batch: Batch) -> dict[str, int]:
        """The last statement of the transaction: exactly then the run stands behind the batch."""
        run = self._run
        if plan.skipped and not run.is_dry_run and self._options.on_problem == REFUSE:
            raise NoLongerSound([problem for problem in plan.problems if problem.is_fatal])
        counts = {
            "next_row": run.next_row + sum(draft.rows for draft in batch),
            "created_products": run.created_products + plan.created,
            "changed_products": run.changed_products + plan.changed,
            "unchanged_products": run.unchanged_products + plan.unchanged,
            "skipped_products": run.skipped_products + plan.skipped,
            "problem_count": run.problem_count + record(run, plan.problems),
        }
        self._hold.commit(**counts)
        return counts

    def _skip(self, draft: Draft, error: DatabaseError) -> None:
        """What no attempt could write is said, and the file goes on."""
        problem = Problem(draft.line, "", "not_taken", str(error).strip())
        plan = Plan(skipped=1, problems=[*draft.problems, problem])
        with self._hold.writing():
            counts = self._account(plan, [draft])
        for name, value in counts.items():
            setattr(self._run, name, value)

    def _begin_writing(self) -> None:
        """Nothing was wrong in the trial of a file that is imported as a whole or not at all."""
        with self._hold.writing():
            self._run.problems.all().delete()
            self._change(**turn_into_import(self._run))

    def _refuse(self, problem: Problem) -> None:
        with self._hold.writing():
            self._run.problem_count += record(self._run, [problem])
            self._hold.commit(problem_count=self._run.problem_count)
        self._hold.finish(ImportState.REFUSED)


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """Else a growing batch is searched for circles every 700 objects: a third of the time."""
    thresholds = gc.get_threshold()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


def _batches(drafts: Iterator[Draft]) -> Iterator[Batch]:
    batch: Batch = []
    rows = 0
    for draft in drafts:
        batch.append(draft)
        rows += draft.rows
        if rows >= BATCH_ROWS or len(batch) >= BATCH_PRODUCTS:
            yield batch
            batch, rows = [], 0
    if batch:
        yield batch


def _ahead(items: Iterator[Item]) -> Generator[Item, None, None]:
    """The same items, made by a thread of their own while the caller is busy with earlier ones."""
    ready: queue.Queue[Item | BaseException | None] = queue.Queue(BATCHES_AHEAD)
    is_closed = threading.Event()

    def fill() -> None:
        last: BaseException | None = None
        try:
            for item in items:
                if not _put(ready, item, is_closed):
                    return
        except BaseException as error:  # noqa: BLE001 - raised again by whoever reads
            last = error
        _put(ready, last, is_closed)

    thread = threading.Thread(target=fill, name="import-reader", daemon=True)
    thread.start()
    try:
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        is_closed.set()
        thread.join()


def _put(ready: "queue.Queue[Item]", item: Item, is_closed: threading.Event) -> bool:
    while not is_closed.is_set():
        try:
            ready.put(item, timeout=0.2)
        except queue.Full:
            continue
        return True
    return False
