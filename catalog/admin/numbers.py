"""Numbers as people type them: `149.000`, `Rp149,000`, `12,5`."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from catalog.editing.typed import NotReadable, read_amount


class AmountField(forms.CharField):
    """An amount of the currency, in minor units."""

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
        try:
            return read_amount(text, self.currency)
        except NotReadable as error:
            raise ValidationError(str(error)) from error


class CommaDecimalField(forms.DecimalField):
    """A decimal with a comma or a point, whichever the language of the page; never grouped."""

    widget = forms.TextInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)
