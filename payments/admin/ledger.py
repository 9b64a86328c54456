from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from payments.models import LedgerAccount, LedgerEntry, LedgerTransaction
from shop.core.admin import ReadOnly, RecordAdmin, TabularInline
from shop.core.money import Money


def amount_of(entry: LedgerEntry) -> str:
    return Money(entry.amount_minor, entry.currency).format()


class LedgerEntryInline(ReadOnly, TabularInline[LedgerEntry, LedgerTransaction]):
    model = LedgerEntry
    fields = readonly_fields = ("account", "amount_shown")

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

    @admin.display(description=_("entries"))
    def entries_shown(self, posting: LedgerTransaction) -> SafeString:
        rows = ((entry.account_id, amount_of(entry)) for entry in posting.entries.all())
        return format_html(
            '<ul class="entries">{}</ul>', format_html_join("", "<li>{} <b>{}</b></li>", rows)
        )


@admin.register(LedgerAccount)
class LedgerAccountAdmin(RecordAdmin[LedgerAccount]):
    list_display = ("code", "kind")
    ordering = ("kind", "code")
    fields = readonly_fields = ("code", "kind")
