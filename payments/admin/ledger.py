"""The books: trial balance, each account, each order, all of it as files. Only read."""

from collections.abc import Mapping
from datetime import date
from typing import Any, get_args

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from orders.models import Order
from payments.ledger.chart import account_of
from payments.ledger.reports import (
    AccountLines,
    Clock,
    OrderBooks,
    Period,
    balance_rows,
    journal,
    journal_rows,
    trial_balances,
)
from payments.models import LedgerAccount, LedgerEntry, LedgerTransaction
from shop.core.admin import (
    BoundedPaginator,
    ReadOnly,
    RecordAdmin,
    RecordPageAdmin,
    TabularInline,
    csv_download,
)
from shop.core.money import CURRENCIES, Money
from shop.core.spreadsheets import csv_file

LINES_A_PAGE = 100


class PeriodForm(forms.Form):
    """Which days, and by which clock. Without any answer: this month, as it happened."""

    since = forms.DateField(
        label=_("from"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("to"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    clock = forms.ChoiceField(
        label=_("time that counts"),
        required=False,
        choices=[("occurred", _("when it happened")), ("booked", _("when it was written down"))],
        help_text=_("What was written down in a month that is over does not change any more."),
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        since, until = found.get("since"), found.get("until")
        if since and until and until < since:
            self.add_error("until", _("Choose a day that is not before the first one."))
        return found

    def period(self) -> Period:
        """Of a form that is valid."""
        clocks: dict[str, Clock] = {clock: clock for clock in get_args(Clock)}
        found = self.cleaned_data
        clock = clocks.get(found["clock"], "occurred")
        return Period(found["since"], found["until"], clock)


def this_month() -> dict[str, date | str]:
    today = timezone.localdate()
    return {"since": today.replace(day=1), "until": today, "clock": "occurred"}


def asked_for(request: HttpRequest) -> PeriodForm:
    """Bound in any case: without any answer by the month that is under way."""
    is_asked = any(name in request.GET for name in PeriodForm.base_fields)
    return PeriodForm(request.GET if is_asked else this_month())


def amount_of(entry: LedgerEntry) -> str:
    return Money(entry.amount_minor, entry.currency).format()


class LedgerEntryInline(ReadOnly, TabularInline[LedgerEntry, LedgerTransaction]):
    model = LedgerEntry
    fields = readonly_fields = ("account_shown", "amount_shown")

    @admin.display(description=_("account"))
    def account_shown(self, entry: LedgerEntry) -> str:
        return f"{account_of(entry.account_id).name} ({entry.account_id})"

    @admin.display(description=_("debit (+) or credit (−)"))
    def amount_shown(self, entry: LedgerEntry) -> str:
        return amount_of(entry)


@admin.register(LedgerTransaction)
class LedgerTransactionAdmin(RecordAdmin[LedgerTransaction]):
    list_display = ("external_key", "occurred_at", "kind", "entries_shown", "order")
    list_select_related = ("order",)
    list_filter = ("kind",)
    search_fields = ("external_key__exact", "order__number__exact")
    search_help_text = _("The key or the order's number")
    fields = readonly_fields = (
        "external_key",
        "kind",
        "order",
        "occurred_at",
        "booked_at",
        "reversal_of",
        "public_id",
    )
    inlines = (LedgerEntryInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[LedgerTransaction]:
        return super().get_queryset(request).prefetch_related("entries")

    def get_urls(self) -> list[URLPattern]:
        page = path(
            "order/<int:order_id>/",
            self.admin_site.admin_view(self.order_view),
            name="payments_ledgertransaction_order",
        )
        return [page, *super().get_urls()]

    def order_view(self, request: HttpRequest, order_id: int) -> HttpResponseBase:
        """All that was posted of one order; as a file where that is asked for."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        order = get_object_or_404(Order, pk=order_id)
        if request.GET.get("as") == "csv":
            entries = LedgerEntry.objects.filter(transaction__order=order)
            rows = journal_rows(entries.order_by("transaction__booked_at", "transaction_id", "pk"))
            return csv_download(csv_file(rows), f"ledger-{order.number}.csv")
        context = {
            **self.admin_site.each_context(request),
            "title": order.number,
            "opts": self.opts,
            "books": OrderBooks(order),
        }
        return TemplateResponse(request, "admin/payments/ledger/order.html", context)

    @admin.display(description=_("entries"))
    def entries_shown(self, posting: LedgerTransaction) -> SafeString:
        rows = (
            (account_of(entry.account_id).name, amount_of(entry)) for entry in posting.entries.all()
        )
        return format_html(
            '<ul class="entries">{}</ul>', format_html_join("", "<li>{} <b>{}</b></li>", rows)
        )


@admin.register(LedgerAccount)
class LedgerAccountAdmin(RecordPageAdmin[LedgerAccount]):
    """The list of accounts is the trial balance."""

    def get_urls(self) -> list[URLPattern]:
        views = {"balances": self.balances_view, "journal": self.journal_view}
        files = [
            path(
                f"{name}.csv",
                self.admin_site.admin_view(view),
                name=f"payments_ledgeraccount_{name}",
            )
            for name, view in views.items()
        ]
        return [*files, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: Mapping[str, Any] | None = None
    ) -> HttpResponse:
        self._check(request)
        form = asked_for(request)
        balances = trial_balances(form.period()) if form.is_valid() else []
        return self._page(
            request,
            "trial_balance.html",
            form,
            title=_("Trial balance"),
            balances=balances,
            file="admin:payments_ledgeraccount_balances",
        )

    def balances_view(self, request: HttpRequest) -> HttpResponseBase:
        """The trial balance as a file. An answer that makes no sense is shown instead."""
        self._check(request)
        form = asked_for(request)
        if not form.is_valid():
            return self.changelist_view(request)
        rows = balance_rows(trial_balances(form.period()))
        return csv_download(csv_file(rows), _named("balances", form))

    def journal_view(self, request: HttpRequest) -> HttpResponseBase:
        """All entries of a period, or those of one account and currency, as a file."""
        self._check(request)
        form = asked_for(request)
        if not form.is_valid():
            return self.changelist_view(request)
        period, code = form.period(), request.GET.get("account", "")
        if not code:
            return csv_download(csv_file(journal_rows(journal(period))), _named("journal", form))
        account = get_object_or_404(LedgerAccount, pk=code)
        lines = AccountLines(account.code, _currency(request), period)
        name = _named(account.code.replace(":", "-"), form)
        return csv_download(csv_file(journal_rows(lines.entries)), name)

    def render_page(self, request: HttpRequest, row: LedgerAccount, /) -> HttpResponse:
        form = asked_for(request)
        currency, account = _currency(request), account_of(row.code)
        facts: dict[str, Any] = {
            "account": account,
            "code": row.code,
            "currency": currency,
            "file": "admin:payments_ledgeraccount_journal",
        }
        if form.is_valid():
            lines = AccountLines(row.code, currency, form.period())
            pages = BoundedPaginator(lines.entries, LINES_A_PAGE)
            asked = request.GET.get("p", "")
            pages.page_now = int(asked) if asked.isdecimal() else 1
            page = pages.get_page(pages.page_now)
            facts |= {"page": page, "opening": lines.opening_minor()}
        return self._page(request, "account.html", form, title=account.name, **facts)

    def _check(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _page(
        self, request: HttpRequest, template: str, form: PeriodForm, **facts: Any
    ) -> TemplateResponse:
        query = request.GET.copy()
        query.pop("p", None)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "form": form,
            "query": query.urlencode(),
            **facts,
        }
        return TemplateResponse(request, f"admin/payments/ledger/{template}", context)


def _currency(request: HttpRequest) -> str:
    asked = request.GET.get("currency", "")
    return asked if asked in CURRENCIES else settings.DEFAULT_CURRENCY


def _named(what: str, form: PeriodForm) -> str:
    period = form.period()
    days = (day.isoformat() for day in (period.since, period.until) if day)
    return "-".join((what, *days)) + ".csv"
