"""The shop around the products: sellers, categories, options, attributes and their names."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model

from bench import words
from catalog.models import (
    Attribute,
    AttributeTranslation,
    AttributeValue,
    AttributeValueTranslation,
    Category,
    CategoryTranslation,
    Location,
    Option,
    OptionTranslation,
    OptionValue,
    OptionValueTranslation,
    Seller,
    Synonym,
)

SELLERS = 20
LANGUAGES = ("id", "en")
# Primary keys: colours and materials count from 1, sizes and fits from here.
SECOND = 101


def write_frame() -> list[int]:
    """Returns the pks of the categories that have no others below them."""
    sellers = range(1, SELLERS + 1)
    Seller.objects.bulk_create(Seller(pk=n, name=f"Butik {n}") for n in sellers)
    Location.objects.bulk_create(
        Location(
            pk=n,
            seller_id=n,
            name="Gudang",
            street="Jl. Merdeka 1",
            city="Bandung",
            province="ID-JB",
            postal_code="40111",
            country="ID",
        )
        for n in sellers
    )
    Synonym.objects.bulk_create(Synonym(words=row) for row in words.SYNONYMS)
    _write_options()
    _write_attributes()
    return _write_categories()


def _write_options() -> None:
    Option.objects.bulk_create(
        [Option(pk=1, code="colour", position=0), Option(pk=2, code="size", position=1)]
    )
    _name(OptionTranslation, "option_id", {1: ("Warna", "Colour"), 2: ("Ukuran", "Size")})
    colours = dict(enumerate(words.COLOURS, 1))
    sizes = dict(enumerate(words.SIZES, SECOND))
    OptionValue.objects.bulk_create(
        [
            *(
                OptionValue(pk=pk, option_id=1, code=code, swatch=swatch, position=pk)
                for pk, (code, _own, _english, swatch) in colours.items()
            ),
            *(
                OptionValue(pk=pk, option_id=2, code=size.lower(), swatch="", position=pk)
                for pk, size in sizes.items()
            ),
        ]
    )
    names = {pk: (own, english) for pk, (_code, own, english, _swatch) in colours.items()}
    names |= {pk: (size, size) for pk, size in sizes.items()}
    _name(OptionValueTranslation, "value_id", names)


def _write_attributes() -> None:
    Attribute.objects.bulk_create(
        [
            Attribute(pk=1, code="material", is_facet=True, position=0),
            Attribute(pk=2, code="fit", is_facet=True, position=1),
        ]
    )
    _name(AttributeTranslation, "attribute_id", {1: ("Bahan", "Material"), 2: ("Potongan", "Fit")})
    terms = {
        **{pk: (1, term) for pk, term in enumerate(words.MATERIALS, 1)},
        **{pk: (2, term) for pk, term in enumerate(words.FITS, SECOND)},
    }
    AttributeValue.objects.bulk_create(
        AttributeValue(pk=pk, attribute_id=attribute, code=term[0], position=pk)
        for pk, (attribute, term) in terms.items()
    )
    names = {pk: term[1:] for pk, (_attribute, term) in terms.items()}
    _name(AttributeValueTranslation, "value_id", names)


def _name(model: type[Model], key: str, names: dict[int, tuple[str, str]]) -> None:
    """Names in both languages of the things with these pks."""
    rows: Iterable[dict[str, Any]] = (
        {key: pk, "language": language, "name": texts[place]}
        for pk, texts in names.items()
        for place, language in enumerate(LANGUAGES)
    )
    model._default_manager.bulk_create(model(**row) for row in rows)


def _write_categories() -> list[int]:
    leaves = []

    def add(parent: int | None, path: list[tuple[str, str]]) -> int:
        pk = Category.objects.create(parent_id=parent, position=0).pk
        CategoryTranslation.objects.bulk_create(
            CategoryTranslation(
                category_id=pk,
                language=language,
                name=path[-1][place],
                slug="-".join(names[place].lower().replace(" ", "-") for names in path),
            )
            for place, language in enumerate(LANGUAGES)
        )
        return pk

    for top, below in words.CATEGORIES.items():
        top_pk = add(None, [top])
        for middle in below:
            middle_pk = add(top_pk, [top, middle])
            leaves += [add(middle_pk, [top, middle, leaf]) for leaf in words.LEAVES]
    return leaves
