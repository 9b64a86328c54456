"""Size guides: typed in centimetres, column by column."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from catalog.models import (
    Measure,
    MeasureEntry,
    SizeGuide,
)
from catalog.tests.builders import (
    make_value,
)
from catalog.tests.editing.pages import signed_in
from catalog.tests.vocabulary.pages import Form, adding, make_guide, page_of, rows

pytestmark = pytest.mark.django_db


def guide_form(guide: SizeGuide, *sizes: int) -> Form:
    text = guide.translations.get()
    return {
        "name": guide.name,
        "sizes": sizes,
        **rows("translations", {"id": text.pk, "language": "id", "title": text.title}, initial=1),
    }


def measure_row(measure: Measure, **cells: object) -> Form:
    return {
        "id": measure.pk,
        "code": measure.code,
        "position": 0,
        "name_id": "Dada",
        "name_en": "",
        **cells,
    }


def entries() -> dict[tuple[str, str], int]:
    found = MeasureEntry.objects.values_list("measure__code", "size__code", "millimetres")
    return {(code, size): millimetres for code, size, millimetres in found}


def test_a_new_guide_leads_to_its_table_with_the_sizes_that_were_ticked() -> None:
    small, medium = make_value("size", "S"), make_value("size", "M")
    make_value("colour", "navy")
    client = signed_in()
    page = client.get(adding("sizeguide"))
    assert "Navy" not in page.text

    answer: Any = client.post(
        adding("sizeguide"),
        {
            "name": "Kemeja pria",
            "sizes": [small.pk, medium.pk],
            **rows("translations", {"language": "id", "title": "Kemeja"}),
        },
    )

    guide = SizeGuide.objects.get()
    assert answer.url == f"{page_of(guide)}?sizes={small.pk}&sizes={medium.pk}"
    table = client.get(answer.url).text
    for column in (f"size_{small.pk}", f"size_{medium.pk}"):
        assert f'name="measures-0-{column}"' in table


def test_centimetres_are_typed_and_millimetres_kept() -> None:
    guide, small, medium = make_guide(), make_value("size", "S"), make_value("size", "M")
    address = f"{page_of(guide)}?sizes={medium.pk}"
    client = signed_in()
    assert 'value="52"' in client.get(address).text

    answer = client.post(
        address,
        guide_form(guide, small.pk, medium.pk)
        | rows(
            "measures",
            measure_row(
                guide.measures.get(), **{f"size_{small.pk}": "52,5", f"size_{medium.pk}": "55"}
            ),
            {"name_id": "Panjang Badan", "position": 1, f"size_{small.pk}": "70.5"},
            initial=1,
        ),
    )

    assert answer.status_code == 302, answer.context["errors"]
    assert entries() == {
        ("dada", "s"): 525,
        ("dada", "m"): 550,
        ("panjang-badan", "s"): 705,
    }
    assert 'value="52.5"' in client.get(page_of(guide)).text


@pytest.mark.parametrize("typed", ["52.3", "0", "-5", "4000", "lima"])
def test_what_no_tape_shows_is_refused(typed: str) -> None:
    guide, small = make_guide(), make_value("size", "S")

    answer = signed_in().post(
        page_of(guide),
        guide_form(guide, small.pk)
        | rows(
            "measures",
            measure_row(guide.measures.get(), **{f"size_{small.pk}": typed}),
            initial=1,
        ),
    )

    assert answer.status_code == 200
    assert entries() == {("dada", "s"): 520}


def test_an_emptied_cell_and_an_unticked_column_go() -> None:
    guide, small, medium = make_guide(), make_value("size", "S"), make_value("size", "M")
    measure = guide.measures.get()
    measure.entries.create(size=medium, millimetres=550)
    client = signed_in()
    kept: Form = {f"size_{small.pk}": "52", f"size_{medium.pk}": "55"}

    client.post(
        page_of(guide),
        guide_form(guide, small.pk) | rows("measures", measure_row(measure, **kept), initial=1),
    )
    assert entries() == {("dada", "s"): 520}

    client.post(
        page_of(guide),
        guide_form(guide, small.pk)
        | rows("measures", measure_row(measure, **{f"size_{small.pk}": ""}), initial=1),
    )
    assert entries() == {}


def test_a_newly_ticked_size_leads_back_to_the_wider_table() -> None:
    guide, small, medium = make_guide(), make_value("size", "S"), make_value("size", "M")

    answer: Any = signed_in().post(
        page_of(guide),
        guide_form(guide, small.pk, medium.pk)
        | rows(
            "measures",
            measure_row(guide.measures.get(), **{f"size_{small.pk}": "52"}),
            initial=1,
        ),
    )

    assert answer.url.startswith(f"{page_of(guide)}?")
    assert f"sizes={medium.pk}" in answer.url


def test_the_table_costs_the_same_for_one_measure_and_for_five(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    guide, client = make_guide(), signed_in()
    with CaptureQueriesContext(connection) as for_one:
        client.get(page_of(guide))
    for number in range(4):
        measure = guide.measures.create(code=f"m{number}")
        measure.translations.create(language="id", name=f"M {number}")
        measure.entries.create(size=make_value("size", "S"), millimetres=100)

    with django_assert_num_queries(len(for_one)):
        page = client.get(page_of(guide)).text
    assert all(f'value="m{number}"' in page for number in range(4))
