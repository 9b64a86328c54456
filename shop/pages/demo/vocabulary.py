"""What products of the demo are described with: categories, options, attributes, size guides.

Each is written with a few statements, however many there are.
"""

from catalog.models import (
    Attribute,
    AttributeTranslation,
    AttributeValue,
    AttributeValueTranslation,
    Category,
    CategoryTranslation,
    Measure,
    MeasureEntry,
    MeasureTranslation,
    Option,
    OptionTranslation,
    OptionValue,
    OptionValueTranslation,
    SizeGuide,
    SizeGuideTranslation,
)
from shop.pages.demo import LANGUAGES, shapes

OptionValues = dict[tuple[str, str], OptionValue]
AttributeValues = dict[tuple[str, str], AttributeValue]


def load_categories(
    categories: list[shapes.Category], *, parent: Category | None = None
) -> dict[str, Category]:
    """Code → category, with everything below."""
    rows = Category.objects.bulk_create(
        Category(parent=parent, position=position) for position in range(len(categories))
    )
    CategoryTranslation.objects.bulk_create(
        CategoryTranslation(category=row, language=language, **data[language])
        for row, data in zip(rows, categories, strict=True)
        for language in LANGUAGES
    )
    made = {data["code"]: row for row, data in zip(rows, categories, strict=True)}
    for row, data in zip(rows, categories, strict=True):
        if "children" in data:
            made |= load_categories(data["children"], parent=row)
    return made


def load_options(options: list[shapes.Vocabulary]) -> OptionValues:
    """(Option code, value code) → value."""
    rows = Option.objects.bulk_create(
        Option(code=data["code"], position=position) for position, data in enumerate(options)
    )
    OptionTranslation.objects.bulk_create(
        OptionTranslation(option=row, language=language, name=data[language])
        for row, data in zip(rows, options, strict=True)
        for language in LANGUAGES
    )
    texts = [value for data in options for value in data["values"]]
    values = OptionValue.objects.bulk_create(
        OptionValue(
            option=row, code=value["code"], swatch=value.get("swatch", ""), position=position
        )
        for row, data in zip(rows, options, strict=True)
        for position, value in enumerate(data["values"])
    )
    OptionValueTranslation.objects.bulk_create(
        OptionValueTranslation(value=value, language=language, name=text[language])
        for value, text in zip(values, texts, strict=True)
        for language in LANGUAGES
    )
    return {(value.option.code, value.code): value for value in values}


def load_attributes(attributes: list[shapes.Vocabulary]) -> AttributeValues:
    """(Attribute code, value code) → value."""
    rows = Attribute.objects.bulk_create(
        Attribute(code=data["code"], position=position) for position, data in enumerate(attributes)
    )
    AttributeTranslation.objects.bulk_create(
        AttributeTranslation(attribute=row, language=language, name=data[language])
        for row, data in zip(rows, attributes, strict=True)
        for language in LANGUAGES
    )
    texts = [value for data in attributes for value in data["values"]]
    values = AttributeValue.objects.bulk_create(
        AttributeValue(attribute=row, code=value["code"], position=position)
        for row, data in zip(rows, attributes, strict=True)
        for position, value in enumerate(data["values"])
    )
    AttributeValueTranslation.objects.bulk_create(
        AttributeValueTranslation(value=value, language=language, name=text[language])
        for value, text in zip(values, texts, strict=True)
        for language in LANGUAGES
    )
    return {(value.attribute.code, value.code): value for value in values}


def load_size_guides(guides: list[shapes.SizeGuide], values: OptionValues) -> dict[str, SizeGuide]:
    """Code → guide."""
    rows = SizeGuide.objects.bulk_create(SizeGuide(name=data["name"]) for data in guides)
    SizeGuideTranslation.objects.bulk_create(
        SizeGuideTranslation(guide=row, language=language, **data[language])
        for row, data in zip(rows, guides, strict=True)
        for language in LANGUAGES
    )
    measures = Measure.objects.bulk_create(
        Measure(guide=row, code=measure["code"], position=position)
        for row, data in zip(rows, guides, strict=True)
        for position, measure in enumerate(data["measures"])
    )
    texts = [(data["sizes"], measure) for data in guides for measure in data["measures"]]
    MeasureTranslation.objects.bulk_create(
        MeasureTranslation(measure=measure, language=language, name=text[language])
        for measure, (_sizes, text) in zip(measures, texts, strict=True)
        for language in LANGUAGES
    )
    MeasureEntry.objects.bulk_create(
        MeasureEntry(measure=measure, size=values["size", size], millimetres=millimetres)
        for measure, (sizes, text) in zip(measures, texts, strict=True)
        for size, millimetres in zip(sizes, text["millimetres"], strict=True)
    )
    return {data["code"]: row for row, data in zip(rows, guides, strict=True)}
