"""The life of a run: begun once, held by one process at a time, found again after a crash.

Whoever works on a run holds it by `beat_at`, which each batch renews. A holder that falls silent
for `LEASE` has lost it, and its next batch does not commit.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.importing.options import REFUSE, ImportOptions, digest_of, fingerprint
from catalog.importing.problems import MAX_COLUMN, MAX_VALUE, Problem
from catalog.models import ImportProblem, ImportRun, ImportState
from shop.core import outbox
from shop.core.errors import DomainError

LEASE: timedelta = settings.IMPORT_LEASE
TOPIC = "import-slice"
OPEN_STATES = (ImportState.WAITING, ImportState.RUNNING, ImportState.STOPPED)
# Keys of `options` beside the options themselves: the digest of the file; whether this dry run is
# the first half of an import that refuses files with problems; since when and which row it runs;
# whether a file that is imported as a whole had to stop half-way.
DIGEST, THEN_WRITE, PACE, HALTED = "digest", "then_write", "pace", "halted"


class ImportIsRunning(DomainError):
    """Another process works on the same file; `silent_for` are the seconds since its last sign."""

    code = "import_is_running"
    message = _("This file is being imported right now. Wait until that has finished.")

    def __init__(self, silent_for: float) -> None:
        super().__init__(f"running, last sign {silent_for:.0f} s ago")
        self.silent_for = silent_for


class ImportStopped(DomainError):
    """Somebody stopped the run, or another process took it over; this batch was not written."""

    code = "import_stopped"
    message = _("The import was stopped. What was imported before stays; it can go on later.")


class HasProblems(DomainError):
    code = "import_has_problems"
    message = _("Something is wrong in the file, which is to be imported as a whole or not at all.")


class ImportIsOver(DomainError):
    code = "import_is_over"
    message = _("This import is over.")


@transaction.atomic
def begin(
    *,
    path: Path,
    name: str,
    options: ImportOptions,
    is_dry_run: bool,
    actor_id: int | None = None,
) -> ImportRun:
    """The run of this file with these options that is not over yet, or a new one."""
    digest = digest_of(path)
    print_of = fingerprint(digest, options, is_dry_run=is_dry_run)
    # Two who begin at the same moment get the same run, and only one of them will hold it.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [print_of])
    unfinished = ImportRun.objects.filter(fingerprint=print_of, state__in=OPEN_STATES)
    run = unfinished.order_by("-pk").first()
    if run is not None:
        return run
    run = new_run(
        digest=digest, name=name, options=options, is_dry_run=is_dry_run, actor_id=actor_id
    )
    run.save()
    return run


def new_run(
    *, digest: str, name: str, options: ImportOptions, is_dry_run: bool, actor_id: int | None
) -> ImportRun:
    """Not saved yet. One that refuses files with problems begins as a dry run, and then writes."""
    then_write = options.on_problem == REFUSE and not is_dry_run
    return ImportRun(
        fingerprint=fingerprint(digest, options, is_dry_run=is_dry_run),
        name=name[:255],
        format=options.format,
        options={**options.stored(), DIGEST: digest, THEN_WRITE: then_write},
        is_dry_run=is_dry_run or then_write,
        actor_id=actor_id,
    )


class Hold:
    """The right to work on a run. Every commit renews it, or fails if it is lost.

    A commit inside a transaction belongs into `writing`: what goes back renews nothing.
    """

    def __init__(self, run: ImportRun, beat_at: datetime) -> None:
        self.run = run
        self._beat_at = beat_at

    def commit(self, **changes: Any) -> None:
        """Change the run and renew the hold. Raises ImportStopped; the transaction must go back."""
        beat_at = timezone.now()
        mine = ImportRun.objects.filter(
            pk=self.run.pk, state=ImportState.RUNNING, beat_at=self._beat_at
        )
        if not mine.update(**{"beat_at": beat_at, **changes}):
            raise ImportStopped
        self._beat_at = beat_at

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction. Where it fails, at its very end too, the hold is what it was before."""
        before = self._beat_at
        try:
            with transaction.atomic():
                yield
        except BaseException:
            self._beat_at = before
            raise

    def beat(self) -> None:
        """Say that the work goes on, outside of a transaction; cheap enough to call often."""
        if timezone.now() - self._beat_at > LEASE / 4:
            self.commit()

    def release(self) -> None:
        """Let another process go on where this one was; nothing is over."""
        self.commit(beat_at=None)

    def halt(self, problems: Iterable[Problem]) -> None:
        """Stop a file that is imported as a whole; these problems came up after it was tried."""
        run = self.run
        with self.writing():
            found = record(run, problems)
            self.commit(
                state=ImportState.STOPPED,
                beat_at=None,
                problem_count=run.problem_count + found,
                options={**run.options, HALTED: True},
            )

    def try_again(self) -> None:
        """Go on after `halt`: what was in the way may be so no longer."""
        run = self.run
        with self.writing():
            gone, _each = run.problems.filter(is_fatal=True).delete()
            changes = {
                "problem_count": run.problem_count - gone,
                "options": {**run.options, HALTED: False},
            }
            self.commit(**changes)
        for name, value in changes.items():
            setattr(run, name, value)

    def finish(self, state: ImportState) -> None:
        self.commit(state=state, finished_at=timezone.now())


