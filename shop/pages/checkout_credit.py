"""The part of the checkout in which gift cards and store credit pay."""

from dataclasses import dataclass, field
from typing import Self

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from orders.models import Cart
from payments.credit.balance import store_credit_of_customer
from payments.credit.spending import MOST_CARDS, CreditWish, Tender, paid_by, tenders_for
from shop.core.clients import network_of
from shop.core.errors import DomainError
from shop.core.money import Money
from shop.pages.checkout_page import CheckoutPage

# Room for so many codes in any grouping.
LONGEST = MOST_CARDS * 40


class CreditForm(forms.Form):
    gift_card = forms.CharField(
        label=_("Gift card code"),
        required=False,
        max_length=LONGEST,
        help_text=_("Several cards: one code after the other."),
        widget=forms.TextInput(
            attrs={
                "class": "input",
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
    )
    use_credit = forms.BooleanField(label=_("Use my store credit"), required=False)


@dataclass(frozen=True, slots=True)
class CreditPart:
    """What is paid with credit, and what is left. `own` is the store credit of who is signed in;
    `refusal` says why the codes pay nothing."""

    form: CreditForm
    total: Money
    own: Money
    wish: CreditWish = field(default_factory=CreditWish)
    tenders: list[Tender] = field(default_factory=list)
    refusal: str = ""

    @classmethod
    def of(cls, request: HttpRequest, cart: Cart, page: CheckoutPage) -> Self:
        """Reads only, but counts codes that are wrong."""
        form = CreditForm(request.POST)
        form.full_clean()
        own = _own(request, cart)
        wish = CreditWish(
            codes=form.cleaned_data.get("gift_card", ""),
            customer_id=cart.customer_id
            if own.minor and form.cleaned_data.get("use_credit")
            else None,
            network=network_of(request.META),
            expected_minor=_shown(request),
        )
        if not page.is_quoted:
            # Until the whole total is known it cannot be said what is left of it.
            return cls(form, page.total, own, wish)
        try:
            tenders = tenders_for(wish, total=page.total, cart_token=cart.token)
        except DomainError as error:
            return cls(form, page.total, own, wish, refusal=error.user_message)
        return cls(form, page.total, own, wish, tenders)

    @property
    def pays(self) -> Money:
        return Money(paid_by(self.tenders), self.total.currency)

    @property
    def rest(self) -> Money:
        return self.total - self.pays


def _own(request: HttpRequest, cart: Cart) -> Money:
    """Only who is signed in uses the account's credit, and only for its own cart."""
    is_own = request.user.is_authenticated and request.user.pk == cart.customer_id
    accounts = store_credit_of_customer(cart.customer_id) if is_own and cart.customer_id else []
    own = [one for one in accounts if one.currency == cart.currency and one.is_usable]
    return Money(sum(one.balance_minor for one in own), cart.currency)


def _shown(request: HttpRequest) -> int:
    """What the page said that credit pays; nothing where it said nothing."""
    text = request.POST.get("expected_credit", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0
