"""Gift cards and store credit for staff: issue, look at, correct, block, approve."""

from collections.abc import Callable
from functools import partial

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from catalog.admin.badges import Shape, badge
from catalog.admin.form_tokens import Notes, do_once, new_token, tell
from catalog.admin.product_pages import user_of
from payments.admin.credit_forms import CorrectionForm, IssueForm
from payments.credit.granting import (
    Granted,
    adjust,
    approve_grant,
    block,
    grant_store_credit,
    issue_gift_card,
    reject_grant,
    replace_code,
    unblock,
)
from payments.models import CreditAccount, CreditGrant, CreditKind, CreditMovement
from shop.core.admin import RecordPageAdmin
from shop.core.errors import DomainError
from shop.core.money import Money

MOST_MOVEMENTS = 100
ISSUED_BEFORE = gettext_lazy(
    "This form was sent before: what it asked for is done. The code of a gift card is shown only"
    " once; if it is lost, give the card a new one."
)


def may_issue(request: HttpRequest) -> bool:
    return request.user.has_perm("payments.add_creditgrant")


def answer_granted(request: HttpRequest, granted: Granted) -> HttpResponse:
    """What became of it; a code that was made with it, once."""
    grant = granted.grant
    if grant.state == CreditGrant.State.DRAFT:
        messages.warning(request, _("So much is booked only when a second person approves it."))
        return redirect("admin:payments_creditgrant_change", grant.pk)
    if granted.code and grant.account is not None:
        return show_code(request, grant.account, granted.code)
    messages.success(request, _booked(grant))
    return redirect("admin:payments_creditaccount_change", grant.account_id)


def show_code(request: HttpRequest, account: CreditAccount, code: str) -> HttpResponse:
    account.refresh_from_db()
    context = {
        **admin.site.each_context(request),
        "opts": CreditAccount._meta,
        "title": _("The code of the gift card"),
        "account": account,
        "code": code,
    }
    answer = TemplateResponse(request, "admin/payments/credit/code.html", context)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _booked(grant: CreditGrant) -> str:
    return _("Booked: %(amount)s.") % {"amount": grant.amount.format()}


@admin.register(CreditAccount)
class CreditAccountAdmin(RecordPageAdmin[CreditAccount]):
    list_display = ("name", "balance_shown", "customer", "state_shown", "expires_at", "created_at")
    list_select_related = ("customer",)
    list_filter = ("kind", "state")
    search_fields = ("last_four__iexact", "customer__email__iexact")
    search_help_text = gettext_lazy("The last four of a code, or a customer's e-mail")

    @admin.display(description=gettext_lazy("account"))
    def name(self, account: CreditAccount) -> str:
        return str(account)

    @admin.display(description=gettext_lazy("balance"))
    def balance_shown(self, account: CreditAccount) -> str:
        return account.balance.format()

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, account: CreditAccount) -> SafeString:
        is_active = account.state == CreditAccount.State.ACTIVE
        return badge(account.get_state_display(), Shape.DONE if is_active else Shape.ENDED)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("issue/", view(self.issue_view), name="payments_creditaccount_issue"),
            path(
                "<int:account_id>/do/<slug:name>/",
                view(require_POST(self.do_view)),
                name="payments_creditaccount_do",
            ),
        ]
        return [*own, *super().get_urls()]

    def render_page(self, request: HttpRequest, row: CreditAccount, /) -> HttpResponse:
        return self._page(request, row, CorrectionForm())

    def _page(
        self, request: HttpRequest, row: CreditAccount, form: CorrectionForm, *, status: int = 200
    ) -> HttpResponse:
        movements = CreditMovement.objects.filter(account=row).select_related("order", "actor")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(row),
            "account": row,
            "state": self.state_shown(row),
            "movements": [
                (movement, Money(movement.amount_minor, row.currency).format())
                for movement in movements.order_by("-pk")[:MOST_MOVEMENTS]
            ],
            "grants": CreditGrant.objects.filter(account=row, state=CreditGrant.State.DRAFT),
            "form": form,
            "form_token": new_token(),
            "may_change": may_issue(request),
        }
        return TemplateResponse(
            request, "admin/payments/credit/account.html", context, status=status
        )

    def issue_view(self, request: HttpRequest) -> HttpResponse:
        """One form for both; a code is shown in its answer and never again."""
        if not may_issue(request):
            raise PermissionDenied
        form = IssueForm(request.POST or None)
        if form.is_valid():
            try:
                return self._issued(request, partial(_issue, form, user_of(request)))
            except DomainError as error:
                form.add_error(None, error.user_message)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Issue a gift card or store credit"),
            "form": form,
            "form_token": new_token(),
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/payments/credit/issue.html", context, status=status)

    def _issued(self, request: HttpRequest, issue: Callable[[], Granted]) -> HttpResponse:
        made: list[Granted] = []

        def work() -> Notes:
            made.append(issue())
            # Kept for a repeat of the form, so the code is not in it.
            return [(messages.INFO, str(ISSUED_BEFORE))]

        notes = do_once(request, page="credit-issue", work=work)
        if not made:
            tell(request, notes)
            return redirect("admin:payments_creditaccount_changelist")
        return answer_granted(request, made[0])

    def do_view(self, request: HttpRequest, account_id: int, name: str) -> HttpResponse:
        """One button of an account's page."""
        if not may_issue(request):
            raise PermissionDenied
        account = get_object_or_404(CreditAccount, pk=account_id)
        if name == "adjust":
            return self._adjust(request, account)
        if name == "new-code" and account.kind == CreditKind.GIFT_CARD:
            code = replace_code(account_id=account.pk)
            self.log_change(request, account, "new code")
            return show_code(request, account, code)
        if name not in _SWITCHES:
            raise Http404
        switch, said = _SWITCHES[name]
        if switch(account_id=account.pk):
            self.log_change(request, account, name)
        messages.success(request, str(said))
        return redirect("admin:payments_creditaccount_change", account.pk)

    def _adjust(self, request: HttpRequest, account: CreditAccount) -> HttpResponse:
        form = CorrectionForm(request.POST)
        if not form.is_valid():
            return self._page(request, account, form, status=422)
        book = partial(
            adjust,
            account_id=account.pk,
            amount_minor=form.signed(),
            note=form.cleaned_data["note"],
            user_id=user_of(request),
        )
        try:
            tell(
                request,
                do_once(request, page=f"credit-adjust:{account.pk}", work=lambda: _noted(book())),
            )
        except DomainError as error:
            form.add_error(None, error.user_message)
            return self._page(request, account, form, status=error.status)
        return redirect("admin:payments_creditaccount_change", account.pk)


