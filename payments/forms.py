from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from orders.phones import InvalidPhone, normalise_phone
from shop.core.choosing import choice_field


class MethodForm(forms.Form):
    """Another way to pay a placed order."""

    method = forms.ChoiceField(
        label=_("Payment method"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how you want to pay.")},
    )
    ovo_phone = forms.CharField(
        label=_("Number registered with OVO"),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"class": "input", "inputmode": "tel", "autocomplete": "tel"}),
    )

    def __init__(self, data: Any = None, *, methods: list[tuple[str, str]], phone: str) -> None:
        super().__init__(data, initial={"ovo_phone": phone})
        choice_field(self, "method").choices = methods

    def clean_ovo_phone(self) -> str:
        typed: str = self.cleaned_data["ovo_phone"]
        if self.cleaned_data.get("method") != "ovo":
            return ""
        try:
            return normalise_phone(typed, country=settings.DEFAULT_COUNTRY)
        except InvalidPhone as error:
            raise forms.ValidationError(error.user_message) from error

    def details(self) -> dict[str, str]:
        phone = self.cleaned_data["ovo_phone"]
        return {"phone": phone} if phone else {}
