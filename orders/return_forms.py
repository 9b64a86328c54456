"""What a customer says of a return. What may be returned is decided below, under the lock."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.models import OrderLine, ReturnOutcome, ReturnReason
from orders.returns.exchanging import Offer
from orders.returns.requesting import LONGEST_NOTE, Wanted


class ReturnForm(forms.Form):
    """Units and, for an exchange, another variant for each line that can be returned."""

    # The same form sent twice is one return.
    token = forms.UUIDField(widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        label=_("What would you like?"), choices=ReturnOutcome.choices, widget=forms.RadioSelect
    )
    reason = forms.ChoiceField(
        label=_("Why do you return it?"),
        choices=[("", "–"), *ReturnReason.choices],
        widget=forms.Select(attrs={"class": "input"}),
    )
    note = forms.CharField(
        label=_("Anything else we should know? (optional)"),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"class": "input", "rows": 3}),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        lines: Sequence[OrderLine],
        left: Mapping[int, int],
        offers: Mapping[int, Sequence[Offer]],
    ) -> None:
        super().__init__(data, initial={"token": uuid4()}, label_suffix="")
        self.lines = list(lines)
        is_alone = len(self.lines) == 1 and left[self.lines[0].pk] == 1
        for line in self.lines:
            self.fields[f"units-{line.pk}"] = forms.IntegerField(
                label=_("How many?"),
                min_value=0,
                max_value=left[line.pk],
                initial=1 if is_alone else 0,
                required=False,
                widget=forms.NumberInput(attrs={"class": "input", "inputmode": "numeric"}),
            )
            choices = [(str(offer.variant_id), offer.name) for offer in offers.get(line.pk, ())]
            if choices:
                self.fields[f"exchange-{line.pk}"] = forms.ChoiceField(
                    label=_("In exchange for"),
                    choices=[("", _("no exchange")), *choices],
                    required=False,
                    widget=forms.Select(attrs={"class": "input"}),
                )

    def rows(self) -> list[tuple[OrderLine, forms.BoundField, forms.BoundField | None]]:
        """Each line with its fields; without the second where nothing is there to exchange."""
        return [
            (
                line,
                self[f"units-{line.pk}"],
                self[f"exchange-{line.pk}"] if f"exchange-{line.pk}" in self.fields else None,
            )
            for line in self.lines
        ]

    def wanted(self) -> list[Wanted]:
        return [
            Wanted(line.pk, self.cleaned_data[f"units-{line.pk}"] or 0, self._exchange(line.pk))
            for line in self.lines
            if self.cleaned_data[f"units-{line.pk}"]
        ]

    def _exchange(self, pk: int) -> UUID | None:
        chosen = self.cleaned_data.get(f"exchange-{pk}")
        return UUID(chosen) if chosen else None
