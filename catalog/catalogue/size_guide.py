"""The size guide of a product: what a garment measures in each of its sizes."""

from django.db.models import CharField
from django.db.models.functions import Coalesce

from catalog.catalogue.languages import in_language
from catalog.catalogue.shapes import MeasureView, SizeGuideView
from catalog.models import MeasureEntry, SizeGuideTranslation


def read_size_guide(guide_pk: int | None, *, language: str) -> SizeGuideView | None:
    """In the order that staff gave measures and sizes. None while nothing is measured.

    Two queries; none without a guide.
    """
    if guide_pk is None:
        return None
    rows = list(
        MeasureEntry.objects.filter(measure__guide=guide_pk)
        .order_by("measure__position", "measure_id")
        .values_list(
            "measure_id",
            "measure__translations__language",
            Coalesce("measure__translations__name", "measure__code", output_field=CharField()),
            "size_id",
            "size__position",
            "size__translations__language",
            Coalesce("size__translations__name", "size__code", output_field=CharField()),
            "size__option__code",
            "millimetres",
        )
    )
    if not rows:
        return None
    measures = in_language(((row[0], row[1], row[2]) for row in rows), language)
    by_size = sorted(rows, key=lambda row: (row[4], row[3]))
    sizes = in_language(((row[3], row[5], row[6]) for row in by_size), language)
    lengths = {(row[0], row[3]): row[8] for row in rows}
    title, note = _text(guide_pk, language)
    return SizeGuideView(
        title=title,
        note=note,
        option_code=rows[0][7],
        sizes=list(sizes.values()),
        measures=[
            MeasureView(name=name, millimetres=[lengths.get((measure, size)) for size in sizes])
            for measure, name in measures.items()
        ],
    )


def _text(guide_pk: int, language: str) -> tuple[str, str]:
    rows = (
        SizeGuideTranslation.objects.filter(guide=guide_pk)
        .order_by("language")
        .values_list("guide_id", "language", "title", "note")
    )
    texts = in_language(((pk, code, (title, note)) for pk, code, title, note in rows), language)
    return texts.get(guide_pk, ("", ""))
