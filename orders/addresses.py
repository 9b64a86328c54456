"""Postal addresses: what is given, what is wrong with it, and what an order keeps of it."""

import re
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from orders.address_rules import (
    CITY,
    DISTRICT,
    POSTAL_CODE,
    PROVINCE,
    STREET,
    AddressRules,
    Label,
    rules_of,
)
from orders.models import OrderContact, Region, RegionLevel
from orders.phones import InvalidPhone, normalise_phone
from orders.places import Destination
from orders.regions.finding import children_of, find_region, has_regions
from shop.core.errors import DomainError

LABELS: dict[str, Label] = {
    "recipient_name": _("Recipient's name"),
    STREET: _("Street and house number"),
    "rt": _("RT"),
    "rw": _("RW"),
    "region": _("Kecamatan or kelurahan"),
    DISTRICT: _("District"),
    CITY: _("City"),
    PROVINCE: _("Province"),
    POSTAL_CODE: _("Postal code"),
    "country": _("Country"),
    "notes": _("Landmark"),
}
NEIGHBOURS = re.compile(r"\d{1,3}")


class InvalidAddress(DomainError):
    """`field` is the path of what is wrong, such as `address.postal_code`."""

    code = "invalid_address"
    status = 422
    message = _("Check the address: “{field}” is missing or not valid.")

    def __init__(self, name: str) -> None:
        super().__init__(f"invalid {name}", field=f"address.{name}")
        self.label = LABELS[name]

    @property
    def user_message(self) -> str:
        return str(self.message).format(field=self.label)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a parcel goes, as it was given.

    Where the country's regions are known, `region` is the code of a district or a village, and
    district, city and province follow from it and are left empty. Elsewhere they are texts.
    """

    recipient_name: str
    phone: str
    street: str
    postal_code: str
    country: str = "ID"
    region: str = ""
    rt: str = ""
    rw: str = ""
    district: str = ""
    city: str = ""
    province: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """An address that has been checked, with the names of all that its region lies in."""

    recipient_name: str
    recipient_phone: str
    street: str
    rt: str
    rw: str
    region: str
    village: str
    district: str
    city: str
    province: str
    province_name: str
    postal_code: str
    country: str
    notes: str


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach the buyer."""

    email: str
    phone: str


def provinces(*, country: str = "ID") -> list[tuple[str, str]]:
    """The first level of a country's regions as (code, name), by name."""
    return list(children_of(None, country=country).values_list("code", "name"))


def destination_of(*, country: str, region: str = "", postal_code: str = "") -> Destination:
    """Where couriers are asked to go. Raises InvalidAddress."""
    _check_country(country)
    code = postal_code.strip()
    if not has_regions(country):
        return Destination(country, postal_code=code)
    return Destination(country, _named(_region(region, country))["province"], region, code)


def checked(address: Address) -> PostalAddress:
    """The address with its phone normalised and its region named.

    Raises InvalidAddress, InvalidPhone.
    """
    _check_country(address.country)
    given = replace(
        address,
        **{
            name: getattr(address, name).strip()
            for name in ("recipient_name", "street", "rt", "rw", "notes", "district", "city")
        },
    )
    _check_texts(given)
    rules = rules_of(given.country)
    known = has_regions(given.country)
    names = _from_region(given) if known else _from_texts(given, rules)
    return PostalAddress(
        recipient_name=given.recipient_name,
        recipient_phone=_phone(given),
        street=given.street,
        rt=given.rt,
        rw=given.rw,
        postal_code=_postal_code(given, rules, is_required=known),
        country=given.country,
        notes=given.notes,
        **names,
    )


def checked_contact(contact: Contact, *, country: str) -> Contact:
    """With a phone number of that country, or else of the shop's. Raises InvalidPhone."""
    try:
        phone = buyers_phone(contact.phone, country=country)
    except InvalidPhone as error:
        raise InvalidPhone(field="phone") from error
    return Contact(contact.email.strip(), phone)


def buyers_phone(text: str, *, country: str) -> str:
    """Who sends a parcel abroad may still have a number at home. Raises InvalidPhone."""
    try:
        return normalise_phone(text, country=country)
    except InvalidPhone:
        return normalise_phone(text, country=settings.DEFAULT_COUNTRY)


def contact_fields(contact: Contact, address: PostalAddress) -> dict[str, Any]:
    """The columns of an OrderContact."""
    fields = {name: getattr(address, name) for name in PostalAddress.__slots__}
    return fields | {"email": contact.email, "phone": contact.phone}


def _check_country(country: str) -> None:
    if country not in settings.SHIPPING_COUNTRIES:
        raise InvalidAddress("country")


def _check_texts(given: Address) -> None:
    for name in ("recipient_name", STREET):
        if not getattr(given, name):
            raise InvalidAddress(name)
    for name in ("recipient_name", STREET, DISTRICT, CITY, PROVINCE, POSTAL_CODE, "notes"):
        if len(getattr(given, name)) > _longest(name):
            raise InvalidAddress(name)
    for name in ("rt", "rw"):
        if getattr(given, name) and not NEIGHBOURS.fullmatch(getattr(given, name)):
            raise InvalidAddress(name)


def _longest(name: str) -> int:
    column = "province_name" if name == PROVINCE else name
    return int(getattr(OrderContact._meta.get_field(column), "max_length", 0))


def _phone(given: Address) -> str:
    try:
        return buyers_phone(given.phone, country=given.country)
    except InvalidPhone as error:
        raise InvalidPhone(field="address.phone") from error


def _region(code: str, country: str) -> Region:
    region = find_region(code, country=country)
    if region is None:
        raise InvalidAddress("region")
    return region


def _from_region(given: Address) -> dict[str, str]:
    # A text beside the code could contradict it, and only one of them would reach the label.
    for name in (DISTRICT, CITY, PROVINCE):
        if getattr(given, name):
            raise InvalidAddress(name)
    return _named(_region(given.region, given.country)) | {"region": given.region}


def _named(region: Region) -> dict[str, str]:
    names = {place.level: place for place in region.lineage}
    province = names[RegionLevel.PROVINCE]
    village = names.get(RegionLevel.VILLAGE)
    return {
        "village": village.name if village else "",
        "district": names[RegionLevel.DISTRICT].name,
        "city": names[RegionLevel.REGENCY].name,
        "province": province.code,
        "province_name": province.name,
    }


def _from_texts(given: Address, rules: AddressRules) -> dict[str, str]:
    if given.region:
        raise InvalidAddress("region")
    for name in (DISTRICT, CITY, PROVINCE):
        value = getattr(given, name)
        if (name in rules.required and not value) or (value and name not in rules.fields):
            raise InvalidAddress(name)
    province = rules.province(given.province)
    if province is None:
        raise InvalidAddress(PROVINCE)
    return {
        "region": "",
        "village": "",
        "district": given.district,
        "city": given.city,
        # The code of a region, which there is none of.
        "province": "",
        "province_name": province,
    }


def _postal_code(given: Address, rules: AddressRules, *, is_required: bool) -> str:
    """`is_required` even where the post could do without: the couriers cannot."""
    code = rules.postal_code(given.postal_code)
    needed = POSTAL_CODE in rules.required or (is_required and POSTAL_CODE in rules.fields)
    if code is None or (needed and not code) or (code and POSTAL_CODE not in rules.fields):
        raise InvalidAddress(POSTAL_CODE)
    return code
