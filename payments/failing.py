"""Work of the money loop that raises: counted, put off longer and longer, and told to somebody.

What goes well costs nothing: only what this process has seen fail is looked up in its memory.
"""

import logging
import time
import traceback
from contextlib import suppress
from datetime import timedelta
from threading import Lock

from django.conf import settings
from django.db import Error, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from payments.models import FailingWork, PaymentException
from payments.trouble import open_by_key, settle_keys
from shop.core.due import Due

log = logging.getLogger(__name__)
# So many times: then somebody is told.
TELL_AFTER = 5
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
# Of work that has no time of its own, and so is kept waiting by this process alone.
LONGEST_SKIP = timedelta(minutes=5)
# What has not failed for so long has gone well, or is not there any more.
RECOVERED_AFTER = 3 * LONGEST_WAIT

_lock = Lock()
_seen: dict[tuple[str, int], float] = {}


def is_put_off(name: str, pk: int) -> bool:
    """Whether this process does not touch it yet."""
    return bool(_seen) and _seen.get((name, pk), 0.0) > time.monotonic()


def count_failure(name: str, pk: int, error: Exception, *, due: Due | None) -> None:
    """It raised. Never raises itself: with the database away nothing is counted."""
    try:
        with transaction.atomic():
            failing = _counted(name, pk, _described(error))
            wait = min(FIRST_WAIT * 2 ** (min(failing.failures, 12) - 1), LONGEST_WAIT)
            # The first time its lease brings it back.
            if due is not None and failing.failures > 1:
                due.put_off(pk, wait)
            if failing.failures >= TELL_AFTER:
                _tell(failing)
    except Error:
        log.warning("money_job_not_counted", extra={"job": name, "pk": pk})
        return
    skip = min(wait, LONGEST_SKIP) if due is None else timedelta()
    with _lock:
        _seen[name, pk] = time.monotonic() + skip.total_seconds()


def note_success(name: str, pk: int) -> None:
    """Nothing to do for what this process has never seen fail. Never raises."""
    if _seen and (name, pk) in _seen:
        note_recovered(name, pk)


def note_recovered(name: str, pk: int) -> None:
    """It has gone well, whichever process saw it fail. Never raises."""
    with suppress(Error), transaction.atomic():
        _settle(FailingWork.objects.filter(name=name, subject_id=pk), "it has gone well")
        with _lock:
            _seen.pop((name, pk), None)


def forget_recovered() -> int:
    """What has stopped failing without this process seeing it; how many."""
    since = timezone.now() - RECOVERED_AFTER
    return _settle(FailingWork.objects.filter(last_at__lt=since), "it has not failed since")


@transaction.atomic
def _settle(rows: QuerySet[FailingWork], resolution: str) -> int:
    ended = list(rows.select_for_update())
    settle_keys([_key(one) for one in ended], resolution)
    FailingWork.objects.filter(pk__in=[one.pk for one in ended]).delete()
    return len(ended)


def _counted(name: str, pk: int, error: str) -> FailingWork:
    failing, is_new = FailingWork.objects.get_or_create(
        name=name, subject_id=pk, defaults={"error": error}
    )
    if not is_new:
        FailingWork.objects.filter(pk=failing.pk).update(
            failures=F("failures") + 1, last_at=timezone.now(), error=error
        )
        failing.refresh_from_db()
    return failing


def _tell(failing: FailingWork) -> None:
    facts = {"job": failing.name, "pk": failing.subject_id, "failures": failing.failures}
    log.error("money_job_stuck", extra=facts | {"error": failing.error})
    note = f"{failing}: {failing.error}. It is tried again, at the latest every hour"
    open_by_key(PaymentException.Kind.WORK_FAILS, _key(failing), note)


def _key(failing: FailingWork) -> str:
    return f"{PaymentException.Kind.WORK_FAILS}:{failing.name}:{failing.subject_id}"


def _described(error: Exception) -> str:
    """Its class, and the last line of ours that it passed."""
    frames = traceback.extract_tb(error.__traceback__)
    root = f"{settings.BASE_DIR}/"
    ours = [one for one in frames if one.filename.startswith(root) and ".venv" not in one.filename]
    place = f" at {ours[-1].filename.removeprefix(root)}:{ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__}{place}"[:200]
