"""The part of a form that asks for a postal address, whatever the country."""

from typing import Any

from babel import Locale
from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from orders.address_choice import AddressChoice
from orders.address_rules import CITY, DISTRICT, POSTAL_CODE, PROVINCE, STREET
from orders.addresses import Address
from orders.regions.choosing import TEXT

TOKENS = {
    PROVINCE: "address-level1",
    CITY: "address-level2",
    DISTRICT: "address-level3",
    POSTAL_CODE: "postal-code",
}
FIND_IT = _("Choose the kecamatan or kelurahan of the address from the list.")
NOTHING_FOUND = _(
    "We found no kecamatan or kelurahan of that name. Try another spelling, or choose it from the"
    " lists below."
)


def text_field(label: Any, *, autocomplete: str, max_length: int, **extra: Any) -> forms.CharField:
    attrs = {"class": "input", "autocomplete": autocomplete, **extra.pop("attrs", {})}
    return forms.CharField(
        label=label, max_length=max_length, widget=forms.TextInput(attrs=attrs), **extra
    )


class NeighboursField(forms.RegexField):
    """RT or RW: a number of up to three digits, with or without its name before it."""

    def __init__(self, label: Any) -> None:
        super().__init__(
            r"^\d{1,3}$",
            label=label,
            required=False,
            error_messages={"invalid": _("RT and RW are numbers, for example 05.")},
            widget=forms.TextInput(
                attrs={"class": "input", "autocomplete": "off", "inputmode": "numeric"}
            ),
        )

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).upper().removeprefix("RT").removeprefix("RW").strip()


class AddressForm(forms.Form):
    """`choice` says of which country; its fields and their checks follow from that."""

    country = forms.ChoiceField(
        label=_("Country"),
        required=False,
        widget=forms.Select(attrs={"class": "input", "autocomplete": "country"}),
    )
    recipient_name = text_field(_("Recipient's name"), autocomplete="name", max_length=100)
    street = text_field(_("Street and house number"), autocomplete="street-address", max_length=250)
    rt = NeighboursField(_("RT (optional)"))
    rw = NeighboursField(_("RW (optional)"))
    region_text = text_field(
        _("Kecamatan or kelurahan"),
        autocomplete="address-level3",
        max_length=200,
        required=False,
        help_text=_("Type a few letters, for example Coblong or Dago."),
    )
    district = text_field(
        _("District"), autocomplete="address-level3", max_length=80, required=False
    )
    city = text_field(_("City"), autocomplete="address-level2", max_length=80, required=False)
    province = text_field(
        _("Province"), autocomplete="address-level1", max_length=80, required=False
    )
    postal_code = text_field(
        _("Postal code"), autocomplete="postal-code", max_length=12, required=False
    )
    notes = text_field(
        _("Landmark for the courier (optional)"),
        autocomplete="off",
        max_length=200,
        required=False,
        help_text=_("For example: beside the mosque, green fence."),
    )

    def __init__(self, data: Any = None, *, choice: AddressChoice, **options: Any) -> None:
        super().__init__(data, **options)
        self.choice = choice
        self._offer_countries()
        if choice.region is None:
            self._follow_the_country()
        else:
            self._name_the_region(choice.region.text)

    def clean_postal_code(self) -> str:
        rules = self.choice.rules
        code = rules.postal_code(self.cleaned_data[POSTAL_CODE])
        if code is None:
            raise forms.ValidationError(
                _("That is no postal code there. One looks like this: {example}.").format(
                    example=rules.postal_example
                )
            )
        return code

    def clean_region_text(self) -> str:
        choice = self.choice.region
        if choice is not None and choice.region is None:
            is_lost = choice.is_searched and not choice.matches
            raise forms.ValidationError(NOTHING_FOUND if is_lost else FIND_IT)
        return str(self.cleaned_data[TEXT])

    def clean_province(self) -> str:
        province = self.choice.rules.province(self.cleaned_data[PROVINCE])
        if province is None:
            raise forms.ValidationError(_("Choose one of the list."))
        return province

    def address(self) -> Address:
        given = {
            name: self.cleaned_data.get(name, "")
            for name in ("recipient_name", "phone", STREET, POSTAL_CODE, "rt", "rw", "notes")
        }
        region = self.choice.region and self.choice.region.region
        texts = {name: self.cleaned_data.get(name, "") for name in (DISTRICT, CITY, PROVINCE)}
        return Address(
            **given, **texts, country=self.choice.country, region=region.code if region else ""
        )

    def _offer_countries(self) -> None:
        if len(settings.SHIPPING_COUNTRIES) == 1:
            del self.fields["country"]
            return
        names = Locale.parse(get_language() or settings.LANGUAGE_CODE, sep="-").territories
        field = self.fields["country"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(code, names.get(code, code)) for code in settings.SHIPPING_COUNTRIES]
        self.initial.setdefault("country", self.choice.country)

    def _name_the_region(self, shown: str) -> None:
        for name in (DISTRICT, CITY, PROVINCE):
            del self.fields[name]
        self._ask_for_postal_code(is_required=True)
        # A text that has been answered is shown as the answer.
        self.initial[TEXT] = shown
        if self.is_bound:
            self.data = dict(self.data.items()) | {TEXT: shown}

    def _follow_the_country(self) -> None:
        rules = self.choice.rules
        for name in ("rt", "rw", TEXT):
            del self.fields[name]
        for name in (DISTRICT, CITY, PROVINCE):
            if name not in rules.fields:
                del self.fields[name]
                continue
            field = self.fields[name]
            field.label = str(rules.labels[name])
            field.required = name in rules.required
            field.error_messages["required"] = _("Please fill this in: {name}").format(
                name=rules.labels[name]
            )
        if rules.provinces and PROVINCE in self.fields:
            attrs = {"class": "input", "autocomplete": TOKENS[PROVINCE]}
            self.fields[PROVINCE].widget = forms.Select(
                attrs=attrs, choices=[("", "—"), *rules.provinces]
            )
        self._ask_for_postal_code(is_required=False)

    def _ask_for_postal_code(self, *, is_required: bool) -> None:
        """`is_required` even where the country's post could do without."""
        rules = self.choice.rules
        if POSTAL_CODE not in rules.fields:
            del self.fields[POSTAL_CODE]
            return
        field = self.fields[POSTAL_CODE]
        field.label = str(rules.labels[POSTAL_CODE])
        field.required = is_required or POSTAL_CODE in rules.required
        field.error_messages["required"] = _("Enter the postal code.")
        # The keys of a phone, where the code has digits only.
        if rules.postal_example.isdigit():
            field.widget.attrs["inputmode"] = "numeric"
