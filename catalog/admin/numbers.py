"""Numbers as people type them: `149.000`, `Rp149,000`, `12,5`."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from shop.core.money import CURRENCIES, Money

# In threes from the right, or not grouped at all; then perhaps a fraction.
_NUMBER = re.compile(r"(\d{1,3}(?:[.,\s]\d{3})+|\d+)(?:[.,](\d{1,2}))?")
_MOST_DIGITS = 12


class AmountField(forms.CharField):
    """An amount of the currency, in minor units. A group of three digits is thousands."""

    def __init__(self, *, currency: str, **kwargs: Any) -> None:
        self.currency = currency
        kwargs.setdefault(
            "widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        )
        super().__init__(**kwargs)

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        known = CURRENCIES[self.currency]
        match = _NUMBER.fullmatch(text.removeprefix(known.symbol).removeprefix(known.code).strip())
        whole = re.sub(r"\D", "", match[1]) if match else ""
        fraction = (match and match[2]) or ""
        if not whole or len(fraction) > known.decimals or len(whole) > _MOST_DIGITS:
            example = Money(149_000 * 10**known.decimals, self.currency).format()
            raise ValidationError(
                _("This is not an amount. Write it like %(example)s."), params={"example": example}
            )
        return int(whole + fraction.ljust(known.decimals, "0"))


class CommaDecimalField(forms.DecimalField):
    """A decimal with a comma or a point, whichever the language of the page; never grouped."""

    widget = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)
