"""The exceptions desk: a list of what is to be decided, and a page for each of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.db.models.functions import TruncDate
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from catalog.admin.form_tokens import Notes, do_once, kept_token, new_token, tell
from catalog.admin.product_pages import user_of
from payments.admin.badges import exception_badge
from payments.admin.desk import ACTS, Do, Press, hand_over, may_act, may_press, take
from payments.admin.desk_page import page_of
from payments.desk.counting import count_open
from payments.desk.facts import Facts, facts_of
from payments.desk.proposing import Act, Proposal, propose
from payments.desk.story import tell_story, told_by_note
from payments.models import PaymentException
from shop.core.admin import ModelAdmin, RecordPageAdmin
from shop.core.errors import DomainError


class DeskTabs(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"
    template = "admin/tabs.html"
    tabs: dict[str, tuple[str | Promise, dict[str, Any]]] = {
        "open": (_("Open"), {"resolved_at": None}),
        "mine": (_("Mine"), {"resolved_at": None}),
        "untaken": (_("Nobody's"), {"resolved_at": None, "owner": None}),
        "resolved": (_("Resolved"), {"resolved_at__isnull": False}),
    }

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.user_id = user_of(request)
        super().__init__(request, *args, **kwargs)

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, Any]]:
        return [(name, label) for name, (label, _which) in self.tabs.items()]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[PaymentException]
    ) -> QuerySet[PaymentException]:
        name = self.value()
        if name not in self.tabs:
            return queryset
        own = {"owner": self.user_id} if name == "mine" else {}
        return queryset.filter(**self.tabs[name][1], **own)

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        counts = count_open(user_id=self.user_id)
        numbers = {"open": counts.open, "mine": counts.mine, "untaken": counts.untaken}
        for name, choice in zip([None, *self.tabs], super().choices(changelist), strict=True):
            yield {**choice, "count": numbers.get(name or "") or ""}


class KindTabs(admin.SimpleListFilter):
    """Of the kinds only those that are open, and the one that was chosen."""

    title = _("kind")
    parameter_name = "kind__exact"
    template = "admin/tabs.html"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, Any]]:
        rows = PaymentException.objects.filter(resolved_at=None)
        kinds = {request.GET.get(self.parameter_name), *rows.values_list("kind", flat=True)}
        return [(code, label) for code, label in PaymentException.Kind.choices if code in kinds]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[PaymentException]
    ) -> QuerySet[PaymentException]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@dataclass(frozen=True, slots=True)
class Row:
    """What a line of the list shows beside the exception's own columns."""

    facts: Facts
    proposal: Proposal
    may_take: bool
    act: Act | None


class DeskList(ChangeList):
    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        exceptions, now = list(self.result_list), timezone.now()
        for exception, facts in zip(exceptions, facts_of(exceptions), strict=True):
            proposal = propose(facts, at=now)
            act = proposal.first
            is_allowed = act is not None and may_press(request, act)
            is_free = facts.is_open and exception.owner_id is None
            vars(exception)["desk"] = Row(
                facts, proposal, is_free and may_act(request), act if is_allowed else None
            )
        self.result_list = exceptions


