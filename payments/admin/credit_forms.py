"""What staff type to issue and correct credit."""

from datetime import datetime, time

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.editing.typed import NotReadable, read_amount
from payments.models import CreditKind
from shop.core.money import Money

ENTER_AMOUNT = _("Enter an amount.")


def amount_typed(typed: str, currency: str) -> int:
    """In minor units. Raises ValidationError."""
    try:
        return read_amount(typed.strip(), currency)
    except NotReadable as error:
        raise forms.ValidationError(str(error)) from error


class IssueForm(forms.Form):
    kind = forms.ChoiceField(label=_("What"), choices=CreditKind.choices)
    amount = forms.CharField(
        label=_("Amount"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": ENTER_AMOUNT},
    )
    note = forms.CharField(
        label=_("Reason (no names)"),
        max_length=200,
        help_text=_("It stays with the card for good."),
        error_messages={"required": _("Write down why.")},
    )
    customer = forms.EmailField(
        label=_("Customer's e-mail, for store credit"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    recipient = forms.EmailField(
        label=_("Send the gift card to"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("Empty: you are shown the code once and pass it on yourself."),
    )
    language = forms.ChoiceField(
        label=_("Language of the mail"), choices=settings.LANGUAGES, required=False
    )
    valid_until = forms.DateField(
        label=_("Valid until (gift card)"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: for ever."),
    )

    def clean_amount(self) -> Money:
        amount = amount_typed(self.cleaned_data["amount"], settings.DEFAULT_CURRENCY)
        if not amount:
            raise forms.ValidationError(ENTER_AMOUNT)
        return Money(amount, settings.DEFAULT_CURRENCY)

    def clean_valid_until(self) -> datetime | None:
        """The end of that day on the merchant's clocks."""
        day = self.cleaned_data["valid_until"]
        if day is None:
            return None
        if day <= timezone.localdate():
            raise forms.ValidationError(_("Enter a day to come."))
        return timezone.make_aware(datetime.combine(day, time.max.replace(microsecond=0)))

    def clean(self) -> None:
        """Who gets store credit has an account already."""
        if self.cleaned_data.get("kind") != CreditKind.STORE_CREDIT:
            return
        email = self.cleaned_data.get("customer", "")
        customer = User.objects.of_email(email).first() if email else None
        if customer is None:
            self.add_error("customer", _("Nobody has an account with this e-mail address."))
        self.cleaned_data["customer"] = customer


class CorrectionForm(forms.Form):
    sign = forms.ChoiceField(
        label=_("Correction"), choices=[("-", _("take off")), ("+", _("add"))], initial="-"
    )
    amount = forms.CharField(
        label=_("Amount"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": ENTER_AMOUNT},
    )
    note = forms.CharField(
        label=_("Reason (no names)"),
        max_length=200,
        error_messages={"required": _("Write down why.")},
    )

    def clean_amount(self) -> int:
        return amount_typed(self.cleaned_data["amount"], settings.DEFAULT_CURRENCY)

    def signed(self) -> int:
        amount: int = self.cleaned_data["amount"]
        return amount if self.cleaned_data["sign"] == "+" else -amount
