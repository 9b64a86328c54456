"""The size guide of a product: what a garment measures in each of its sizes."""

from typing import Any

from django.db.models import Case, CharField, F, Model, OuterRef, Subquery, When
from django.db.models.functions import Coalesce

from catalog.catalogue.shapes import MeasureView, SizeGuideView
from catalog.models import (
    MeasureEntry,
    MeasureTranslation,
    OptionValueTranslation,
    SizeGuideTranslation,
)


def read_size_guide(guide_pk: int | None, *, language: str) -> SizeGuideView | None:
    """In the order that staff gave measures and sizes. None while nothing is measured.

    One query; none without a guide.
    """
    if guide_pk is None:
        return None
    guide = {"guide": OuterRef("measure__guide")}
    measure_name = _text(MeasureTranslation, language, "name", measure=OuterRef("measure"))
    size_name = _text(OptionValueTranslation, language, "name", value=OuterRef("size"))
    rows = list(
        MeasureEntry.objects.filter(measure__guide=guide_pk)
        .annotate(
            measure_name=Coalesce(measure_name, F("measure__code"), output_field=CharField()),
            size_name=Coalesce(size_name, F("size__code"), output_field=CharField()),
            title=_text(SizeGuideTranslation, language, "title", **guide),
            note=_text(SizeGuideTranslation, language, "note", **guide),
            option_code=F("size__option__code"),
        )
        .order_by("size__position", "size_id")
        .select_related("measure")
    )
    if not rows:
        return None
    sizes = {row.size_id: row.size_name for row in rows}
    by_measure = sorted(rows, key=lambda row: (row.measure.position, row.measure_id))
    measures = {row.measure_id: row.measure_name for row in by_measure}
    lengths = {(row.measure_id, row.size_id): row.millimetres for row in rows}
    return SizeGuideView(
        title=rows[0].title or "",
        note=rows[0].note or "",
        option_code=rows[0].option_code,
        sizes=list(sizes.values()),
        measures=[
            MeasureView(name=name, millimetres=[lengths.get((measure, size)) for size in sizes])
            for measure, name in measures.items()
        ],
    )


def _text(model: type[Model], language: str, column: str, **of: Any) -> Subquery:
    """In the language or, where that is missing, in the first other one."""
    texts = model._default_manager.filter(**of).order_by(
        Case(When(language=language, then=0), default=1), "language"
    )
    return Subquery(texts.values(column)[:1])
