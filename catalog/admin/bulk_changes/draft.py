"""A bulk change that is being prepared: all of it travels in the form, nothing is stored yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from django.core import signing
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import ngettext

from catalog.admin.bulk_changes.forms import FORMS, EditForm
from catalog.admin.bulk_changes.selection import NotOurs, sign, unsign
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
    """

    product_pks: Sequence[int]
    kind: str
    form: EditForm
    token: UUID
    seen: str = ""
    count: int = 0

    @property
    def selection(self) -> str:
        return sign(self.product_pks)

    def sections(self) -> list[Section]:
        forms = [
            (kind, self.form if kind == self.kind else form(prefix=kind, label_suffix=""))
            for kind, form in FORMS.items()
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


def new_draft(product_pks: Sequence[int]) -> Draft:
    kind = next(iter(FORMS))
    return Draft(product_pks, kind, FORMS[kind](prefix=kind, label_suffix=""), uuid4())


def read_draft(request: HttpRequest) -> Draft:
    """Raises NotOurs."""
    data = request.POST
    kind = data.get("kind", "")
    if kind not in FORMS:
        raise NotOurs
    token, seen, count = _unsign_plan(data.get("plan", ""))
    form = FORMS[kind](data, prefix=kind, label_suffix="")
    return Draft(unsign(data.get("selection", "")), kind, form, token, seen, count)


def _unsign_plan(text: str) -> tuple[UUID, str, int]:
    if not text:
        return uuid4(), "", 0
    try:
        token, fingerprint, count = signing.loads(text, salt=_SALT)
    except signing.BadSignature as error:
        raise NotOurs from error
    return UUID(token), fingerprint, count
