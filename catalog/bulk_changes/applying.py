"""Carrying out a plan, exactly as it was shown."""

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from catalog.bulk_changes.lines import Edit, Line, Stroke, Target
from catalog.bulk_changes.plans import Plan, lock_products, make_plan
from catalog.bulk_changes.registry import field_named
from catalog.editing.products import clock
from catalog.models import BulkChange, BulkChangeLine, Product, Variant
from shop.core.errors import DomainError


class PlanChanged(DomainError):
    """The rows are not as they were when the plan was made. Nothing is written."""

    code = "plan_changed"
    message = _("Something was sold or edited since. Nothing is changed yet: look at it again.")


class NothingToChange(DomainError):
    code = "nothing_to_change"
    status = 422
    message = _("Everything is like that already: there is nothing to change.")


class LinesRefused(DomainError):
    """Some lines have problems, and nobody said that the others shall be changed without them."""

    code = "lines_refused"
    status = 422
    message = _("Some cannot be changed. Say that they shall stay as they are, or change the edit.")


def apply_change(
    *,
    token: UUID,
    product_pks: Collection[int],
    edit: Edit,
    fingerprint: str,
    summary: str,
    reason: str = "",
    actor_id: int,
    leave_out_refused: bool = False,
) -> BulkChange:
    """Write the plan with that fingerprint. The same token again changes nothing more.

    Raises PlanChanged where anything of it has changed, LinesRefused, NothingToChange, TooMany;
    then nothing has changed.
    """
    try:
        with transaction.atomic():
            change, is_new = BulkChange.objects.get_or_create(
                public_id=token, defaults={"summary": summary[:200], "actor_id": actor_id}
            )
            if not is_new:
                return change
            lock_products(product_pks)
            at = clock()
            plan = make_plan(product_pks, edit, at=at, lock=True)
            _check(plan, fingerprint, leave_out_refused=leave_out_refused)
            stroke = Stroke(at=at, actor_id=actor_id, reason=reason, reference=token)
            write_lines(change, plan.lines, stroke)
            return change
    except IntegrityError as error:
        # A row that nobody could lock because it was not there: a first price, a first stock item.
        raise PlanChanged from error


def _check(plan: Plan, fingerprint: str, *, leave_out_refused: bool) -> None:
    if plan.fingerprint != fingerprint:
        raise PlanChanged
    if not plan.lines:
        raise NothingToChange
    if plan.refused and not leave_out_refused:
        raise LinesRefused


def write_lines(change: BulkChange, lines: Sequence[Line], stroke: Stroke) -> None:
    """Keep the lines, then write them; the caller has locked what they are about."""
    by_field: dict[str, list[Line]] = {}
    for line in lines:
        by_field.setdefault(line.field, []).append(line)
    BulkChangeLine.objects.bulk_create(
        [
            BulkChangeLine(
                change=change,
                target=field_named(line.field).target,
                target_pk=line.pk,
                field=line.field,
                before=line.before,
                after=line.after,
            )
            for line in lines
        ],
    )
    # A form that was opened before must not overwrite what changes now.
    Product.objects.filter(pk__in=products_of(lines)).update(updated_at=stroke.at)
    for name, own in by_field.items():
        field_named(name).write(own, stroke)


def products_of(lines: Sequence[Line]) -> set[int]:
    """The products that the lines are about, be it one of their variants."""
    pks: dict[Target, list[int]] = {target: [] for target in Target}
    for line in lines:
        pks[field_named(line.field).target].append(line.pk)
    of_variants = Variant.objects.filter(pk__in=pks[Target.VARIANT])
    return {*pks[Target.PRODUCT], *of_variants.values_list("product_id", flat=True)}
