"""Bank statements: read in, looked through, booked line by line as staff decide."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from payments.models import BankStatement, LineState, StatementLine
from payments.transfers.booking import book_line, book_line_to_order, set_aside
from payments.transfers.importing import take_statement
from payments.transfers.matching import propose
from payments.transfers.reading import LARGEST_FILE, Unreadable
from shop.core.admin import ReadOnly, RecordAdmin
from shop.core.errors import DomainError

# Each is a transaction of its own; the rest waits for the next press of the button.
AT_ONCE = 200
LATER, NOBODYS, ASIDE = "", "none", "aside"


class StatementForm(forms.Form):
    file = forms.FileField(label=_("CSV file of the account's movements"))

    def clean_file(self) -> "UploadedFile[bytes]":
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_FILE:
            raise forms.ValidationError(Unreadable.message)
        return file


@dataclass(frozen=True, slots=True)
class Decision:
    """What staff say of one line: an attempt's pk, nobody's, set aside; or the order they typed."""

    line_id: int
    choice: str
    number: str

    def carry_out(self, user_id: int | None) -> bool:
        """Raises NoSuchOrder."""
        if self.number:
            return book_line_to_order(line_id=self.line_id, number=self.number, user_id=user_id)
        if self.choice == ASIDE:
            return set_aside(line_id=self.line_id, user_id=user_id)
        attempt_id = None if self.choice == NOBODYS else int(self.choice)
        return book_line(line_id=self.line_id, attempt_id=attempt_id, user_id=user_id)


def decisions(data: QueryDict, lines: list[StatementLine]) -> Iterator[Decision]:
    """Of the lines that are still open; those for which nothing was chosen stay so."""
    proposed = {one.line.pk: {str(a.pk) for a in one.attempts} for one in propose(lines)}
    for pk, attempts in proposed.items():
        choice = data.get(f"line-{pk}", LATER)
        number = data.get(f"order-{pk}", "").strip()
        if number or choice in (NOBODYS, ASIDE) or choice in attempts:
            yield Decision(pk, choice, number)


@admin.register(BankStatement)
class BankStatementAdmin(RecordAdmin[BankStatement]):
    list_display = ("name", "first_on", "last_on", "to_decide", "uploaded_at", "uploaded_by")
    list_select_related = ("uploaded_by",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[BankStatement]:
        is_open = Count("lines", filter=Q(lines__state=LineState.NEW))
        return super().get_queryset(request).annotate(open_lines=is_open)

    @admin.display(description=_("to be decided"))
    def to_decide(self, statement: BankStatement) -> int:
        return int(vars(statement)["open_lines"])

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # The permission of the model, which ReadOnly takes from everybody.
        return super(ReadOnly, self).has_add_permission(request)

    def _may_decide(self, request: HttpRequest) -> bool:
        return super(ReadOnly, self).has_change_permission(request)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = StatementForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                statement = take_statement(
                    name=file.name,
                    content=file.read(),
                    today=timezone.localdate(),
                    user_id=request.user.pk,
                )
            except DomainError as error:
                form.add_error("file", error.user_message)
            else:
                return redirect("admin:payments_bankstatement_change", statement.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Read in a bank statement"),
            "opts": self.opts,
            "form": form,
        }
        return TemplateResponse(request, "admin/payments/bankstatement/add.html", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Mapping[str, Any] | None = None,
    ) -> HttpResponse:
        statement = self.get_object(request, unquote(object_id))
        if statement is None:
            raise Http404
        if not self.has_view_permission(request, statement):
            raise PermissionDenied
        lines = list(
            statement.lines.select_related("attempt__order", "receipt", "decided_by").order_by(
                "position"
            )
        )
        if request.method == "POST":
            return self._decide(request, statement, lines)
        context = {
            **self.admin_site.each_context(request),
            "title": statement.name,
            "opts": self.opts,
            "statement": statement,
            "proposals": propose(lines),
            "decided": [line for line in lines if line.state != LineState.NEW],
            "may_decide": self._may_decide(request),
        }
        return TemplateResponse(request, "admin/payments/bankstatement/page.html", context)

    def _decide(
        self, request: HttpRequest, statement: BankStatement, lines: list[StatementLine]
    ) -> HttpResponse:
        """Safe to send twice: a line is decided once."""
        if not self._may_decide(request):
            raise PermissionDenied
        done = 0
        for number, decision in enumerate(decisions(request.POST, lines)):
            if number == AT_ONCE:
                messages.info(request, gettext("There are more: press the button again."))
                break
            try:
                done += decision.carry_out(request.user.pk)
            except DomainError as error:
                messages.error(request, error.user_message)
        if done:
            text = ngettext("%(done)s line was decided.", "%(done)s lines were decided.", done)
            messages.success(request, text % {"done": done})
        return redirect("admin:payments_bankstatement_change", statement.pk)
