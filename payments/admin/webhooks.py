"""What gateways told us: read, tried out, and put back to be processed again."""

import json
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from catalog.admin.badges import Shape, badge
from catalog.admin.product_pages import user_of
from payments.admin.records import pretty
from payments.inbox.changes import Change
from payments.inbox.rehearsing import rehearse_webhook
from payments.inbox.replaying import replay_webhook
from payments.inbox.watching import overdue_events
from payments.models import PaymentAttempt, Refund, WebhookEvent
from shop.core.admin import ModelAdmin, ReadOnly, RecordAdmin
from shop.core.errors import DomainError

State = WebhookEvent.State
SHAPES: dict[State, Shape] = {
    State.RECEIVED: Shape.OPEN,
    State.PROCESSED: Shape.DONE,
    State.IGNORED: Shape.OVER,
    State.UNMATCHED: Shape.ALERT,
    State.RETRY: Shape.HALF,
    State.DEAD: Shape.ALERT,
    State.REJECTED: Shape.ALERT,
}


class AgeFilter(admin.SimpleListFilter):
    title = _("age")
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return [
            ("overdue", _("Not done in time")),
            ("hour", _("Of the last hour")),
            ("day", _("Of the last day")),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[WebhookEvent]
    ) -> QuerySet[WebhookEvent]:
        match self.value():
            case "overdue":
                return queryset & overdue_events()
            case "hour":
                return queryset.filter(received_at__gte=timezone.now() - timedelta(hours=1))
            case "day":
                return queryset.filter(received_at__gte=timezone.now() - timedelta(days=1))
            case _:
                return queryset


def references_of(number: str) -> list[str]:
    """What the gateway was given for an order's payments and refunds."""
    which = {"order__number": number.strip().upper()}
    return [
        *PaymentAttempt.objects.filter(**which).values_list("reference", flat=True),
        *Refund.objects.filter(**which).values_list("reference", flat=True),
    ]


def event_badge(event: WebhookEvent) -> SafeString:
    state = State(event.state)
    return badge(state.label, SHAPES[state])


@admin.register(WebhookEvent)
class WebhookEventAdmin(RecordAdmin[WebhookEvent]):
    change_form_template = "admin/payments/webhookevent/change_form.html"
    list_display = (
        "received_at",
        "gateway",
        "event",
        "reference",
        "state_shown",
        "took",
        "tries",
        "repeats",
    )
    list_display_links = ("received_at", "event")
    list_filter = ("state", "gateway", "secret", AgeFilter)
    search_fields = ("reference__exact", "gateway_ref__exact", "webhook_id__exact")
    search_help_text = _("An order's number, our reference, the gateway's id or the event's id")
    fields = (
        "gateway",
        "webhook_id",
        "event",
        "reference",
        "gateway_ref",
        "received_at",
        "state_shown",
        "tries",
        "next_try_at",
        "last_error",
        "ended_at",
        "took",
        "replays",
        "repeats",
        "last_repeat_at",
        "secret",
        "redacted_at",
        "changed_shown",
        "headers_shown",
        "body_shown",
    )
    readonly_fields = fields

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path(
                "<int:event_id>/replay/",
                view(require_POST(self.replay_view)),
                name="payments_webhookevent_replay",
            ),
            path(
                "<int:event_id>/dry-run/",
                view(require_POST(self.dry_run_view)),
                name="payments_webhookevent_dry_run",
            ),
        ]
        return [*own, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[WebhookEvent]:
        # A list of fifty must not fetch fifty bodies.
        return super().get_queryset(request).defer("body", "headers", "changed")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[WebhookEvent], search_term: str
    ) -> tuple[QuerySet[WebhookEvent], bool]:
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        of_order = queryset.filter(reference__in=references_of(search_term))
        return found | of_order, may_repeat

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        may_act = {"may_act": self._may_act(request)}
        return super().render_change_form(request, context | may_act, *args, **kwargs)

    def replay_view(self, request: HttpRequest, event_id: int) -> HttpResponse:
        event = self._event(request, event_id)
        seen = request.POST.get("replays", "")
        if not seen.isdecimal() or len(seen) > 9:
            raise Http404
        if replay_webhook(event_id=event.pk, seen=int(seen), user_id=user_of(request)):
            messages.success(request, gettext("Put back: it is processed again within seconds."))
        else:
            messages.info(request, gettext("It was put back already, or waits for its first look."))
        return redirect("admin:payments_webhookevent_change", event.pk)

    def dry_run_view(self, request: HttpRequest, event_id: int) -> HttpResponse:
        event = self._event(request, event_id)
        try:
            rehearsal = rehearse_webhook(event_id=event.pk)
        except DomainError as error:
            messages.error(request, error.user_message)
            return redirect("admin:payments_webhookevent_change", event.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Dry run"),
            "opts": self.opts,
            "original": event,
            "rehearsal": rehearsal,
            "was": event_badge(event),
            "becomes": event_badge(rehearsal.event),
            "may_act": True,
        }
        return TemplateResponse(request, "admin/payments/webhookevent/dry_run.html", context)

    def _may_act(self, request: HttpRequest) -> bool:
        # The permission of the model, which ReadOnly takes from everybody.
        return super(ReadOnly, self).has_change_permission(request)

    def _event(self, request: HttpRequest, event_id: int) -> WebhookEvent:
        if not self._may_act(request):
            raise PermissionDenied
        event = self.get_queryset(request).filter(pk=event_id).first()
        if event is None:
            raise Http404
        return event

    @admin.display(description=_("state"))
    def state_shown(self, event: WebhookEvent) -> SafeString:
        return event_badge(event)

    @admin.display(description=_("took"))
    def took(self, event: WebhookEvent) -> str:
        """From its arrival to its end; of what was put back, to its last one."""
        if event.ended_at is None:
            return "–"
        seconds = (event.ended_at - event.received_at).total_seconds()
        if seconds >= 120:
            return timesince(event.received_at, event.ended_at)
        return gettext("%(seconds)s s") % {"seconds": number_format(seconds, 1)}

    @admin.display(description=_("what it changed"))
    def changed_shown(self, event: WebhookEvent) -> SafeString:
        changes = [Change.from_json(kept) for kept in event.changed]
        context = {"changes": changes, "is_kept": True}
        return mark_safe(  # noqa: S308 - a template of ours, which escapes what is put into it
            render_to_string("admin/payments/webhookevent/changes.html", context)
        )

    @admin.display(description=_("headers"))
    def headers_shown(self, event: WebhookEvent) -> SafeString:
        return pretty(event.headers)

    @admin.display(description=_("body"))
    def body_shown(self, event: WebhookEvent) -> SafeString:
        text = bytes(event.body).decode(errors="replace")
        try:
            return pretty(json.loads(text))
        except ValueError:
            return format_html('<pre class="payload">{}</pre>', text)
