"""The checkout form: it checks shape only. What may be sold, sent and paid is decided below."""

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from catalog.waiting import MOST as MOST_WAITED_FOR
from orders.addresses import Address, Contact, InvalidPhone, normalise_phone
from shop.core.choosing import choice_field

SHIPPING_PREFIX = "shipping-"


def _text(label: Any, *, autocomplete: str, max_length: int, **extra: Any) -> forms.CharField:
    attrs = {"class": "input", "autocomplete": autocomplete, **extra.pop("attrs", {})}
    return forms.CharField(
        label=label, max_length=max_length, widget=forms.TextInput(attrs=attrs), **extra
    )


class CheckoutForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail"),
        help_text=_("For the confirmation and the tracking number."),
        widget=forms.EmailInput(attrs={"class": "input", "autocomplete": "email"}),
    )
    phone = _text(
        _("Mobile number"),
        autocomplete="tel",
        max_length=30,
        help_text=_("The courier calls it when something is unclear. Example: 0812 3456 7890"),
        attrs={"inputmode": "tel"},
    )
    recipient_name = _text(_("Recipient's name"), autocomplete="name", max_length=100)
    street = _text(_("Street, house number, RT/RW"), autocomplete="street-address", max_length=250)
    province = forms.ChoiceField(
        label=_("Province"),
        widget=forms.Select(attrs={"class": "input", "autocomplete": "address-level1"}),
    )
    city = _text(_("City or regency"), autocomplete="address-level2", max_length=80)
    district = _text(_("District (kecamatan)"), autocomplete="address-level3", max_length=80)
    postal_code = forms.RegexField(
        r"^\d{5}$",
        label=_("Postal code"),
        error_messages={"invalid": _("A postal code has 5 digits, for example 40115.")},
        widget=forms.TextInput(
            attrs={"class": "input", "autocomplete": "postal-code", "inputmode": "numeric"}
        ),
    )
    notes = _text(
        _("Landmark for the courier (optional)"),
        autocomplete="off",
        max_length=200,
        required=False,
        help_text=_("For example: beside the mosque, green fence."),
    )
    method = forms.ChoiceField(
        label=_("Payment method"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how you want to pay.")},
    )
    ovo_phone = _text(
        _("Number registered with OVO"),
        autocomplete="off",
        max_length=30,
        required=False,
        help_text=_("Leave it empty if it is your mobile number above."),
        attrs={"inputmode": "tel"},
    )
    form_token = forms.UUIDField(widget=forms.HiddenInput)
    expected_total = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        provinces: list[tuple[str, str]],
        methods: list[tuple[str, str]],
        is_free: bool = False,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial={"form_token": uuid.uuid4()} | (initial or {}))
        choice_field(self, "province").choices = [("", _("Choose a province")), *provinces]
        choice_field(self, "method").choices = methods
        self.fields["method"].required = not is_free
        for name, field in self.fields.items():
            field.error_messages.setdefault("required", "")
            if name in REQUIRED_MESSAGES:
                field.error_messages["required"] = REQUIRED_MESSAGES[name]

    def clean_phone(self) -> str:
        return _phone(self.cleaned_data["phone"])

    def clean_ovo_phone(self) -> str:
        typed = self.cleaned_data["ovo_phone"]
        return _phone(typed) if typed else ""

    def contact(self) -> Contact:
        return Contact(email=self.cleaned_data["email"], phone=self.cleaned_data["phone"])

    def address(self) -> Address:
        fields = ("recipient_name", "phone", "street", "district", "city", "province")
        return Address(
            **{name: self.cleaned_data[name] for name in fields},
            postal_code=self.cleaned_data["postal_code"],
            country=settings.DEFAULT_COUNTRY,
            notes=self.cleaned_data["notes"],
        )

    def payment_details(self) -> dict[str, str]:
        """What the chosen method needs of the payer."""
        if self.cleaned_data["method"] != "ovo":
            return {}
        return {"phone": self.cleaned_data["ovo_phone"] or self.cleaned_data["phone"]}


REQUIRED_MESSAGES = {
    "email": _("Enter your e-mail address."),
    "phone": _("Enter a mobile number for the courier."),
    "recipient_name": _("Enter the name of the person who receives the parcel."),
    "street": _("Enter street and house number."),
    "province": _("Choose a province."),
    "city": _("Enter the city or regency."),
    "district": _("Enter the district (kecamatan)."),
    "postal_code": _("Enter the postal code."),
    "form_token": _("This page is too old. Reload it and try again."),
}


def _phone(typed: str) -> str:
    try:
        return normalise_phone(typed, country=settings.DEFAULT_COUNTRY)
    except InvalidPhone as error:
        raise forms.ValidationError(error.user_message) from error


class TrackForm(forms.Form):
    number = _text(
        _("Order number"),
        autocomplete="off",
        max_length=20,
        help_text=_("It is in the confirmation mail, for example R7K4-9MQX."),
    )
    email = forms.EmailField(
        label=_("E-mail used for the order"),
        widget=forms.EmailInput(attrs={"class": "input", "autocomplete": "email"}),
    )


class WaitingForm(forms.Form):
    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        help_text=_("One mail when it is your turn, nothing else."),
        widget=forms.EmailInput(attrs={"class": "input", "autocomplete": "email"}),
    )
    quantity = forms.IntegerField(
        label=_("Quantity"),
        min_value=1,
        max_value=MOST_WAITED_FOR,
        widget=forms.NumberInput(attrs={"class": "input", "inputmode": "numeric"}),
    )
