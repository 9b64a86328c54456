from django import forms
from django.utils.translation import gettext_lazy as _


class BalanceForm(forms.Form):
    code = forms.CharField(
        label=_("Gift card code"),
        max_length=40,
        help_text=_("16 letters and digits; capitals and dashes do not matter."),
        error_messages={"required": _("Enter the code of the gift card.")},
        widget=forms.TextInput(
            attrs={
                "class": "input",
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
    )
