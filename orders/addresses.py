"""Postal addresses and telephone numbers, forgiving in what they accept."""

import re
from dataclasses import dataclass

import phonenumbers
from django.utils.translation import gettext_lazy as _

from orders.models import Region
from shop.core.errors import DomainError


class InvalidPhone(DomainError):
    code = "invalid_phone"
    status = 422
    message = _("Enter a phone number the courier can call, for example 0812 3456 7890.")


class InvalidAddress(DomainError):
    """`field` names what is wrong with the address."""

    code = "invalid_address"
    status = 422
    message = _("Check the address: “{field}” is missing or not valid.")

    def __init__(self, field: str) -> None:
        super().__init__(f"invalid {field}", field=field)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a parcel goes. `province` is a region code where the country has them."""

    recipient_name: str
    phone: str
    street: str
    district: str
    city: str
    province: str
    postal_code: str
    country: str = "ID"
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach the buyer."""

    email: str
    phone: str


def normalise_phone(text: str, *, country: str = "ID") -> str:
    """E.164, such as +6281234567890, from `0812-3456 7890`, `62812…`, `812…` or `+62 812…`.

    Raises InvalidPhone.
    """
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException as error:
        raise InvalidPhone from error
    if not phonenumbers.is_valid_number(number):
        raise InvalidPhone
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def provinces(*, country: str = "ID") -> list[tuple[str, str]]:
    """The first level of a country's regions as (code, name), by name."""
    return list(
        Region.objects.filter(country=country, parent=None)
        .order_by("name")
        .values_list("code", "name")
    )


def checked(address: Address) -> tuple[Address, str]:
    """The address with its phone normalised, and the name of its province.

    Raises InvalidAddress, InvalidPhone.
    """
    for field in ("recipient_name", "street", "district", "city"):
        if not getattr(address, field).strip():
            raise InvalidAddress(field)
    if address.country == "ID" and not re.fullmatch(r"\d{5}", address.postal_code):
        raise InvalidAddress("postal_code")
    region = Region.objects.filter(code=address.province, country=address.country).first()
    if region is None:
        raise InvalidAddress("province")
    phone = normalise_phone(address.phone, country=address.country)
    return (
        Address(
            recipient_name=address.recipient_name.strip(),
            phone=phone,
            street=address.street.strip(),
            district=address.district.strip(),
            city=address.city.strip(),
            province=address.province,
            postal_code=address.postal_code,
            country=address.country,
            notes=address.notes.strip(),
        ),
        region.name,
    )
