"""The checkout form: it checks shape only. What may be sold, sent and paid is decided below."""

import uuid
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from catalog.waiting import MOST as MOST_WAITED_FOR
from orders.address_choice import AddressChoice
from orders.address_forms import AddressForm, text_field
from orders.addresses import Contact, buyers_phone
from orders.phones import InvalidPhone
from shop.core.choosing import choice_field

SHIPPING_PREFIX = "shipping-"
ENTER_EMAIL = _("Enter your e-mail address.")


class CheckoutForm(AddressForm):
    # As on the page: errors are summed up in this order.
    field_order = ("email", "phone")

    email = forms.EmailField(
        label=_("E-mail"),
        help_text=_("For the confirmation and the tracking number."),
        widget=forms.EmailInput(attrs={"class": "input", "autocomplete": "email"}),
    )
    phone = text_field(
        _("Mobile number"),
        autocomplete="tel",
        max_length=30,
        help_text=_("The courier calls it when something is unclear. Example: 0812 3456 7890"),
        attrs={"inputmode": "tel"},
    )
    method = forms.ChoiceField(
        label=_("Payment method"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how you want to pay.")},
    )
    ovo_phone = text_field(
        _("Number registered with OVO"),
        autocomplete="off",
        max_length=30,
        required=False,
        help_text=_("Leave it empty if it is your mobile number above."),
        attrs={"inputmode": "tel"},
    )
    keeps_address = forms.BooleanField(label=_("Save this address in my account"), required=False)
    form_token = forms.UUIDField(widget=forms.HiddenInput)
    expected_total = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    goods = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        choice: AddressChoice,
        methods: list[tuple[str, str]],
        is_free: bool = False,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(
            data, choice=choice, initial={"form_token": uuid.uuid4()} | (initial or {})
        )
        choice_field(self, "method").choices = methods
        self.fields["method"].required = not is_free
        for name, field in self.fields.items():
            field.error_messages.setdefault("required", "")
            if name in REQUIRED_MESSAGES:
                field.error_messages["required"] = REQUIRED_MESSAGES[name]

    def clean_phone(self) -> str:
        return clean_phone(self.cleaned_data["phone"], country=self.choice.country)

    def clean_ovo_phone(self) -> str:
        typed = self.cleaned_data["ovo_phone"]
        return clean_phone(typed, country=self.choice.country) if typed else ""

    def contact(self) -> Contact:
        return Contact(email=self.cleaned_data["email"], phone=self.cleaned_data["phone"])

    def payment_details(self) -> dict[str, str]:
        """What the chosen method needs of the payer."""
        if self.cleaned_data["method"] != "ovo":
            return {}
        return {"phone": self.cleaned_data["ovo_phone"] or self.cleaned_data["phone"]}


REQUIRED_MESSAGES = {
    "email": ENTER_EMAIL,
    "phone": _("Enter a mobile number for the courier."),
    "recipient_name": _("Enter the name of the person who receives the parcel."),
    "street": _("Enter street and house number."),
    "form_token": _("This page is too old. Reload it and try again."),
}


def clean_phone(typed: str, *, country: str) -> str:
    """Raises ValidationError."""
    try:
        return buyers_phone(typed, country=country)
    except InvalidPhone as error:
        raise forms.ValidationError(error.user_message) from error


class TrackForm(forms.Form):
    number = text_field(
        _("Order number"),
        autocomplete="off",
        max_length=20,
        help_text=_("It is in the confirmation mail, for example R7K4-9MQX."),
        error_messages={"required": _("Enter the number of the order.")},
    )
    email = forms.EmailField(
        label=_("E-mail used for the order"),
        error_messages={"required": ENTER_EMAIL},
        widget=forms.EmailInput(attrs={"class": "input", "autocomplete": "email"}),
    )


HOW_MANY = format_lazy(_("Enter how many you want: 1 to {most}."), most=MOST_WAITED_FOR)


class WaitingForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        help_text=_("One mail to confirm it and one when it is your turn, nothing else."),
        error_messages={"required": ENTER_EMAIL},
        widget=forms.EmailInput(attrs={"class": "input", "autocomplete": "email"}),
    )
    quantity = forms.IntegerField(
        label=_("Quantity"),
        min_value=1,
        max_value=MOST_WAITED_FOR,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), HOW_MANY),
        widget=forms.NumberInput(attrs={"class": "input", "inputmode": "numeric"}),
    )
