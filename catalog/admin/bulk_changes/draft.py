"""A bulk change that is being prepared: all of it travels in the form, nothing is stored yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID, uuid4

from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import ngettext

from catalog.admin.bulk_changes.forms import FORMS, EditForm, forms_for
from catalog.admin.bulk_changes.selection import NotOurs, sign, unsign
from catalog.admin.product_pages import may
from catalog.bulk_changes import Plan, Target

_SALT = "catalog.bulk-change.plan"


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of change on the form; `is_chosen` is the one that was sent."""

    kind: str
    label: str | Promise
    form: EditForm
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """`token` will be the change's public id: sent twice, it is done once. `seen` is the
    fingerprint of the plan that the page showed, nothing before the first; it had `count` lines.
    `kinds` are those that the colleague may choose.
    """

    product_pks: Sequence[int]
    kind: str
    form: EditForm
    token: UUID
    kinds: Sequence[str]
    seen: str = ""
    count: int = 0

    @property
    def selection(self) -> str:
        return sign(self.product_pks)

    def sections(self) -> list[Section]:
        forms = [
            (kind, self.form if kind == self.kind else FORMS[kind](prefix=kind, label_suffix=""))
            for kind in self.kinds
        ]
        return [
            Section(kind, form.label, form, kind == self.kind)
            for kind, form in forms
            if form.is_possible()
        ]

    def summary(self) -> str:
        """For the list of what was done; the form is valid and the plan was seen."""
        text = (
            ngettext("%(what)s · %(number)s variant", "%(what)s · %(number)s variants", self.count)
            if self.form.edit().field.target == Target.VARIANT
            else ngettext(
                "%(what)s · %(number)s product", "%(what)s · %(number)s products", self.count
            )
        )
        return text % {"what": self.form.summary(), "number": self.count}

    def signed(self, plan: Plan) -> str:
        """What comes back with the decision: for which plan it was made."""
        return signing.dumps([str(self.token), plan.fingerprint, len(plan.lines)], salt=_SALT)


def new_draft(request: HttpRequest, product_pks: Sequence[int]) -> Draft:
    kinds = forms_for(partial(may, request))
    form = FORMS[kinds[0]](prefix=kinds[0], label_suffix="")
    return Draft(product_pks, kinds[0], form, uuid4(), kinds)


def read_draft(request: HttpRequest) -> Draft:
    """Raises NotOurs, PermissionDenied."""
    data = request.POST
    kind, kinds = data.get("kind", ""), forms_for(partial(may, request))
    if kind not in FORMS:
        raise NotOurs
    if kind not in kinds:
        raise PermissionDenied
    token, seen, count = _unsign_plan(data.get("plan", ""))
    form = FORMS[kind](data, prefix=kind, label_suffix="")
    return Draft(unsign(data.get("selection", "")), kind, form, token, kinds, seen, count)


def _unsign_plan(text: str) -> tuple[UUID, str, int]:
    if not text:
        return uuid4(), "", 0
    try:
        token, fingerprint, count = signing.loads(text, salt=_SALT)
    except signing.BadSignature as error:
        raise NotOurs from error
    return UUID(token), fingerprint, count