_SWITCHES: dict[str, tuple[Callable[..., bool], str | Promise]] = {
    "block": (block, gettext_lazy("Blocked: nothing can be paid with it.")),
    "unblock": (unblock, gettext_lazy("It can be used again.")),
}


def _issue(form: IssueForm, user_id: int) -> Granted:
    given = form.cleaned_data
    if given["kind"] == CreditKind.STORE_CREDIT:
        return grant_store_credit(
            customer_id=given["customer"].pk,
            amount=given["amount"],
            note=given["note"],
            user_id=user_id,
        )
    return issue_gift_card(
        amount=given["amount"],
        note=given["note"],
        user_id=user_id,
        expires_at=given["valid_until"],
        recipient=given["recipient"],
        language=given["language"],
    )


def _noted(granted: Granted) -> Notes:
    if granted.grant.state == CreditGrant.State.DRAFT:
        return [(messages.WARNING, _("So much is booked only when a second person approves it."))]
    return [
        (messages.SUCCESS, _("Booked: %(amount)s.") % {"amount": granted.grant.amount.format()})
    ]


@admin.register(CreditGrant)
class CreditGrantAdmin(RecordPageAdmin[CreditGrant]):
    list_display = ("requested_at", "amount_shown", "note", "requested_by", "state_shown")
    list_select_related = ("requested_by",)
    list_filter = ("state",)

    @admin.display(description=gettext_lazy("amount"))
    def amount_shown(self, grant: CreditGrant) -> str:
        return grant.amount.format()

    @admin.display(description=gettext_lazy("state"))
    def state_shown(self, grant: CreditGrant) -> SafeString:
        shape = {"draft": Shape.ALERT, "done": Shape.DONE}.get(grant.state, Shape.ENDED)
        return badge(grant.get_state_display(), shape)

    def get_urls(self) -> list[URLPattern]:
        decide = path(
            "<int:grant_id>/<slug:name>/",
            self.admin_site.admin_view(require_POST(self.decide_view)),
            name="payments_creditgrant_decide",
        )
        return [*super().get_urls()[:-1], decide, super().get_urls()[-1]]

    def render_page(self, request: HttpRequest, row: CreditGrant, /) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": row.amount.format(),
            "grant": row,
            "state": self.state_shown(row),
            "may_approve": request.user.has_perm("payments.approve_credit"),
            "is_own": row.requested_by_id == request.user.pk,
            "may_reject": may_issue(request),
        }
        return TemplateResponse(request, "admin/payments/credit/grant.html", context)

    def decide_view(self, request: HttpRequest, grant_id: int, name: str) -> HttpResponse:
        """Approving twice is approving once: the second answer shows no code."""
        needed = {"approve": "payments.approve_credit", "reject": "payments.add_creditgrant"}
        if name not in needed:
            raise Http404
        if not request.user.has_perm(needed[name]):
            raise PermissionDenied
        grant = get_object_or_404(CreditGrant, pk=grant_id)
        if name == "reject":
            reject_grant(grant_id=grant.pk, user_id=user_of(request))
            return redirect("admin:payments_creditgrant_change", grant.pk)
        try:
            granted = approve_grant(grant_id=grant.pk, user_id=user_of(request))
        except DomainError as error:
            messages.error(request, error.user_message)
            return redirect("admin:payments_creditgrant_change", grant.pk)
        return answer_granted(request, granted)
