"""A postal address as it is written in its country: nowhere else are lines put in order."""

import re
from typing import Protocol

from django.conf import settings

from orders.address_rules import FIELDS, PROVINCE, STREET, UnknownCountry, rules_of

# A country that has since left the address data is written as most are.
USUAL: tuple[str, ...] = ("%N", "%A", "%D", "%C", "%S %Z")


class Postal(Protocol):
    """What an OrderContact and a checked address have in common."""

    @property
    def recipient_name(self) -> str: ...

    @property
    def street(self) -> str: ...

    @property
    def rt(self) -> str: ...

    @property
    def rw(self) -> str: ...

    @property
    def village(self) -> str: ...

    @property
    def district(self) -> str: ...

    @property
    def city(self) -> str: ...

    @property
    def province_name(self) -> str: ...

    @property
    def postal_code(self) -> str: ...

    @property
    def country(self) -> str: ...


def address_lines(address: Postal) -> list[str]:
    """The lines of the label, the recipient's name among them; the country last if it is abroad."""
    try:
        rules = rules_of(address.country)
    except UnknownCountry:
        formats, country_name = USUAL, address.country
    else:
        formats, country_name = rules.lines, rules.country_name
    values = _values(address, has_district="%D" in "".join(formats))
    lines = [line for each in formats for line in _line(each, values)]
    if address.country != settings.DEFAULT_COUNTRY:
        lines.append(country_name)
    return lines


def _values(address: Postal, *, has_district: bool) -> dict[str, str]:
    """By the letters of the format. Where it knows no district, that belongs to the street."""
    place = _joined(address.village, address.district)
    neighbours = " ".join(
        f"{name} {number}" for name, number in (("RT", address.rt), ("RW", address.rw)) if number
    )
    street = [address.street, neighbours, "" if has_district else place]
    known = {STREET: "\n".join(filter(None, street)), PROVINCE: address.province_name}
    values = {
        letter: known.get(field) or ("" if field in known else str(getattr(address, field)))
        for letter, field in FIELDS.items()
    }
    return values | {"N": address.recipient_name, "D": place if has_district else ""}


def _line(form: str, values: dict[str, str]) -> list[str]:
    """Lines of a format such as `%C, %S %Z`; what stands between missing parts goes with them."""
    if re.search(r"%[A-Z]", form) and not any(
        values.get(letter) for letter in re.findall(r"%([A-Z])", form)
    ):
        return []
    written = re.sub(r"%([A-Z])", lambda part: values.get(part[1], ""), form)
    lines = (re.sub(r" {2,}", " ", line).strip(" ,-") for line in written.split("\n"))
    return [re.sub(r"( ,)+", ",", line) for line in lines if line]


def _joined(*parts: str) -> str:
    return ", ".join(filter(None, parts))
