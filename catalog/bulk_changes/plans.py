"""What a bulk change would do, computed without writing anything."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from catalog.bulk_changes.lines import Edit, Field, Line
from catalog.editing.products import clock
from catalog.models import Product, Variant
from shop.core.errors import DomainError

# Seen and written within a few seconds: what one request may take, and a buyer may wait for a lock.
MAX_VARIANTS = 5_000


class TooMany(DomainError):
    code = "too_many"
    status = 422
    message = _("At most {limit} variants can be changed at once. Choose fewer products.")

    def __init__(self) -> None:
        super().__init__(limit=number_format(MAX_VARIANTS, force_grouping=True))


@dataclass(frozen=True, slots=True)
class Plan:
    """`lines` would be written and `refused` would not, the biggest changes first.

    `unchanged` counts what is already as it shall be. `fingerprint` differs as soon as anything of
    it does.
    """

    lines: Sequence[Line]
    refused: Sequence[Line]
    unchanged: int
    fingerprint: str


def plan_change(*, product_pks: Collection[int], edit: Edit) -> Plan:
    """What the edit would do to those products now. As many queries for one as for thousands.

    Raises TooMany.
    """
    return make_plan(product_pks, edit, at=clock(), lock=False)


def make_plan(product_pks: Collection[int], edit: Edit, *, at: datetime, lock: bool) -> Plan:
    """With `lock`, what it is about cannot change until the transaction ends."""
    _check_size(product_pks)
    lines = edit.lines(product_pks, at=at, lock=lock)
    changing = [line for line in lines if line.problem is None and line.before != line.after]
    accepted, refused = sift(edit.field, changing)
    refused += [line for line in lines if line.problem is not None]
    return Plan(
        lines=biggest_first(edit.field, accepted),
        refused=biggest_first(edit.field, refused),
        unchanged=len(lines) - len(accepted) - len(refused),
        fingerprint=_fingerprint(edit, [*accepted, *refused]),
    )


def choose(products: QuerySet[Product]) -> list[int]:
    """The pks of those products. Raises TooMany, without reading more than that takes."""
    pks = list(products.values_list("pk", flat=True)[: MAX_VARIANTS + 1])
    _check_size(pks)
    return pks


def _check_size(product_pks: Collection[int]) -> None:
    if max(count_variants(product_pks), len(product_pks)) > MAX_VARIANTS:
        raise TooMany


def count_variants(product_pks: Collection[int]) -> int:
    """No further than just beyond the limit."""
    return Variant.objects.filter(product__in=product_pks)[: MAX_VARIANTS + 1].count()


def sift(field: Field, lines: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    """(those that can be written, those that cannot with the problem)."""
    problems = field.refuse(lines)
    accepted = [line for line in lines if line.pk not in problems]
    refused = [
        replace(line, problem=problems[line.pk], note=None) for line in lines if line.pk in problems
    ]
    return accepted, refused


def biggest_first(field: Field, lines: Sequence[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (-field.size(line), line.pk))


def _fingerprint(edit: Edit, lines: Sequence[Line]) -> str:
    facts = sorted((line.pk, line.before, line.after, line.problem) for line in lines)
    return hashlib.sha256(
        json.dumps([edit.field.name, facts], sort_keys=True, default=str).encode()
    ).hexdigest()


def lock_products(product_pks: Collection[int]) -> None:
    """In the order of primary keys, as all that takes several does."""
    rows = Product.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    list(rows.filter(pk__in=product_pks).values_list("pk", flat=True))
