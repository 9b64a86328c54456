"""Bank statements: read in, looked through, booked line by line as staff decide."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from payments.admin.files import ASIDE, LATER, NOBODYS, FileAdmin
from payments.models import BankStatement, LineState, StatementLine
from payments.transfers.booking import book_line, book_line_to_order, set_aside
from payments.transfers.importing import take_statement
from payments.transfers.matching import propose


@admin.register(BankStatement)
class BankStatementAdmin(FileAdmin[BankStatement]):
    list_display = ("name", "first_on", "last_on", "to_decide", "uploaded_at", "uploaded_by")
    list_select_related = ("uploaded_by",)
    add_title = _("Read in a bank statement")

    def get_queryset(self, request: HttpRequest) -> QuerySet[BankStatement]:
        is_open = Count("lines", filter=Q(lines__state=LineState.NEW))
        return super().get_queryset(request).annotate(open_lines=is_open)

    @admin.display(description=_("to be decided"))
    def to_decide(self, statement: BankStatement) -> int:
        return int(vars(statement)["open_lines"])

    def take(self, form: forms.Form, user_id: int | None) -> BankStatement:
        file = form.cleaned_data["file"]
        return take_statement(
            name=file.name, content=file.read(), today=timezone.localdate(), user_id=user_id
        )

    def lines_of(self, row: BankStatement) -> list[StatementLine]:
        lines = row.lines.select_related("attempt__order", "receipt", "decided_by")
        return list(lines.order_by("position"))

    def propose(self, lines: list[Any]) -> list[Any]:
        return list(propose(lines))

    def decisions(self, data: QueryDict, lines: list[Any], user_id: int | None) -> Iterator[Any]:
        """An attempt can be chosen only where it was proposed; any order by its number."""
        for one in propose(lines):
            pk = one.line.pk
            attempts = {str(attempt.pk): attempt.pk for attempt in one.attempts}
            choice = data.get(f"line-{pk}", LATER)
            if number := data.get(f"order-{pk}", "").strip():
                yield partial(book_line_to_order, line_id=pk, number=number, user_id=user_id)
            elif choice == ASIDE:
                yield partial(set_aside, line_id=pk, user_id=user_id)
            elif choice == NOBODYS or choice in attempts:
                attempt_id = attempts.get(choice)
                yield partial(book_line, line_id=pk, attempt_id=attempt_id, user_id=user_id)
