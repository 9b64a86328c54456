"""Names for people, in the language of the person: rows alone know only their numbers."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import Case, QuerySet, Subquery, Value, When
from django.utils.translation import get_language

from catalog.catalogue.categories import Branch, branches
from catalog.catalogue.languages import in_language
from catalog.models import (
    AttributeValue,
    OptionValue,
    ProductTranslation,
    Variant,
    VariantValue,
)
from shop.core.admin import ModelChoiceField

Choices = list[tuple[int, str]]
Groups = list[tuple[str, Choices]]
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
    return [
        (pk, f"{option}: {name}")
        for option, values in _grouped(OptionValue.objects.filter(**only), "option")
        for pk, name in values
    ]


def attribute_choices(**only: Any) -> Groups:
    """The values of each attribute below its name, in the order of the shop. One query."""
    return _grouped(AttributeValue.objects.filter(**only), "attribute")


def _grouped(values: QuerySet[Any], owner: str) -> Groups:
    """(name of the owner, its values) for values of options or attributes."""
    rows = list(
        values.order_by(
            f"{owner}__position", f"{owner}_id", "position", "pk", "translations__language"
        ).values_list(
            "pk",
            "code",
            "translations__language",
            "translations__name",
            f"{owner}_id",
            f"{owner}__code",
            f"{owner}__translations__language",
            f"{owner}__translations__name",
        )
    )
    own = {row[0]: row[4] for row in rows}
    names = in_language(((row[0], row[2], row[3] or row[1]) for row in rows), language())
    owners = in_language(((row[4], row[6], row[7] or row[5]) for row in rows), language())
    return [
        (title, [(pk, name) for pk, name in names.items() if own[pk] == owner_pk])
        for owner_pk, title in owners.items()
    ]


def product_names(product_pks: Iterable[int]) -> dict[int, str]:
    """One query."""
    rows = ProductTranslation.objects.filter(product__in=list(product_pks)).order_by("language")
    return in_language(rows.values_list("product_id", "language", "name"), language())


def value_names(variant_pks: Iterable[int]) -> dict[int, str]:
    """Variant pk → `Terakota, M`, for variants that have values. One query."""
    rows = (
        VariantValue.objects.filter(variant__in=list(variant_pks))
        .order_by("option__position", "option_id", "value__translations__language")
        .values_list(
            "variant_id",
            "value_id",
            "value__translations__language",
            "value__translations__name",
            "value__code",
        )
    )
    names = in_language(
        (((pk, value), code, name or fallback) for pk, value, code, name, fallback in rows),
        language(),
    )
    parts: dict[int, list[str]] = {}
    for (pk, _value), name in names.items():
        parts.setdefault(pk, []).append(name)
    return {pk: ", ".join(each) for pk, each in parts.items()}


def variant_names(variant_pks: Iterable[int]) -> dict[int, str]:
    """`Kemeja Linen, Terakota, M`: the product and the values in the order of its options.

    Three queries, however many variants.
    """
    pks = list(variant_pks)
    products = dict(Variant.objects.filter(pk__in=pks).values_list("pk", "product_id"))
    names, values = product_names(set(products.values())), value_names(pks)
    return {
        pk: ", ".join(filter(None, [names.get(product_pk), values.get(pk)]))
        for pk, product_pk in products.items()
    }


def with_choices(
    field: ModelChoiceField[Any] | None, choices: Choices
) -> ModelChoiceField[Any] | None:
    """One list for all forms of a page: left alone, each form would query its own."""
    if field is not None:
        field.choices = [("", NOTHING), *choices]
    return field
