"""Adjustments of the books for staff: asked for from an exception, approved by somebody else."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from catalog.admin.badges import Shape, badge
from catalog.admin.product_pages import user_of
from payments.admin.credit_forms import amount_typed
from payments.ledger.accounts import SUSPENSE
from payments.ledger.adjusting import (
    ACCOUNTS,
    approve_adjustment,
    post_adjustment,
    reject_adjustment,
)
from payments.ledger.chart import account_of
from payments.models import LedgerAdjustment, PaymentException
from shop.core.admin import RecordPageAdmin
from shop.core.errors import DomainError
from shop.core.money import Money

State = LedgerAdjustment.State
SHAPES = {State.DRAFT: Shape.ALERT, State.POSTED: Shape.DONE, State.REJECTED: Shape.ENDED}
DECIDED = {
    "approve": "payments.approve_ledgeradjustment",
    "reject": "payments.add_ledgeradjustment",
}


def named_accounts() -> list[tuple[str, Any]]:
    return [(code, account_of(code).name) for code in ACCOUNTS]


class AdjustmentForm(forms.Form):
    debit = forms.ChoiceField(label=gettext_lazy("To this account (debit)"), choices=named_accounts)
    credit = forms.ChoiceField(
        label=gettext_lazy("From this account (credit)"), choices=named_accounts
    )
    amount = forms.CharField(
        label=gettext_lazy("Amount"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason (no names)"),
        max_length=200,
        help_text=gettext_lazy("It stays in the books for good, and resolves the exception."),
    )

    def __init__(self, data: Any, *, currency: str, initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        self._currency = currency

    def clean_amount(self) -> Money:
        return Money(amount_typed(self.cleaned_data["amount"], self._currency), self._currency)


@admin.register(LedgerAdjustment)
class LedgerAdjustmentAdmin(RecordPageAdmin[LedgerAdjustment]):
    list_display = (
        "requested_at",
        "amount_shown",
        "debit_shown",
        "credit_shown",
        "reason",
        "state_shown",
    )
    list_filter = ("state",)

    @admin.display(description=gettext_lazy("amount"))
    def amount_shown(self, adjustment: LedgerAdjustment) -> str:
        return adjustment.amount.format()

    @admin.display(description=gettext_lazy("debit"))
    def debit_shown(self, adjustment: LedgerAdjustment) -> str:
        return str(account_of(adjustment.debit_id).name)

    @admin.display(description=gettext_lazy("credit"))
    def credit_shown(self, adjustment: LedgerAdjustment) -> str:
        return str(account_of(adjustment.credit_id).name)

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, adjustment: LedgerAdjustment) -> SafeString:
        return badge(adjustment.get_state_display(), SHAPES[State(adjustment.state)])

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path(
                "for/<int:exception_id>/",
                view(self.ask_view),
                name="payments_ledgeradjustment_ask",
            ),
            path(
                "<int:adjustment_id>/<slug:name>/decide/",
                view(require_POST(self.decide_view)),
                name="payments_ledgeradjustment_decide",
            ),
        ]
        return [*own, *super().get_urls()]

    def ask_view(self, request: HttpRequest, exception_id: int) -> HttpResponse:
        """The form for one exception; sent twice it is booked once."""
        if not request.user.has_perm("payments.add_ledgeradjustment"):
            raise PermissionDenied
        exceptions = PaymentException.objects.select_related("order", "transaction", "receipt")
        exception = get_object_or_404(exceptions, pk=exception_id)
        form = AdjustmentForm(
            request.POST or None,
            currency=_currency_of(exception),
            initial=_proposed(exception),
        )
        if form.is_valid():
            try:
                adjustment = post_adjustment(
                    exception_id=exception.pk, user_id=user_of(request), **form.cleaned_data
                )
            except DomainError as error:
                form.add_error(None, error.user_message)
            else:
                _tell(request, adjustment)
                return redirect("admin:payments_ledgeradjustment_change", adjustment.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Book what explains it"),
            "exception": exception,
            "form": form,
        }
        status = 422 if form.errors else 200
        return TemplateResponse(
            request, "admin/payments/adjustment/ask.html", context, status=status
        )

    def render_page(self, request: HttpRequest, row: LedgerAdjustment, /) -> HttpResponse:
        may = {name: request.user.has_perm(right) for name, right in DECIDED.items()}
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": row.amount.format(),
            "adjustment": row,
            "debit": account_of(row.debit_id).name,
            "credit": account_of(row.credit_id).name,
            "state": self.state_shown(row),
            "is_own": row.requested_by_id == request.user.pk,
            "may": may,
        }
        return TemplateResponse(request, "admin/payments/adjustment/page.html", context)

    def decide_view(self, request: HttpRequest, adjustment_id: int, name: str) -> HttpResponse:
        if name not in DECIDED:
            raise Http404
        if not request.user.has_perm(DECIDED[name]):
            raise PermissionDenied
        adjustment = get_object_or_404(LedgerAdjustment, pk=adjustment_id)
        decide = approve_adjustment if name == "approve" else reject_adjustment
        try:
            decide(adjustment_id=adjustment.pk, user_id=user_of(request))
        except DomainError as error:
            messages.error(request, error.user_message)
        return redirect("admin:payments_ledgeradjustment_change", adjustment.pk)


def _tell(request: HttpRequest, adjustment: LedgerAdjustment) -> None:
    if adjustment.state == State.DRAFT:
        messages.warning(request, _("So much is booked only when a second person approves it."))
    else:
        messages.success(request, _("Booked: %(amount)s.") % {"amount": adjustment.amount.format()})


def _currency_of(exception: PaymentException) -> str:
    about = exception.transaction or exception.receipt or exception.order
    return about.currency if about is not None else settings.DEFAULT_CURRENCY


def _proposed(exception: PaymentException) -> dict[str, Any]:
    """Out of where it lies, as far as that is known."""
    row = exception.transaction
    if row is None or exception.kind != PaymentException.Kind.UNEXPLAINED:
        return {}
    side = "debit" if row.is_incoming else "credit"
    return {side: SUSPENSE, "amount": row.amount_minor}