@admin.register(PaymentException)
class PaymentExceptionAdmin(RecordPageAdmin[PaymentException]):
    """Nothing is edited by a form: what staff do are operations, and each is written down."""

    # What is open first, the oldest day before the others, and on it the largest.
    ordering = (
        F("resolved_at").desc(nulls_first=True),
        TruncDate("opened_at"),
        F("receipt__amount_minor").desc(nulls_last=True),
        "pk",
    )
    list_display = (
        "kind_shown",
        "happened",
        "amount_shown",
        "order_shown",
        "age",
        "owner_shown",
        "proposed",
    )
    list_display_links = ("happened",)
    list_select_related = ("order", "receipt", "transaction", "owner")
    list_filter = (DeskTabs, KindTabs)
    search_fields = ("order__number__exact", "receipt__payment_id__exact")
    search_help_text = _("The order's number or the gateway's payment")

    @admin.display(description=_("kind"))
    def kind_shown(self, exception: PaymentException) -> SafeString:
        return exception_badge(exception)

    @admin.display(description=_("what happened"))
    def happened(self, exception: PaymentException) -> str:
        return tell_story(_row(exception).facts)

    @admin.display(description=_("amount"))
    def amount_shown(self, exception: PaymentException) -> str:
        amount = _row(exception).facts.amount
        return amount.format() if amount else "–"

    @admin.display(description=_("order"))
    def order_shown(self, exception: PaymentException) -> SafeString | str:
        if exception.order is None:
            return "–"
        url = reverse("admin:orders_order_change", args=[exception.order_id])
        return format_html('<a href="{}">{}</a>', url, exception.order.number)

    @admin.display(description=_("age"))
    def age(self, exception: PaymentException) -> str:
        return timesince(exception.opened_at, exception.resolved_at, depth=1)

    @admin.display(description=_("owner"))
    def owner_shown(self, exception: PaymentException) -> SafeString | str:
        if exception.owner is not None:
            return exception.owner.email
        if not _row(exception).may_take:
            return "–"
        url = reverse("admin:payments_paymentexception_take", args=[exception.pk])
        button = '<button type="submit" class="button" formaction="{}">{}</button>'
        return format_html(button, url, gettext("Take it"))

    @admin.display(description=_("proposed"))
    def proposed(self, exception: PaymentException) -> SafeString | str:
        row = _row(exception)
        if row.act is None:
            return str(row.proposal.waits) or "–"
        url = reverse("admin:payments_paymentexception_do", args=[exception.pk, row.act])
        return format_html('<a class="button" href="{}">{}</a>', url, row.act.label)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return DeskList

    def get_urls(self) -> list[URLPattern]:
        view, name = self.admin_site.admin_view, "payments_paymentexception_{}".format
        own = [
            path("<int:pk>/take/", view(require_POST(self.take_view)), name=name("take")),
            path("<int:pk>/do/<slug:act>/", view(self.do_view), name=name("do")),
            path(
                "<int:pk>/hand-over/",
                view(require_POST(self.hand_over_view)),
                name=name("hand_over"),
            ),
        ]
        return [*own, *super().get_urls()]

    def render_page(self, request: HttpRequest, row: PaymentException, /) -> HttpResponse:
        [facts] = facts_of([row])
        context = self._context(request, facts) | page_of(request, facts)
        template = "admin/payments/paymentexception/page.html"
        return TemplateResponse(request, template, context)

    def _context(self, request: HttpRequest, facts: Facts) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(facts.exception),
            "exception": facts.exception,
            "badge": exception_badge(facts.exception),
            "facts": facts,
            "story": tell_story(facts),
            "note": told_by_note(facts),
            "form_token": new_token(),
        }

    def take_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._press(request, Press(self._found(request, pk), "take", request.POST), take)

    def hand_over_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._press(
            request, Press(self._found(request, pk), "hand-over", request.POST), hand_over
        )

    def _press(self, request: HttpRequest, press: Press, work: Do) -> HttpResponse:
        """What moves no money needs no page of its own to be confirmed."""
        try:
            messages.success(request, str(work(press, user_of(request))))
        except DomainError as error:
            messages.error(request, error.user_message)
        return redirect("admin:payments_paymentexception_change", press.exception.pk)

    def do_view(self, request: HttpRequest, pk: int, act: str) -> HttpResponse:
        """What it will do, and the words it needs; then it is done, once for each form."""
        exception = self._found(request, pk)
        if act not in list(Act):
            raise Http404
        if not may_press(request, Act(act)):
            raise PermissionDenied
        if request.method != "POST":
            return self._confirm(request, exception, Act(act))
        press = Press(exception, act, request.POST)
        work = partial(self._work, press, user_of(request))
        try:
            tell(request, do_once(request, page=f"exception:{pk}:{act}", work=work))
        except DomainError as error:
            return self._confirm(request, exception, Act(act), error)
        return redirect("admin:payments_paymentexception_change", pk)

    def _work(self, press: Press, user_id: int) -> Notes:
        return [(messages.SUCCESS, str(ACTS[Act(press.name)].do(press, user_id)))]

    def _confirm(
        self,
        request: HttpRequest,
        exception: PaymentException,
        act: Act,
        error: DomainError | None = None,
    ) -> HttpResponse:
        [facts] = facts_of([exception])
        is_possible = act in propose(facts, at=timezone.now()).acts
        context = self._context(request, facts) | {
            "title": act.label,
            "act": act,
            "typed": request.POST,
            "error": error.user_message if error else "",
            "is_possible": is_possible,
        }
        if error is not None:
            context["form_token"] = kept_token(request, error)
        template = "admin/payments/paymentexception/confirm.html"
        status = error.status if error else 200
        return TemplateResponse(request, template, context, status=status)

    def _found(self, request: HttpRequest, pk: int) -> PaymentException:
        if not may_act(request):
            raise PermissionDenied
        rows = PaymentException.objects.select_related(*self.list_select_related)
        return get_object_or_404(rows, pk=pk)


def _row(exception: PaymentException) -> Row:
    row: Row = vars(exception)["desk"]
    return row
