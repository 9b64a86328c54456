"""What can be changed of many products at once: a small form for each kind of change."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.admin.labels import attribute_choices, category_choices
from catalog.admin.numbers import AmountField, CommaDecimalField
from catalog.bulk_changes import (
    CompareAt,
    Edit,
    PriceEdit,
    PriceMove,
    Publication,
    PublicationEdit,
    Rounding,
    StockEdit,
    StockMove,
    give_attribute,
    give_size_guide,
    move_to_category,
    take_attribute,
)
from catalog.models import AttributeValue, Location, SizeGuide
from shop.core.choosing import choice_field
from shop.core.money import CURRENCIES, Money
from shop.core.templatetags.shop import moment

CURRENCY = settings.DEFAULT_CURRENCY
# Prices end in round numbers: in hundreds of rupiah, in tens of cents.
_STEPS = {0: (100, 500, 1_000, 5_000, 10_000), 2: (5, 10, 50, 100, 500)}
_MOST_UNITS = 100_000


class EditForm(forms.Form):
    """One kind of change. Once valid, `edit` does it and `summary` says it.

    `permission` is what it takes beside the right to change products.
    """

    label: ClassVar[str | Promise]
    permission: ClassVar[str] = ""

    def edit(self) -> Edit:
        """What is done to each product; every kind of change says it."""
        raise NotImplementedError(f"{type(self).__name__}.edit")

    def summary(self) -> str:
        """One sentence about it for the history; every kind of change says it."""
        raise NotImplementedError(f"{type(self).__name__}.summary")

    def is_possible(self) -> bool:
        """Whether the shop has anything to choose here."""
        return True

    def reason(self) -> str:
        """What is kept with each movement of stock."""
        return ""

    def chosen(self, name: str) -> str:
        """How the page calls what was chosen."""
        field: Any = self.fields[name]
        value = str(self.cleaned_data[name])
        return next(str(label) for key, label in _flat(field.choices) if str(key) == value)

    def need(self, name: str, message: str | Promise) -> None:
        if name not in self.errors and self.cleaned_data.get(name) in (None, ""):
            self.add_error(name, str(message))


def _flat(choices: Any) -> list[tuple[Any, Any]]:
    """Choices without their groups."""
    rows: list[tuple[Any, Any]] = []
    for key, label in choices:
        rows += label if isinstance(label, list | tuple) else [(key, label)]
    return rows


class PriceForm(EditForm):
    label = _("Price")
    MOVES = (
        ("set", _("Set to an amount")),
        ("lower", _("Lower by an amount")),
        ("raise", _("Raise by an amount")),
        ("lower_percent", _("Lower by a percentage")),
        ("raise_percent", _("Raise by a percentage")),
        ("restore", PriceMove.RESTORE.label),
        ("keep", PriceMove.KEEP.label),
    )

    move = forms.ChoiceField(label=_("Change"), choices=MOVES, initial="lower_percent")
    amount = AmountField(label=_("Amount"), currency=CURRENCY, required=False)
    percent = CommaDecimalField(
        label=_("Per cent"),
        min_value=Decimal("0.01"),
        max_value=Decimal(900),
        decimal_places=2,
        required=False,
    )
    step = forms.TypedChoiceField(label=_("Round to"), coerce=int, required=False)
    rounding = forms.ChoiceField(label=_("Direction"), choices=Rounding.choices, required=False)
    compare_at = forms.ChoiceField(label=_("Crossed-out price"), choices=CompareAt.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        steps = _STEPS[CURRENCIES[CURRENCY].decimals]
        choice_field(self, "step").choices = [
            (1, _("Do not round")),
            *((step, Money(step, CURRENCY).format()) for step in steps),
        ]

    def clean(self) -> dict[str, Any]:
        move = self.cleaned_data.get("move", "")
        if move in ("set", "lower", "raise"):
            self.need("amount", _("Enter an amount."))
        if move in ("lower_percent", "raise_percent"):
            self.need("percent", _("Enter a percentage."))
        if move == "keep" and self.cleaned_data.get("compare_at") != CompareAt.CLEAR:
            self.add_error("compare_at", _("The price stays: only its removal would change it."))
        return self.cleaned_data

    def edit(self) -> PriceEdit:
        data = self.cleaned_data
        move, sign = data["move"], -1 if data["move"].startswith("lower") else 1
        kinds = {
            "lower": PriceMove.ADD,
            "raise": PriceMove.ADD,
            "lower_percent": PriceMove.PERCENT,
            "raise_percent": PriceMove.PERCENT,
        }
        return PriceEdit(
            CURRENCY,
            kinds[move] if move in kinds else PriceMove(move),
            amount_minor=sign * (data["amount"] or 0),
            percent=sign * (data["percent"] or Decimal(0)),
            step_minor=data["step"] or 1,
            rounding=Rounding(data["rounding"] or Rounding.NEAREST),
            compare_at=CompareAt(data["compare_at"]),
        )

    def summary(self) -> str:
        edit = self.edit()
        parts = [f"{self.label}: {self._moved(edit)}"]
        if edit.step_minor > 1 and edit.move in (PriceMove.ADD, PriceMove.PERCENT):
            step = Money(edit.step_minor, CURRENCY).format()
            rounded = {
                Rounding.NEAREST: gettext("rounded to %(step)s"),
                Rounding.UP: gettext("rounded up to %(step)s"),
                Rounding.DOWN: gettext("rounded down to %(step)s"),
            }
            parts.append(rounded[edit.rounding] % {"step": step})
        if edit.compare_at == CompareAt.OLD_PRICE:
            parts.append(gettext("old price crossed out"))
        if edit.compare_at == CompareAt.CLEAR:
            parts.append(gettext("crossed-out price removed"))
        return ", ".join(parts)

    def _moved(self, edit: PriceEdit) -> str:
        amount = Money(abs(edit.amount_minor), CURRENCY).format()
        sign = "−" if edit.amount_minor < 0 or edit.percent < 0 else "+"
        match edit.move:
            case PriceMove.SET:
                return amount
            case PriceMove.ADD:
                return f"{sign}{amount}"
            case PriceMove.PERCENT:
                return f"{sign}{_plain(abs(edit.percent))} %"
            case _:
                return self.chosen("move")


def _plain(number: Decimal) -> str:
    text = f"{number.normalize():f}"
    return text.replace(".", ",")


class StockForm(EditForm):
    label = _("Stock")
    permission = "change_stockitem"
    MOVES = (
        ("add", _("Add")),
        ("take", _("Take away")),
        ("set", StockMove.SET.label),
    )

    location = forms.ModelChoiceField(label=_("Location"), queryset=Location.objects.none())
    move = forms.ChoiceField(label=_("Change"), choices=MOVES)
    quantity = forms.IntegerField(
        label=_("Units"),
        min_value=0,
        max_value=_MOST_UNITS,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    why = forms.CharField(
        label=_("Reason"),
        max_length=120,
        help_text=_("Kept with the movement of each variant, such as: counted on 12 December."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        locations: Any = self.fields["location"]
        locations.queryset = Location.objects.order_by("name", "pk")
        first_two = list(locations.queryset[:2])
        if len(first_two) == 1:
            locations.initial = first_two[0].pk

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("quantity") == 0 and self.cleaned_data.get("move") != "set":
            self.add_error("quantity", _("Enter how many units."))
        return self.cleaned_data

    def reason(self) -> str:
        return str(self.cleaned_data["why"])

    def edit(self) -> StockEdit:
        move, units = self.cleaned_data["move"], self.cleaned_data["quantity"]
        return StockEdit(
            self.cleaned_data["location"].pk,
            StockMove.SET if move == "set" else StockMove.ADD,
            -units if move == "take" else units,
        )

    def summary(self) -> str:
        sign = {"add": "+", "take": "−", "set": "= "}[self.cleaned_data["move"]]
        return gettext("Stock, %(location)s: %(change)s (%(reason)s)") % {
            "location": self.cleaned_data["location"],
            "change": f"{sign}{self.cleaned_data['quantity']}",
            "reason": self.reason(),
        }


class PublicationForm(EditForm):
    label = _("Publication")
    action = forms.ChoiceField(label=_("Change"), choices=Publication.choices)
    publish_from = forms.DateTimeField(
        label=_("From"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    publish_until = forms.DateTimeField(
        label=_("Until"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def clean(self) -> dict[str, Any]:
        start, end = self.cleaned_data.get("publish_from"), self.cleaned_data.get("publish_until")
        if self.cleaned_data.get("action") != Publication.SCHEDULE or self.errors:
            return self.cleaned_data
        if not start and not end:
            self.add_error("publish_from", _("Enter from when, until when, or both."))
        if end and end <= (start or timezone.now()):
            self.add_error(
                "publish_until", _("The end has to lie in the future, and after the beginning.")
            )
        return self.cleaned_data

    def edit(self) -> PublicationEdit:
        action = Publication(self.cleaned_data["action"])
        if action != Publication.SCHEDULE:
            return PublicationEdit(action)
        return PublicationEdit(
            action, self.cleaned_data["publish_from"], self.cleaned_data["publish_until"]
        )

    def summary(self) -> str:
        edit = self.edit()
        if edit.action != Publication.SCHEDULE:
            return self.chosen("action")
        return published_text(edit.publish_from, edit.publish_until)


def published_text(start: Any, end: Any) -> str:
    """`Published from …`, with or without an end."""
    times = {"start": start and moment(start), "end": end and moment(end)}
    if start and end:
        return gettext("Published from %(start)s until %(end)s") % times
    if start:
        return gettext("Published from %(start)s") % times
    return gettext("Published until %(end)s") % times if end else gettext("Published")


class CategoryForm(EditForm):
    label = _("Category")
    category = forms.TypedChoiceField(label=_("Move to"), coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice_field(self, "category").choices = [("", ""), *category_choices()]

    def edit(self) -> Edit:
        return move_to_category(self.cleaned_data["category"])

    def summary(self) -> str:
        return gettext("Moved to %(category)s") % {"category": self.chosen("category")}


class SizeGuideForm(EditForm):
    label = _("Size guide")
    guide = forms.ModelChoiceField(
        label=_("Size guide"),
        queryset=SizeGuide.objects.none(),
        required=False,
        empty_label=_("None"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        guides: Any = self.fields["guide"]
        guides.queryset = SizeGuide.objects.order_by("name")

    def is_possible(self) -> bool:
        return SizeGuide.objects.exists()

    def edit(self) -> Edit:
        guide = self.cleaned_data["guide"]
        return give_size_guide(guide.pk if guide else None)

    def summary(self) -> str:
        guide = self.cleaned_data["guide"]
        return f"{self.label}: {guide or gettext('None')}"


class AttributeForm(EditForm):
    label = _("Attribute")
    MOVES = (("give", _("Add")), ("take", _("Remove")))

    move = forms.ChoiceField(label=_("Change"), choices=MOVES)
    value = forms.TypedChoiceField(label=_("Value"), coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice_field(self, "value").choices = [("", ""), *attribute_choices()]

    def is_possible(self) -> bool:
        return AttributeValue.objects.exists()

    def edit(self) -> Edit:
        makers: Mapping[str, Callable[[int], Edit]] = {
            "give": give_attribute,
            "take": take_attribute,
        }
        return makers[self.cleaned_data["move"]](self.cleaned_data["value"])

    def summary(self) -> str:
        return f"{self.label}: {self.chosen('move')} {self.chosen('value')}"


def forms_for(may: Callable[[str], bool]) -> list[str]:
    """The kinds of change that somebody with these rights may make."""
    return [kind for kind, form in FORMS.items() if not form.permission or may(form.permission)]


FORMS: dict[str, type[EditForm]] = {
    "price": PriceForm,
    "stock": StockForm,
    "publication": PublicationForm,
    "category": CategoryForm,
    "size_guide": SizeGuideForm,
    "attribute": AttributeForm,
}
