"""Taking a bulk change back, where things are still as it left them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.bulk_changes.applying import PlanChanged, products_of, write_lines
from catalog.bulk_changes.lines import Field, Line, Problem, Stroke, Value
from catalog.bulk_changes.plans import lock_products, sift
from catalog.bulk_changes.registry import field_named
from catalog.bulk_changes.stock import StockField
from catalog.editing.products import clock
from catalog.models import BulkChange
from shop.core.errors import DomainError


class AlreadyUndone(DomainError):
    code = "already_undone"
    message = _("This was undone already.")


class ChangedSince(DomainError):
    """`lines` are those that are not as the change left them, with what they are now."""

    code = "changed_since"
    message = _(
        "{count} of {total} values have changed since, so nothing was undone. Look at them below:"
        " you can undo the others."
    )

    def __init__(self, lines: Sequence[Line], *, total: int) -> None:
        super().__init__(count=len(lines), total=total)
        self.lines = lines


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """`lines` go from what is now to what was before; `refused` have changed since."""

    lines: Sequence[Line]
    refused: Sequence[Line]


def plan_undo(*, change: BulkChange) -> UndoPlan:
    """What undoing would do now, without doing it. Queries do not grow with the lines."""
    return _make_plan(lines_of(change), at=clock(), lock=False)


def undo_change(*, change_pk: int, actor_id: int, leave_out_changed: bool = False) -> BulkChange:
    """Put everything back, and keep that as a change of its own, which is returned.

    What has changed since is never overwritten: without `leave_out_changed` nothing is undone.
    A change can be undone once. Raises AlreadyUndone, ChangedSince, PlanChanged;
    then nothing has changed.
    """
    try:
        with transaction.atomic():
            # A second click waits here, then finds it undone.
            change = BulkChange.objects.select_for_update(of=("self",), no_key=True).get(
                pk=change_pk
            )
            if change.undone_at is not None:
                raise AlreadyUndone
            lines = lines_of(change)
            lock_products(products_of(lines))
            at = clock()
            plan = _make_plan(lines, at=at, lock=True)
            if plan.refused and not (leave_out_changed and plan.lines):
                raise ChangedSince(plan.refused, total=len(lines))
            BulkChange.objects.filter(pk=change.pk).update(undone_at=Now(), undone_by=actor_id)
            return _write(change, plan, at=at, actor_id=actor_id)
    except IntegrityError as error:
        raise PlanChanged from error


def _write(change: BulkChange, plan: UndoPlan, *, at: datetime, actor_id: int) -> BulkChange:
    summary = gettext("Undone: %(what)s") % {"what": change.summary}
    undo = BulkChange.objects.create(
        public_id=undo_id(change), summary=summary[:200], actor_id=actor_id
    )
    lines = [line for line in plan.lines if line.before != line.after]
    stroke = Stroke(at=at, actor_id=actor_id, reason=undo.summary, reference=undo.public_id)
    write_lines(undo, lines, stroke)
    return undo


def undo_id(change: BulkChange) -> UUID:
    """The public id that the undoing of a change has: there can be only one."""
    return uuid5(change.public_id, "undo")


def lines_of(change: BulkChange) -> list[Line]:
    """What the change wrote, the biggest first."""
    rows = change.lines.order_by("pk").values_list("field", "target_pk", "before", "after")
    return [Line(*row) for row in rows]


def changes_stock(change: BulkChange) -> bool:
    return change.lines.filter(field__startswith=StockField.KIND).exists()


def _make_plan(lines: Sequence[Line], *, at: datetime, lock: bool) -> UndoPlan:
    by_field: dict[str, list[Line]] = {}
    for line in lines:
        by_field.setdefault(line.field, []).append(line)
    accepted, refused = [], []
    for name, own in by_field.items():
        field = field_named(name)
        values = field.read([line.pk for line in own], at=at, lock=lock)
        backwards = [_backwards(field, line, values, at=at) for line in own]
        unchanged, impossible = sift(field, [line for line in backwards if not line.problem])
        accepted += unchanged
        refused += [line for line in backwards if line.problem] + impossible
    return UndoPlan(lines=accepted, refused=refused)


def _backwards(field: Field, line: Line, values: Mapping[int, Value], *, at: datetime) -> Line:
    before = field.advance(line.before, at=at)
    if line.pk not in values:
        return Line(line.field, line.pk, None, before, problem=Problem.GONE)
    now = values[line.pk]
    is_as_left = now == field.advance(line.after, at=at)
    return Line(line.field, line.pk, now, before, problem=None if is_as_left else Problem.CHANGED)
