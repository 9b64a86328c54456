"""What a customer types so that money can be transferred."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from payments.refunds.accounts import Account, NotAnAccountNumber, typed_account

# Those that most Indonesians have an account with; any other can be named.
BANKS = ("BCA", "Mandiri", "BRI", "BNI", "BSI", "CIMB Niaga", "Permata", "Danamon", "BTN", "Jago")


class AccountForm(forms.Form):
    """`account` is there once the form is valid."""

    account: Account

    bank = forms.CharField(
        label=_("Bank"),
        max_length=40,
        widget=forms.TextInput(attrs={"class": "input", "list": "banks", "autocomplete": "off"}),
        error_messages={"required": _("Enter the name of your bank.")},
    )
    number = forms.CharField(
        label=_("Account number"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"class": "input", "inputmode": "numeric", "autocomplete": "off"}
        ),
        error_messages={"required": _("Enter your account number.")},
    )
    holder = forms.CharField(
        label=_("Name of the account holder"),
        max_length=100,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "name"}),
        error_messages={"required": _("Enter the name as it stands with the bank.")},
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                self.account = typed_account(**cleaned)
            except NotAnAccountNumber as error:
                self.add_error("number", error.user_message)
        return cleaned
