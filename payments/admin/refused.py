"""What strangers sent to the addresses of webhooks: read, never written."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from payments.admin.records import pretty
from payments.models import RefusedHour, RefusedWebhook
from shop.core.admin import RecordAdmin


@admin.register(RefusedWebhook)
class RefusedWebhookAdmin(RecordAdmin[RefusedWebhook]):
    list_display = ("received_at", "gateway", "reason", "size", "of_its_hour")
    list_filter = ("reason", "gateway")
    fields = ("gateway", "received_at", "reason", "size", "headers_shown", "body_shown")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[RefusedWebhook]:
        # A list of fifty must not fetch fifty bodies.
        return super().get_queryset(request).defer("body", "headers")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """How many came in each of the hours shown: more than were kept. One query."""
        changes = super().get_changelist_instance(request)
        shown = {(row.gateway, _hour(row)) for row in changes.result_list}
        hours = RefusedHour.objects.filter(began_at__in={began_at for _code, began_at in shown})
        numbers = {(hour.gateway, hour.began_at): hour.number for hour in hours}
        for row in changes.result_list:
            row.number_of_hour = numbers.get((row.gateway, _hour(row)), "–")
        return changes

    @admin.display(description=_("in that hour"))
    def of_its_hour(self, row: Any) -> str:
        return str(row.number_of_hour)

    @admin.display(description=_("headers"))
    def headers_shown(self, row: RefusedWebhook) -> SafeString:
        return pretty(row.headers)

    @admin.display(description=_("body, its first part"))
    def body_shown(self, row: RefusedWebhook) -> SafeString:
        # As text and no more: not even its JSON is read.
        text = bytes(row.body).decode(errors="replace")
        return format_html('<pre class="payload">{}</pre>', text)


def _hour(row: RefusedWebhook) -> datetime:
    return row.received_at.replace(minute=0, second=0, microsecond=0)
