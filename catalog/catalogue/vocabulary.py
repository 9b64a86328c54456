"""What listings can be narrowed down by, in the words of a language."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.utils.text import slugify

from catalog.catalogue.languages import in_language
from catalog.models import AttributeValue, OptionValue, Seller


@dataclass(frozen=True, slots=True)
class Term:
    """One value of a dimension; `code` stands in addresses, `swatch` is a colour or empty."""

    pk: int
    code: str
    name: str
    swatch: str = ""


@dataclass(frozen=True, slots=True)
class Dimension:
    """An option such as size, of variants, or an attribute such as material, of products."""

    pk: int
    code: str
    name: str
    terms: list[Term]
    is_option: bool

    def pks_of(self, codes: Iterable[str]) -> list[int]:
        wanted = set(codes)
        return [term.pk for term in self.terms if term.code in wanted]

    @classmethod
    def from_json(cls, known: Mapping[str, Any]) -> Self:
        return cls(**{**known, "terms": [Term(**term) for term in known["terms"]]})


@dataclass(frozen=True, slots=True)
class Vocabulary:
    options: list[Dimension]
    attributes: list[Dimension]
    sellers: list[Term]

    def dimensions(self) -> Iterator[Dimension]:
        yield from self.options
        yield from self.attributes

    @classmethod
    def from_json(cls, known: Mapping[str, Any]) -> Self:
        """From what `dataclasses.asdict` made of it."""
        return cls(
            options=[Dimension.from_json(one) for one in known["options"]],
            attributes=[Dimension.from_json(one) for one in known["attributes"]],
            sellers=[Term(**term) for term in known["sellers"]],
        )


def read_vocabulary(language: str) -> Vocabulary:
    """In the order that staff gave them. Three queries."""
    return Vocabulary(
        options=_options(language),
        attributes=_attributes(language),
        sellers=[
            Term(pk=pk, code=f"{slugify(name) or 'seller'}-{pk}", name=name)
            for pk, name in Seller.objects.filter(is_active=True)
            .order_by("name", "pk")
            .values_list("pk", "name")
        ],
    )


def _options(language: str) -> list[Dimension]:
    rows = (
        OptionValue.objects.filter(option__is_facet=True)
        .order_by("option__position", "option_id", "position", "pk", "translations__language")
        .values_list(
            "option_id",
            "option__code",
            "option__translations__language",
            "option__translations__name",
            "pk",
            "code",
            "swatch",
            "translations__language",
            "translations__name",
        )
    )
    return list(_dimensions(rows, language, is_option=True))


def _attributes(language: str) -> list[Dimension]:
    rows = (
        AttributeValue.objects.filter(attribute__is_facet=True)
        .order_by("attribute__position", "attribute_id", "position", "pk", "translations__language")
        .values_list(
            "attribute_id",
            "attribute__code",
            "attribute__translations__language",
            "attribute__translations__name",
            "pk",
            "code",
            "code",
            "translations__language",
            "translations__name",
        )
    )
    plain = ((*row[:6], "", *row[7:]) for row in rows)
    return list(_dimensions(plain, language, is_option=False))


def _dimensions(
    rows: Iterable[tuple[Any, ...]], language: str, *, is_option: bool
) -> Iterator[Dimension]:
    """From rows of a dimension's pk, code, language, name and a term's pk, code, swatch, …"""
    known = list(rows)
    names = in_language((((row[0], row[1]), row[2], row[3] or row[1]) for row in known), language)
    terms = in_language(
        (
            ((row[0], row[4]), row[7], Term(row[4], row[5], row[8] or row[5], row[6]))
            for row in known
        ),
        language,
    )
    for (pk, code), name in names.items():
        own = [term for (dimension_pk, _pk), term in terms.items() if dimension_pk == pk]
        yield Dimension(pk=pk, code=code, name=name, terms=own, is_option=is_option)
