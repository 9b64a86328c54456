"""`manage.py money_job`: work of the money loop, by hand."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from orders.models import Order
from payments.failing import note_recovered
from payments.models import FailingWork
from payments.money_loop import KINDS, Job, Outcome, Work, do_job


class Command(BaseCommand):
    help = (
        "Does what is due of a kind of the money loop's work; with --pk or --order also what would"
        " come later. Without arguments it says what there is to do. Safe while money loops run."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", choices=KINDS, help="the kind; see --list")
        parser.add_argument("--list", action="store_true", help="the kinds, and what is due")
        parser.add_argument("--pk", type=int, nargs="+", default=[], help="of these rows, now")
        parser.add_argument("--order", metavar="NUMBER", help="all there is to do for this order")

    def handle(self, *args: Any, **options: Any) -> None:
        name, number, pks = options["name"], options["order"], options["pk"]
        if pks and (number or not name):
            raise CommandError("--pk goes with the name of a kind, and not with --order")
        if options["list"] or not (name or number):
            self._list([KINDS[name]] if name else list(KINDS.values()))
            return
        if number:
            if name and KINDS[name].of_order is None:
                raise CommandError(f"{name} is not of one order; name its rows with --pk")
            jobs = _of_order(number, [KINDS[name]] if name else list(KINDS.values()))
        else:
            jobs = _of_rows(KINDS[name], pks) if pks else iter(KINDS[name].jobs())
        self._do(jobs)

    def _list(self, kinds: list[Work]) -> None:
        """Of each kind: rows that are due, rows at which it fails, and what it does."""
        self.stdout.write(f"{'kind':<18}{'due':>7}{'failing':>9}  what it does")
        for work in kinds:
            due = sum(rows().count() for rows in work.rows)
            failing = FailingWork.objects.filter(name=work.name).count()
            self.stdout.write(f"{work.name:<18}{due:>7}{failing:>9}  {work.says}")

    def _do(self, jobs: Iterator[Job]) -> None:
        done = failed = 0
        # One after the other, and what follows of one is there for the next.
        for job in jobs:
            outcome = do_job(job)
            if outcome.error is None:
                note_recovered(job.work.name, job.pk)
            self.stdout.write(f"{job.work.name} {job.pk}: {_said(outcome)}")
            done, failed = done + 1, failed + (outcome.error is not None)
        if not done:
            self.stdout.write("nothing is due")
        if failed:
            raise CommandError(f"{failed} of {done} failed; the log says where")


def _of_rows(work: Work, pks: list[int]) -> Iterator[Job]:
    if work.by_hand is None:
        raise CommandError(f"{work.name} takes all that is due; it has no --pk")
    found = set(work.by_hand().filter(pk__in=pks).values_list("pk", flat=True))
    if missing := [str(pk) for pk in pks if pk not in found]:
        raise CommandError(
            f"{', '.join(missing)}: not there, or nothing that {work.name} may do now; nothing done"
        )
    return (Job(work, pk) for pk in pks)


def _of_order(number: str, kinds: list[Work]) -> Iterator[Job]:
    """Rows are looked for when the kind's turn comes: a webhook may have brought an attempt on."""
    number = number.strip().upper()
    if not Order.objects.filter(number=number).exists():
        raise CommandError(f"no order has the number {number}")
    for work in kinds:
        if work.of_order is None or work.by_hand is None:
            continue
        rows = work.by_hand().filter(work.of_order(number)).order_by("pk")
        yield from (Job(work, pk) for pk in rows.values_list("pk", flat=True))


def _said(outcome: Outcome) -> str:
    result, error = outcome.result, outcome.error
    if error is not None:
        return f"failed, {type(error).__name__}"
    if isinstance(result, bool):
        return "done" if result else "nothing to do"
    state = getattr(result, "state", "")
    return f"{result}, {state}" if state else str(result)
