"""The form behind "what would a parcel cost?"."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from catalog.models import Location
from orders.addresses import provinces
from orders.places import Place
from orders.shipping.rates import RateRequest
from shop.core.admin import ModelChoiceField
from shop.core.choosing import choice_field

HEAVIEST_GRAMS = 1_000_000
LONGEST_CM = 1000


class ProbeForm(forms.Form):
    location = ModelChoiceField(label=_("sent from"), queryset=Location.objects.order_by("pk"))
    province = forms.ChoiceField(label=_("province"))
    region = forms.RegexField(
        r"^[\w.-]{1,13}$",
        label=_("regency, district or village"),
        required=False,
        help_text=_("The code of the region, such as 32.73.02."),
    )
    postal_code = forms.CharField(label=_("postal code"), required=False, max_length=12)
    weight_grams = forms.IntegerField(
        label=_("weight in grams"), min_value=1, max_value=HEAVIEST_GRAMS, initial=1000
    )
    length_cm = forms.IntegerField(
        label=_("length in cm"), required=False, min_value=1, max_value=LONGEST_CM
    )
    width_cm = forms.IntegerField(
        label=_("width in cm"), required=False, min_value=1, max_value=LONGEST_CM
    )
    height_cm = forms.IntegerField(
        label=_("height in cm"), required=False, min_value=1, max_value=LONGEST_CM
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        known = provinces(country=settings.DEFAULT_COUNTRY)
        choice_field(self, "province").choices = [("", "---------"), *known]

    def request(self) -> RateRequest:
        """The parcel of a valid form."""
        typed = self.cleaned_data
        location: Location = typed["location"]
        sides = [typed[f"{side}_cm"] or 0 for side in ("length", "width", "height")]
        return RateRequest(
            location_pk=location.pk,
            origin=Place(location.country, location.province, "", location.postal_code),
            destination=Place(
                settings.DEFAULT_COUNTRY, typed["province"], typed["region"], typed["postal_code"]
            ),
            weight_grams=typed["weight_grams"],
            volume_cm3=sides[0] * sides[1] * sides[2],
            currency=settings.DEFAULT_CURRENCY,
            value_minor=100_000,
        )
