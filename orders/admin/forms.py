from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.models import FulfilmentGroup, OrderLine


class ShipForm(forms.Form):
    """One parcel of a group: its courier, its tracking number, and what is in it.

    Limits what is typed to what was ordered; what is left to send is for `ship_lines` to say, which
    looks under the order's lock.
    """

    courier = forms.CharField(
        label=_("Courier"),
        max_length=40,
        widget=forms.TextInput(attrs={"list": "couriers", "autocomplete": "off"}),
    )
    tracking_number = forms.CharField(
        label=_("Tracking number"),
        max_length=60,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    def __init__(
        self, *, group: FulfilmentGroup, left: dict[int, int], data: Any | None = None
    ) -> None:
        super().__init__(
            data, prefix=f"group-{group.pk}", initial={"courier": group.courier}, label_suffix=""
        )
        self.lines = list(group.lines.all())
        for line in self.lines:
            field = forms.IntegerField(
                label=line_label(line),
                min_value=0,
                max_value=line.quantity,
                initial=left.get(line.pk, 0),
                required=False,
            )
            field.widget.attrs |= {"inputmode": "numeric"}
            self.fields[f"line-{line.pk}"] = field

    def quantity_fields(self) -> list[forms.BoundField]:
        return [self[f"line-{line.pk}"] for line in self.lines]

    def clean(self) -> dict[str, Any]:
        if not self.errors and not any(self.quantities().values()):
            raise forms.ValidationError(_("Enter how many units are in the parcel."))
        return self.cleaned_data

    def quantities(self) -> dict[int, int]:
        """Order line pk → units in the parcel."""
        return {line.pk: self.cleaned_data[f"line-{line.pk}"] or 0 for line in self.lines}


def line_label(line: OrderLine) -> str:
    return ", ".join(filter(None, [line.product_name, line.variant_name]))
