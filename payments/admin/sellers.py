"""Sellers' accounts: what is owed to each, on which terms, and payouts as staff record them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from catalog.admin.form_tokens import Notes, do_once, new_token, tell
from catalog.admin.product_pages import user_of
from catalog.editing.typed import NotReadable, read_amount
from catalog.models import Seller
from payments.models import SellerPayout, SellerTerms
from payments.sellers.paying import agree, payable, record_payout
from payments.sellers.statement import seller_accounts, statement, statement_rows
from shop.core.admin import RecordAdmin, csv_download
from shop.core.errors import DomainError
from shop.core.money import CURRENCIES, Money
from shop.core.spreadsheets import csv_file

MOST_ROWS = 200
_DAY = forms.DateInput(attrs={"type": "date"})


class TermsForm(forms.Form):
    """For what is sold from a day on."""

    since = forms.DateField(label=_("For what is sold from"), widget=_DAY)
    percent = forms.DecimalField(
        label=_("Commission, % of the goods' prices"),
        min_value=Decimal(0),
        max_value=Decimal(100),
        decimal_places=2,
    )
    pays_after_days = forms.IntegerField(
        label=_("Paid out after so many days"), min_value=0, max_value=365, initial=14
    )
    sends_itself = forms.BooleanField(
        label=_("Sends its parcels itself: what customers pay for sending is the seller's"),
        required=False,
    )

    def agree(self, seller: Seller, user_id: int) -> str | Promise:
        given = self.cleaned_data
        agree(
            seller_id=seller.pk,
            since=given["since"],
            commission_bp=int(given["percent"] * 100),
            sends_itself=given["sends_itself"],
            pays_after_days=given["pays_after_days"],
            user_id=user_id,
        )
        return _("Agreed. What was sold since then is shared within minutes.")


class PayoutForm(forms.Form):
    """A transfer that was made."""

    amount = forms.CharField(
        label=_("Amount"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    paid_on = forms.DateField(label=_("Transferred on"), widget=_DAY)
    reference = forms.CharField(label=_("The bank's reference"), max_length=60)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        self.currency = currency
        super().__init__(*args, **kwargs)

    def clean_amount(self) -> Money:
        try:
            typed = self.cleaned_data["amount"].strip()
            return Money(read_amount(typed, self.currency), self.currency)
        except NotReadable as error:
            raise forms.ValidationError(str(error)) from error

    def record(self, seller: Seller, user_id: int) -> str | Promise:
        payout = record_payout(seller_id=seller.pk, user_id=user_id, **self.cleaned_data)
        return _("Booked: %(amount)s.") % {"amount": payout.amount.format()}


@dataclass(frozen=True, slots=True)
class Asked:
    """One seller and currency of a page, and the forms as they were sent."""

    seller: Seller
    currency: str
    sent: dict[str, forms.Form] = field(default_factory=dict)
    status: int = 200


RIGHTS = {"terms": "payments.add_sellerterms", "payout": "payments.add_sellerpayout"}


@admin.register(SellerPayout)
class SellerPayoutAdmin(RecordAdmin[SellerPayout]):
    """The list is of sellers; each has a page with all that was owed and paid."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("<int:seller_id>/", view(self.seller_view), name="payments_seller"),
            path("<int:seller_id>.csv", view(self.file_view), name="payments_seller_file"),
            path(
                "<int:seller_id>/<slug:name>/",
                view(require_POST(self.do_view)),
                name="payments_seller_do",
            ),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: Mapping[str, Any] | None = None
    ) -> HttpResponse:
        self._check(request)
        accounts = seller_accounts()
        own = Seller.objects.exclude(pk__in=[one.seller.pk for one in accounts])
        facts = {"accounts": accounts, "own": own.filter(is_active=True).order_by("name", "pk")}
        return self._page(request, "list.html", _("Sellers' accounts"), facts)

    def seller_view(self, request: HttpRequest, seller_id: int) -> HttpResponse:
        self._check(request)
        return self._seller_page(request, _asked(request, seller_id))

    def file_view(self, request: HttpRequest, seller_id: int) -> HttpResponseBase:
        self._check(request)
        asked = _asked(request, seller_id)
        rows = statement_rows(seller_id, asked.currency)
        name = f"seller-{seller_id}-{timezone.localdate():%Y-%m-%d}.csv"
        return csv_download(csv_file(rows), name)

    def do_view(self, request: HttpRequest, seller_id: int, name: str) -> HttpResponse:
        """New terms, or a payout. A form that comes twice is done once."""
        self._check(request)
        if name not in RIGHTS:
            raise Http404
        if not request.user.has_perm(RIGHTS[name]):
            raise PermissionDenied
        asked = _asked(request, seller_id)
        form: TermsForm | PayoutForm
        if name == "terms":
            terms = form = TermsForm(request.POST)
            do: Callable[[], str | Promise] = partial(terms.agree, asked.seller, user_of(request))
        else:
            payout = form = PayoutForm(request.POST, currency=asked.currency)
            do = partial(payout.record, asked.seller, user_of(request))
        if form.is_valid():
            try:
                page = f"seller-{name}:{seller_id}"
                tell(request, do_once(request, page=page, work=lambda: _told(do())))
                return redirect(
                    f"{request.path.removesuffix(f'{name}/')}?currency={asked.currency}"
                )
            except DomainError as error:
                form.add_error(None, error.user_message)
        again = Asked(asked.seller, asked.currency, {name: form}, status=422)
        return self._seller_page(request, again)

    def _check(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _seller_page(self, request: HttpRequest, asked: Asked) -> HttpResponse:
        seller, currency, today = asked.seller, asked.currency, timezone.localdate()
        due = payable(seller.pk, currency, on=today)
        terms = SellerTerms.objects.filter(seller=seller).order_by("-valid_from")
        facts = {
            "seller": seller,
            "currency": currency,
            "balance": payable(seller.pk, currency),
            "due": due,
            "rows": statement(seller.pk, currency, most=MOST_ROWS)[::-1],
            "terms": [(one, one.commission_bp / 100) for one in terms],
            "may_agree": request.user.has_perm(RIGHTS["terms"]),
            "may_pay": request.user.has_perm(RIGHTS["payout"]),
            "terms_form": asked.sent.get("terms")
            or TermsForm(initial={"since": today.isoformat()}),
            "payout_form": asked.sent.get("payout")
            or PayoutForm(currency=currency, initial={"paid_on": today.isoformat()}),
            "form_token": new_token(),
        }
        return self._page(request, "seller.html", seller.name, facts, status=asked.status)

    def _page(
        self,
        request: HttpRequest,
        template: str,
        title: str | Promise,
        facts: Mapping[str, Any],
        *,
        status: int = 200,
    ) -> HttpResponse:
        each = self.admin_site.each_context(request)
        context = {**each, "opts": self.opts, "title": title, **facts}
        return TemplateResponse(
            request, f"admin/payments/sellers/{template}", context, status=status
        )


def _asked(request: HttpRequest, seller_id: int) -> Asked:
    currency = request.GET.get("currency", "")
    known = currency if currency in CURRENCIES else settings.DEFAULT_CURRENCY
    return Asked(get_object_or_404(Seller, pk=seller_id), known)


def _told(text: str | Promise) -> Notes:
    return [(messages.SUCCESS, str(text))]
