"""Telephone numbers, forgiving in how they are written."""

import re

import phonenumbers
from django.utils.translation import gettext_lazy as _

from shop.core.errors import DomainError


class InvalidPhone(DomainError):
    """`field`, where it is known: the path of the number in what was sent."""

    code = "invalid_phone"
    status = 422
    message = _("Enter a phone number the courier can call, for example 0812 3456 7890.")


def normalise_phone(text: str, *, country: str = "ID") -> str:
    """E.164, such as +6281234567890, from `0812-3456 7890`, `62812…`, `812…` or `+62 812…`.

    Landlines, full-width digits and numbers of other countries (`+65…`, `0065…`) are understood;
    an extension is left out. Raises InvalidPhone.
    """
    for written in _readings(text, country):
        try:
            number = phonenumbers.parse(written, country)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    raise InvalidPhone


def _readings(text: str, country: str) -> list[str]:
    """How it may be meant, the likeliest first."""
    digits = re.sub(r"\D", "", phonenumbers.normalize_digits_only(text))
    if "+" in text or "＋" in text:
        return [text]
    if digits.startswith("00"):
        return [f"+{digits[2:]}", text]
    # `6221 5551234` is Jakarta, although `0622…` would be Pematangsiantar.
    if digits.startswith(str(phonenumbers.country_code_for_region(country))):
        return [f"+{digits}", text]
    return [text]
