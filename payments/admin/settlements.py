"""Couriers' settlements: read in, looked through, booked line by line as staff decide."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from payments.admin.files import ASIDE, LATER, NOBODYS, FileAdmin, FileForm
from payments.cod.settling import (
    book_settled,
    book_settled_to_order,
    propose,
    set_settled_aside,
    take_settlement,
)
from payments.models import CourierSettlement, LineState, SettlementLine

BOOK = "book"


class SettlementForm(FileForm):
    courier = forms.CharField(label=_("Courier"), max_length=25)


@admin.register(CourierSettlement)
class CourierSettlementAdmin(FileAdmin[CourierSettlement]):
    list_display = ("name", "courier", "to_decide", "uploaded_at", "uploaded_by")
    list_select_related = ("uploaded_by",)
    form_class = SettlementForm
    add_title = _("Read in a courier's settlement")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CourierSettlement]:
        is_open = Count("lines", filter=Q(lines__state=LineState.NEW))
        return super().get_queryset(request).annotate(open_lines=is_open)

    @admin.display(description=_("to be decided"))
    def to_decide(self, settlement: CourierSettlement) -> int:
        return int(vars(settlement)["open_lines"])

    def take(self, form: forms.Form, user_id: int | None) -> CourierSettlement:
        file = form.cleaned_data["file"]
        return take_settlement(
            name=file.name,
            courier=form.cleaned_data["courier"],
            content=file.read(),
            user_id=user_id,
        )

    def lines_of(self, row: CourierSettlement) -> list[SettlementLine]:
        lines = row.lines.select_related("attempt__order", "receipt", "decided_by")
        return list(lines.order_by("position"))

    def propose(self, lines: list[Any]) -> list[Any]:
        return list(propose(lines))

    def decisions(self, data: QueryDict, lines: list[Any], user_id: int | None) -> Iterator[Any]:
        for one in propose(lines):
            pk = one.line.pk
            choice = data.get(f"line-{pk}", LATER)
            if number := data.get(f"order-{pk}", "").strip():
                yield partial(book_settled_to_order, line_id=pk, number=number, user_id=user_id)
            elif choice == ASIDE:
                yield partial(set_settled_aside, line_id=pk, user_id=user_id)
            elif choice == BOOK and (one.attempt or not one.line.collected_minor):
                attempt_id = one.attempt.pk if one.attempt else None
                yield partial(book_settled, line_id=pk, attempt_id=attempt_id, user_id=user_id)
            elif choice == NOBODYS:
                yield partial(book_settled, line_id=pk, attempt_id=None, user_id=user_id)
