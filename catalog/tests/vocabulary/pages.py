"""The admin's pages as tests ask for them, and rows for them to show."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from catalog.models import (
    Attribute,
    AttributeTranslation,
    AttributeValue,
    AttributeValueTranslation,
    SearchMiss,
    SizeGuide,
    StockAlert,
)
from catalog.tests.builders import (
    make_value,
)

Form = dict[str, Any]


def list_of(model: str) -> str:
    return reverse(f"admin:catalog_{model}_changelist")


def page_of(row: Any) -> str:
    return reverse(f"admin:catalog_{row._meta.model_name}_change", args=[row.pk])


def adding(model: str) -> str:
    return reverse(f"admin:catalog_{model}_add")


def rows(prefix: str, *given: Form, initial: int = 0) -> Form:
    """What a browser sends for the rows of a table."""
    form: Form = {f"{prefix}-TOTAL_FORMS": len(given), f"{prefix}-INITIAL_FORMS": initial}
    for number, row in enumerate(given):
        form |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return form


def make_attribute_value(code: str = "katun", *, name_en: str = "Cotton") -> AttributeValue:
    attribute, is_new = Attribute.objects.get_or_create(code="material")
    if is_new:
        AttributeTranslation.objects.create(attribute=attribute, language="en", name="Material")
    value = AttributeValue.objects.create(attribute=attribute, code=code)
    AttributeValueTranslation.objects.create(value=value, language="en", name=name_en)
    return value


def make_guide(name: str = "Kemeja pria") -> SizeGuide:
    """With one measure, 52 cm in S."""
    guide = SizeGuide.objects.create(name=name)
    guide.translations.create(language="id", title=name)
    measure = guide.measures.create(code="dada")
    measure.translations.create(language="id", name="Dada")
    measure.entries.create(size=make_value("size", "S"), millimetres=520)
    return guide


def make_miss(query: str, count: int = 1) -> SearchMiss:
    return SearchMiss.objects.create(language="id", query=query, count=count)


def alert(variant: Any, email: str) -> StockAlert:
    return StockAlert.objects.create(
        variant=variant, email=email, language="id", confirmed_at=timezone.now()
    )