def hold(run_pk: int, *, resume: bool) -> Hold:
    """Take the run for this process; `resume` also takes one that somebody stopped.

    Raises ImportIsRunning where another one holds it, ImportIsOver where nothing is left to do.
    """
    now = timezone.now()
    states = [ImportState.WAITING, *([ImportState.STOPPED] if resume else [])]
    is_free = Q(state__in=states) | Q(state=ImportState.RUNNING, beat_at=None)
    is_silent = Q(state=ImportState.RUNNING, beat_at__lt=now - LEASE)
    taken = ImportRun.objects.filter(is_free | is_silent, pk=run_pk).update(
        state=ImportState.RUNNING, beat_at=now, finished_at=None
    )
    run = ImportRun.objects.get(pk=run_pk)
    if taken:
        return Hold(run, now)
    if run.state != ImportState.RUNNING or run.beat_at is None:
        raise ImportIsOver(run.state)
    raise ImportIsRunning((now - run.beat_at).total_seconds())


def record(run: ImportRun, problems: Iterable[Problem]) -> int:
    """Keep problems of a run, each once; returns how many different ones there were."""
    unique = {problem.key(): problem for problem in problems}
    ImportProblem.objects.bulk_create(
        (
            ImportProblem(
                run=run,
                line=problem.line,
                column=problem.column[:MAX_COLUMN],
                code=problem.code,
                value=problem.value.replace("\0", "")[:MAX_VALUE],
                is_fatal=problem.is_fatal,
            )
            for problem in unique.values()
        ),
        ignore_conflicts=True,
    )
    return len(unique)


def is_halted(run: ImportRun) -> bool:
    """Whether a file that was to be imported as a whole stands half-way."""
    return run.state == ImportState.STOPPED and bool(run.options.get(HALTED))


_FROM_THE_TOP: dict[str, Any] = {
    "next_row": 0,
    "created_products": 0,
    "changed_products": 0,
    "unchanged_products": 0,
    "skipped_products": 0,
    "problem_count": 0,
    "finished_at": None,
}


def turn_into_import(run: ImportRun) -> dict[str, Any]:
    """The changes by which a dry run begins again from the top, and writes this time."""
    options = ImportOptions.restored(run.options)
    kept = {**run.options, THEN_WRITE: False, PACE: None}
    print_of = fingerprint(run.options[DIGEST], options, is_dry_run=False)
    return {**_FROM_THE_TOP, "is_dry_run": False, "options": kept, "fingerprint": print_of}


@transaction.atomic
def import_now(run_pk: int) -> None:
    """Do what a finished dry run has tried. Raises ImportIsOver where it was done already."""
    run = ImportRun.objects.select_for_update(of=("self",), no_key=True).get(pk=run_pk)
    if not run.is_dry_run or run.state != ImportState.DONE:
        raise ImportIsOver(run.state)
    if run.skipped_products and run.options["on_problem"] == REFUSE:
        raise HasProblems
    run.problems.all().delete()
    changes = turn_into_import(run)
    ImportRun.objects.filter(pk=run_pk).update(state=ImportState.WAITING, beat_at=None, **changes)
    ask_for_slice(run_pk, key=uuid4().hex)


@transaction.atomic
def stop(run_pk: int) -> None:
    """The process that works on it notices at its next batch."""
    ImportRun.objects.filter(
        pk=run_pk, state__in=(ImportState.WAITING, ImportState.RUNNING)
    ).update(state=ImportState.STOPPED, beat_at=None)


@transaction.atomic
def resume(run_pk: int) -> None:
    """Go on with a run that was stopped, or whose process died."""
    silent = Q(state=ImportState.RUNNING, beat_at__lt=timezone.now() - LEASE)
    is_idle = Q(state=ImportState.STOPPED) | Q(state=ImportState.RUNNING, beat_at=None) | silent
    if ImportRun.objects.filter(is_idle, pk=run_pk).update(
        state=ImportState.WAITING, beat_at=None, options=_without_pace(run_pk)
    ):
        ask_for_slice(run_pk, key=uuid4().hex)


def _without_pace(run_pk: int) -> dict[str, Any]:
    options: dict[str, Any] = ImportRun.objects.values_list("options", flat=True).get(pk=run_pk)
    return {**options, PACE: None}


def ask_for_slice(run_pk: int, *, key: str) -> None:
    """Have a worker go on with the run, inside the caller's transaction."""
    outbox.add(TOPIC, key=f"{TOPIC}:{run_pk}:{key}", run=run_pk)
