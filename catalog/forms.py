from django import forms
from django.utils.translation import gettext_lazy as _


class StockAlertForm(forms.Form):
    variant = forms.UUIDField(widget=forms.HiddenInput)
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        help_text=_("One mail, nothing else. It reserves nothing: buy while stock lasts."),
        widget=forms.EmailInput(attrs={"class": "input", "autocomplete": "email"}),
    )
