"""Names for people, in the language of the person: rows alone know only their numbers."""

from typing import Any

from django.conf import settings
from django.db.models import Case, QuerySet, Subquery, Value, When
from django.utils.translation import get_language

from catalog.catalogue.categories import Branch, branches
from catalog.catalogue.languages import in_language
from catalog.models import OptionValue
from shop.core.admin import ModelChoiceField

Choices = list[tuple[int, str]]
NOTHING = "---------"


def language() -> str:
    return get_language() or settings.LANGUAGE_CODE


def name_of(translations: QuerySet[Any]) -> Subquery:
    """The name in those rows, in another language where this one is missing."""
    own_first = Case(When(language=language(), then=Value(0)), default=Value(1))
    return Subquery(translations.order_by(own_first, "language").values("name")[:1])


def category_choices() -> Choices:
    """`Wanita › Atasan`, in the order of the shop. One query."""

    def paths(branch: Branch, above: str) -> Choices:
        path = f"{above}{branch.name}"
        below = [each for child in branch.children for each in paths(child, f"{path} › ")]
        return [(branch.pk, path), *below]

    return [each for top in branches(language()) for each in paths(top, "")]


def value_choices(**only: Any) -> Choices:
    """`Warna: Terakota`, options and values in the order of the shop. One query."""
    rows = list(
        OptionValue.objects.filter(**only)
        .order_by("option__position", "option_id", "position", "pk", "translations__language")
        .values_list(
            "pk",
            "code",
            "option__code",
            "translations__language",
            "translations__name",
            "option__translations__language",
            "option__translations__name",
        )
    )
    values = in_language(((row[0], row[3], row[4] or row[1]) for row in rows), language())
    options = in_language(((row[0], row[5], row[6] or row[2]) for row in rows), language())
    return [(pk, f"{options[pk]}: {name}") for pk, name in values.items()]


def with_choices(
    field: ModelChoiceField[Any] | None, choices: Choices
) -> ModelChoiceField[Any] | None:
    """One list for all forms of a page: left alone, each form would query its own."""
    if field is not None:
        field.choices = [("", NOTHING), *choices]
    return field
