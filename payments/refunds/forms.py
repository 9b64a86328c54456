"""What a customer types so that money can be transferred."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from payments.refunds.accounts import Account

# Those that most Indonesians have an account with; any other can be named.
BANKS = ("BCA", "Mandiri", "BRI", "BNI", "BSI", "CIMB Niaga", "Permata", "Danamon", "BTN", "Jago")
_NUMBER = re.compile(r"[0-9]{5,20}")


class AccountForm(forms.Form):
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

    def clean_number(self) -> str:
        """People type spaces, dots and dashes."""
        number = re.sub(r"[\s.\-]", "", self.cleaned_data["number"])
        if not _NUMBER.fullmatch(number):
            raise forms.ValidationError(
                _("An account number has 5 to 20 digits and nothing else."), code="not_digits"
            )
        return number

    def account(self) -> Account:
        """Of a form that is valid."""
        return Account(**{name: self.cleaned_data[name] for name in ("bank", "number", "holder")})
