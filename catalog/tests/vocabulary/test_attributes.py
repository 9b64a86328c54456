"""Attributes and their values, and which a product has."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from catalog.admin import attributes
from catalog.models import (
    AttributeValueTranslation,
    ProductAttribute,
)
from catalog.tests.builders import (
    make_product,
)
from catalog.tests.editing.pages import signed_in
from catalog.tests.vocabulary.pages import (
    Form,
    adding,
    make_attribute_value,
    page_of,
    rows,
)

pytestmark = pytest.mark.django_db


def test_an_attribute_is_made_with_its_values_on_one_page() -> None:
    answer = signed_in().post(
        adding("attribute"),
        {
            "code": "material",
            "is_facet": "on",
            "position": 0,
            **rows(
                "translations",
                {"language": "id", "name": "Bahan"},
                {"language": "en", "name": "Material"},
            ),
            **rows(
                "values",
                {"name_id": "Katun Organik", "name_en": "Organic cotton", "position": 0},
                {"name_id": "Linen", "name_en": "", "code": "linen", "position": 1},
            ),
        },
    )

    assert answer.status_code == 302, answer.context["errors"]
    texts = AttributeValueTranslation.objects.order_by("value__position", "language")
    assert list(texts.values_list("value__code", "language", "name")) == [
        ("katun-organik", "en", "Organic cotton"),
        ("katun-organik", "id", "Katun Organik"),
        ("linen", "id", "Linen"),
    ]


def test_a_name_that_is_emptied_goes_and_one_that_is_needed_is_asked_for() -> None:
    value = make_attribute_value()
    value.translations.create(language="id", name="Katun")
    client, attribute = signed_in(), value.attribute
    form: Form = {
        "code": "material",
        "position": 0,
        **rows(
            "translations",
            {"id": attribute.translations.get().pk, "language": "en", "name": "Material"},
            initial=1,
        ),
    }
    row = {"id": value.pk, "code": "katun", "position": 0, "name_en": ""}

    refused = client.post(
        page_of(attribute), form | rows("values", row | {"name_id": ""}, initial=1)
    )
    assert (refused.status_code, value.translations.count()) == (200, 2)

    client.post(page_of(attribute), form | rows("values", row | {"name_id": "Katun"}, initial=1))
    assert list(value.translations.values_list("language", "name")) == [("id", "Katun")]


def product_form(page: Any) -> Form:
    """All that the page of a product would send back as it is."""
    form: Form = {}
    forms = [page.context["adminform"].form]
    for inline in page.context["inline_admin_formsets"]:
        form |= {f.html_name: f.value() for f in inline.formset.management_form}
        forms += inline.formset.forms
    for each in forms:
        form |= {field.html_name: field.value() for field in each}
    return {name: value for name, value in form.items() if value is not None and value is not False}


def test_a_product_gets_a_value_from_the_list_below_the_attributes_name() -> None:
    client, product, cotton = signed_in(), make_product(), make_attribute_value()

    page = client.get(page_of(product))
    assert '<optgroup label="Material">' in page.text
    answer = client.post(
        page_of(product), product_form(page) | rows("attributes", {"value": cotton.pk})
    )

    assert answer.status_code == 302, answer.context["errors"]
    assert ProductAttribute.objects.get().value == cotton


def test_among_many_values_one_searches(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(attributes, "MOST_CHOICES", 1)
    client, product = signed_in(), make_product()
    cotton, linen = make_attribute_value(), make_attribute_value("linen", name_en="Linen")
    product.attributes.create(value=cotton)

    page = client.get(page_of(product))
    assert ("Cotton" in page.text, "Linen" in page.text) == (True, False)
    found = client.get(
        reverse("admin:autocomplete"),
        {
            "term": "lin",
            "app_label": "catalog",
            "model_name": "productattribute",
            "field_name": "value",
        },
    )
    assert found.json()["results"] == [{"id": str(linen.pk), "text": "Linen"}]

    with CaptureQueriesContext(connection) as for_one:
        client.get(page_of(product))
    product.attributes.create(value=linen)
    with django_assert_num_queries(len(for_one)):
        client.get(page_of(product))
