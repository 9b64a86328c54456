"""A refund for staff: all there is to it on one page, and what they may do about it.

Those of an order are on the order's page, too; money that belongs to no order has only this one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.admin.form_tokens import Notes, do_once, new_token, tell
from catalog.admin.product_pages import user_of
from payments.admin.badges import refund_badge
from payments.models import Refund, RefundChannel, RefundState
from payments.refunds.accounts import AccountMissing, name_payee, payee_for
from payments.refunds.deciding import approve_refund, call_back_refund, send_by_bank
from payments.refunds.forms import BANKS, AccountForm
from payments.refunds.transfers import NotThatDay, record_transferred
from shop.core.admin import RecordPageAdmin
from shop.core.errors import DomainError


@dataclass(frozen=True, slots=True)
class Press:
    """One press of a button: on which refund, with what typed, by whom."""

    refund_id: int
    data: QueryDict
    user_id: int

    def text(self, name: str) -> str:
        return self.data.get(name, "").strip()


def approve(press: Press) -> str | Promise:
    approve_refund(refund_id=press.refund_id, user_id=press.user_id)
    return _("Approved. The refund goes its way.")


def call_back(press: Press) -> str | Promise:
    call_back_refund(refund_id=press.refund_id, user_id=press.user_id)
    return _("Called back: the money stays here until somebody decides anew.")


def by_bank(press: Press) -> str | Promise:
    send_by_bank(refund_id=press.refund_id, user_id=press.user_id)
    return _("To be transferred by hand now.")


def payee(press: Press) -> str | Promise:
    form = AccountForm(press.data)
    if not form.is_valid():
        raise AccountMissing
    name_payee(refund_id=press.refund_id, account=form.account, user_id=press.user_id)
    return _("The account is noted.")


def transferred(press: Press) -> str | Promise:
    record_transferred(
        refund_id=press.refund_id,
        paid_on=parse_day(press.text("paid_on")),
        reference=press.text("reference"),
        user_id=press.user_id,
        seen=press.text("account"),
        went_to=press.text("went_to"),
    )
    return _("Recorded as paid.")


def parse_day(typed: str) -> date:
    """Raises NotThatDay."""
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise NotThatDay from error


BUTTONS: Mapping[str, Callable[[Press], str | Promise]] = {
    "approve": approve,
    "call-back": call_back,
    "by-bank": by_bank,
    "account": payee,
    "transferred": transferred,
}


@dataclass(frozen=True, slots=True)
class RefundRow:
    refund: Refund
    badge: SafeString

    @property
    def may_go_by_bank(self) -> bool:
        return self.refund.channel == RefundChannel.GATEWAY and self.is_at_rest

    @property
    def may_become_credit(self) -> bool:
        has_account = self.refund.order is not None and self.refund.order.customer_id is not None
        return has_account and self.refund.channel != RefundChannel.STORE_CREDIT and self.is_at_rest

    @property
    def may_be_called_back(self) -> bool:
        return self.refund.due_id is None and self.is_at_rest

    @property
    def is_at_rest(self) -> bool:
        """Nobody has been asked to send it yet."""
        return self.refund.can_move_to(RefundState.CANCELLED)


@admin.register(Refund)
class RefundAdmin(RecordPageAdmin[Refund]):
    list_display = ("reference", "requested_at", "amount_shown", "channel", "state_shown", "order")
    list_select_related = ("order",)
    list_filter = ("state", "channel")
    search_fields = ("reference__exact", "refund_ref__exact", "order__number__exact")
    search_help_text = _("Our reference, the gateway's id or the order's number")

    @admin.display(description=_("amount"))
    def amount_shown(self, refund: Refund) -> str:
        return refund.amount.format()

    @admin.display(description=_("state"))
    def state_shown(self, refund: Refund) -> SafeString:
        return refund_badge(refund)

    def get_urls(self) -> list[URLPattern]:
        do = path(
            "<int:refund_id>/do/<slug:name>/",
            self.admin_site.admin_view(self.do_view),
            name="payments_refund_do",
        )
        return [do, *super().get_urls()]

    def do_view(self, request: HttpRequest, refund_id: int, name: str) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        right = "approve_refund" if name == "approve" else "change_refund"
        if not request.user.has_perm(f"payments.{right}"):
            raise PermissionDenied
        button = BUTTONS.get(name)
        if button is None:
            raise Http404
        refund = get_object_or_404(Refund, pk=refund_id)
        press = Press(refund.pk, request.POST, user_of(request))

        def work() -> Notes:
            return [(messages.SUCCESS, str(button(press)))]

        try:
            tell(request, do_once(request, page=f"refund:{refund.pk}:{name}", work=work))
        except DomainError as error:
            messages.error(request, error.user_message)
        return redirect("admin:payments_refund_change", refund.pk)

    def render_page(self, request: HttpRequest, row: Refund, /) -> HttpResponse:
        may_change = request.user.has_perm("payments.change_refund")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": row.reference,
            "state": refund_badge(row),
            "row": RefundRow(row, refund_badge(row)),
            "refund": row,
            "payee": payee_for(row) if may_change else None,
            "form": AccountForm(),
            "banks": BANKS,
            "today": timezone.localdate(),
            "form_token": new_token(),
            "may_change": may_change,
            "may_approve": request.user.has_perm("payments.approve_refund"),
        }
        return TemplateResponse(request, "admin/payments/refund.html", context)
