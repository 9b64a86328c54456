"""What staff are asked for when they make an order for a customer."""

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from orders.address_choice import AddressChoice
from orders.forms import CheckoutForm

NUMBER = {"class": "input", "inputmode": "numeric"}


class ForCustomerForm(CheckoutForm):
    """As the checkout asks, but for the payment, which is the customer's own affair."""

    language = forms.ChoiceField(
        label=_("Language of the customer"), choices=lambda: settings.LANGUAGES
    )
    hours = forms.IntegerField(
        label=_("Hours to pay"),
        min_value=1,
        max_value=72,
        help_text=_("So long the goods are kept. 72 at most."),
        widget=forms.NumberInput(attrs=NUMBER),
    )
    sends_mail = forms.BooleanField(label=_("Send the link by e-mail too"), required=False)
    exceeds_open_orders = forms.BooleanField(
        label=_("Make it although other orders of this person are unpaid"), required=False
    )

    def __init__(
        self,
        data: Any = None,
        *,
        choice: AddressChoice,
        may_exceed: bool,
        initial: dict[str, Any] | None = None,
    ) -> None:
        defaults = {"hours": settings.STAFF_ORDER_HOURS, "language": settings.LANGUAGE_CODE}
        super().__init__(
            data, choice=choice, methods=[], is_free=True, initial=defaults | (initial or {})
        )
        for name in ("method", "ovo_phone", "keeps_address"):
            del self.fields[name]
        if not may_exceed:
            del self.fields["exceeds_open_orders"]

    def window(self) -> timedelta:
        return timedelta(hours=self.cleaned_data["hours"])
