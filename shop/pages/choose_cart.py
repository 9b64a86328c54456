"""Two carts side by side: this device's and the account's. Nothing happens before the choice."""

from dataclasses import dataclass
from typing import Self

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from orders.cart_page import CartView, show_cart
from orders.carts import CartFull
from orders.merging import (
    CartsChanged,
    Choice,
    Merged,
    NothingToChoose,
    choose,
    ordered_units,
    stamp_of,
)
from orders.models import Cart
from orders.owners import Carts
from orders.putting_together import put_together
from orders.views import carts_of_visitor, forget_cart
from shop.pages.account import goal_of


class ChoiceForm(forms.Form):
    choice = forms.ChoiceField(choices=[(one.value, one.value) for one in Choice])
    seen = forms.CharField(max_length=32)


@dataclass(frozen=True, slots=True)
class TwoCarts:
    """`left_out`: in words, what putting both together cannot take in full."""

    device: CartView
    account: CartView
    left_out: list[str]
    seen: str

    @classmethod
    def of(cls, device: Cart, account: Cart) -> Self:
        language = get_language() or settings.LANGUAGE_CODE
        # Before the carts are read: what changes after it is a change since they were seen.
        seen = stamp_of([device, account])
        shown = show_cart(cart=device, language=language)
        other = show_cart(cart=account, language=language)
        together = put_together(
            other.priced.lines,
            shown.priced.lines,
            ordered=ordered_units(account=account, device=device),
        )
        return cls(shown, other, [line.said for line in together if line.said], seen)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def choose_cart(request: HttpRequest) -> HttpResponse:
    goal = goal_of(request, otherwise=reverse("orders:view_cart"))
    carts = carts_of_visitor(request)
    form = ChoiceForm(request.POST)
    status = 200
    if request.method == "POST" and request.user.is_authenticated and form.is_valid():
        try:
            return _answer_chosen(request, _choose(request, carts, form), goal)
        except NothingToChoose:
            # A second click, or another tab: the first has done it.
            return redirect(goal)
        except (CartsChanged, CartFull) as error:
            messages.error(request, error.user_message)
            status = error.status
            carts = carts_of_visitor(request)
    if not carts.must_choose or carts.device is None or carts.account is None:
        return redirect(goal)
    context = {"page": TwoCarts.of(carts.device, carts.account), "goal": goal}
    return render(request, "pages/choose_cart.html", context, status=status)


def _choose(request: HttpRequest, carts: Carts, form: ChoiceForm) -> Merged:
    return choose(
        customer_id=request.user.pk or 0,
        device_token=carts.device.token if carts.device else None,
        choice=Choice(form.cleaned_data["choice"]),
        seen=form.cleaned_data["seen"],
        language=get_language() or settings.LANGUAGE_CODE,
    )


def _answer_chosen(request: HttpRequest, merged: Merged, goal: str) -> HttpResponse:
    """Whatever did not fit is said on the cart, so it leads there before it leads anywhere else."""
    said = [line.said for line in merged.lines if line.said]
    if merged.dropped_code:
        text = _("One cart has one code: %(code)s of your account's cart is not used.")
        said.append(text % {"code": merged.dropped_code})
    for sentence in said:
        messages.warning(request, sentence)
    answer = redirect("orders:view_cart") if said else redirect(goal)
    forget_cart(answer)
    return answer
