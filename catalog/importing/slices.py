"""Imports that staff started in the admin: a worker does a stretch, then hands on to the next."""

import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import transaction

from catalog.importing import pictures, runs
from catalog.importing.running import Work
from catalog.models import ImportRun, ImportState
from shop.core import outbox

log = logging.getLogger(__name__)
# A message of the outbox comes again after a minute; a slice is over before that.
SLICE_SECONDS = 30.0


def register_handlers() -> None:
    outbox.register(runs.TOPIC, work_a_slice, is_slow=True)
    outbox.register(pictures.TOPIC, pictures.fetch_stretch, is_slow=True)


def work_a_slice(payload: dict[str, Any]) -> None:
    """Handler of the outbox. Raises ImportIsRunning while another worker is at it: again later.

    Raises ImportStopped where this worker lost the run while it was at it: again later, too.
    """
    try:
        hold = runs.hold(payload["run"], resume=False)
    except (ImportRun.DoesNotExist, runs.ImportIsOver):
        return
    try:
        with local_file(hold.run) as path:
            is_over = Work(hold, path).go(seconds=SLICE_SECONDS)
    except runs.ImportStopped:
        if ImportRun.objects.filter(pk=payload["run"], state=ImportState.RUNNING).exists():
            # Nobody stopped it: the hold was lost. Whoever has it now, it shall not be forgotten.
            raise
        return
    if is_over:
        _forget_file(payload["run"])
    else:
        _hand_on(payload["run"])


@transaction.atomic
def _hand_on(run_pk: int) -> None:
    run = ImportRun.objects.get(pk=run_pk)
    # The place in the key: should this message come twice, the next one does not.
    place = f"{run.is_dry_run:d}:{run.next_row}:{run.beat_at}"
    runs.ask_for_slice(run_pk, key=place)


@contextmanager
def local_file(run: ImportRun) -> Iterator[Path]:
    """The stored file on this machine's disk, which is read several times."""
    with tempfile.NamedTemporaryFile(prefix="import-", suffix=".csv") as copy:
        with run.file.open("rb") as stored:
            shutil.copyfileobj(stored, copy)
        copy.flush()
        yield Path(copy.name)


def _forget_file(run_pk: int) -> None:
    """What is imported need not be kept; a trial or a refused file may be wanted again."""
    run = ImportRun.objects.get(pk=run_pk)
    if run.state == ImportState.DONE and not run.is_dry_run and run.file:
        run.file.delete(save=False)
        ImportRun.objects.filter(pk=run_pk).update(file="")
