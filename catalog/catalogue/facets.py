"""The facets of a listing: what it can be narrowed down by, and how many each choice leaves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from catalog.catalogue.categories import Branch
from catalog.catalogue.filters import Filters, PriceRange, price_ranges
from catalog.catalogue.shapes import Facet, FacetValue
from catalog.catalogue.vocabulary import Dimension, Vocabulary
from catalog.listing import tokens
from catalog.listing.counts import TOTAL, Counted, Question, count
from catalog.listing.selection import AnyOf, Selection
from shop.core.money import Money


@dataclass(frozen=True, slots=True)
class Choice:
    """One value before it is counted: the conditions that a listing with it meets."""

    value: FacetValue
    groups: Sequence[AnyOf]


@dataclass(frozen=True, slots=True)
class Draft:
    """A facet before it is counted. `others` is the selection without what was chosen in it."""

    code: str
    name: str
    kind: str
    choices: list[Choice]
    others: Selection


@dataclass(frozen=True, slots=True)
class Counts:
    """`total` and all counts are exact up to 1,000 and 1,001 above; `estimate` has no cap."""

    total: int
    estimate: int
    listings: int
    facets: list[Facet]


def count_only(selection: Selection) -> Counts:
    """Two queries, up to four in a catalogue of a million."""
    counted = count([Question(groups=selection.groups(), names={})])
    return Counts(
        total=counted.counts[0][TOTAL],
        estimate=counted.estimate,
        listings=counted.listings,
        facets=[],
    )


def count_facets(
    selection: Selection,
    filters: Filters,
    *,
    vocabulary: Vocabulary,
    categories: Sequence[Branch],
    currency: str,
    counter: Callable[[Sequence[Question]], Counted] = count,
) -> Counts:
    """The total, and of each facet those values that would leave something or are chosen.

    `categories` are the next ones down the tree. Two queries, up to four for a million products.
    """
    drafts = [
        _categories(selection, categories),
        *(_option(selection, filters, option) for option in vocabulary.options),
        _prices(selection, filters, currency),
        *(_attribute(selection, filters, one) for one in vocabulary.attributes),
        _sellers(selection, filters, vocabulary),
        _switches(selection, filters),
    ]
    questions = [Question(groups=selection.groups(), names={})]
    questions += [Question(groups=draft.others.groups(), names=_names(draft)) for draft in drafts]
    counted = counter(_merged(questions))
    numbers = _spread(questions, counted.counts)
    return Counts(
        total=numbers[0][TOTAL],
        estimate=counted.estimate,
        listings=counted.listings,
        facets=[
            facet
            for draft, own in zip(drafts, numbers[1:], strict=True)
            if (facet := _facet(draft, own)).values
        ],
    )


def _names(draft: Draft) -> dict[str, Sequence[AnyOf]]:
    return {f"{draft.code}:{choice.value.code}": choice.groups for choice in draft.choices}


def _merged(questions: Sequence[Question]) -> list[Question]:
    """Questions with the same conditions as one: most facets have nothing chosen."""
    merged: dict[tuple[AnyOf, ...], dict[str, Sequence[AnyOf]]] = {}
    for question in questions:
        merged.setdefault(tuple(question.groups), {}).update(question.names)
    return [Question(groups=groups, names=names) for groups, names in merged.items()]


def _spread(
    questions: Sequence[Question], counts: Sequence[dict[str, int]]
) -> list[dict[str, int]]:
    every = {name: number for own in counts for name, number in own.items()}
    return [{name: every[name] for name in question.names or (TOTAL,)} for question in questions]


def _facet(draft: Draft, numbers: dict[str, int]) -> Facet:
    counted = [
        choice.value.counted(numbers.get(f"{draft.code}:{choice.value.code}", 0))
        for choice in draft.choices
    ]
    return Facet(
        code=draft.code,
        name=draft.name,
        kind=draft.kind,
        values=[value for value in counted if value.count or value.is_chosen],
    )


def _categories(selection: Selection, categories: Sequence[Branch]) -> Draft:
    return Draft(
        code="category",
        name=_("Category"),
        kind="link",
        choices=[
            Choice(
                value=FacetValue(code=branch.slug, name=branch.name),
                groups=[(tokens.category(branch.pk),)],
            )
            for branch in categories
        ],
        others=selection,
    )


def _option(selection: Selection, filters: Filters, option: Dimension) -> Draft:
    others = selection.without_option(option.pk)
    return _dimension(
        filters,
        option,
        others=others,
        kind="swatch" if any(term.swatch for term in option.terms) else "size",
        groups=others.with_option_value,
    )


def _attribute(selection: Selection, filters: Filters, attribute: Dimension) -> Draft:
    return _dimension(
        filters,
        attribute,
        others=selection.without_attribute(attribute.pk),
        kind="check",
        groups=lambda pk: [(tokens.attribute_value(pk),)],
    )


def _dimension(
    filters: Filters,
    dimension: Dimension,
    *,
    others: Selection,
    kind: str,
    groups: Callable[[int], Sequence[AnyOf]],
) -> Draft:
    chosen = filters.terms.get(dimension.code, ())
    return Draft(
        code=dimension.code,
        name=dimension.name,
        kind=kind,
        choices=[
            Choice(
                value=FacetValue(
                    code=term.code,
                    name=term.name,
                    swatch=term.swatch,
                    is_chosen=term.code in chosen,
                ),
                groups=groups(term.pk),
            )
            for term in dimension.terms
        ],
        others=others,
    )


def _prices(selection: Selection, filters: Filters, currency: str) -> Draft:
    return Draft(
        code="price",
        name=_("Price"),
        kind="check",
        choices=[
            Choice(
                value=FacetValue(
                    code=each.code,
                    name=_range_name(each, currency),
                    is_chosen=each.code in filters.price_ranges,
                ),
                groups=[(tokens.price_range(each.index),)],
            )
            for each in price_ranges(currency)
        ],
        others=replace(selection, price_ranges=()),
    )


def _range_name(each: PriceRange, currency: str) -> str:
    start = Money(each.starts_at, currency).format()
    if each.ends_below is None:
        return _("%(amount)s and above") % {"amount": start}
    end = Money(each.ends_below, currency).format()
    if each.starts_at == 0:
        return _("below %(amount)s") % {"amount": end}
    return f"{start} – {end}"


def _sellers(selection: Selection, filters: Filters, vocabulary: Vocabulary) -> Draft:
    # A boutique alone in its shop needs no such facet.
    sellers = vocabulary.sellers if len(vocabulary.sellers) > 1 else []
    return Draft(
        code="seller",
        name=_("Seller"),
        kind="check",
        choices=[
            Choice(
                value=FacetValue(
                    code=term.code, name=term.name, is_chosen=term.code in filters.sellers
                ),
                groups=[(tokens.seller(term.pk),)],
            )
            for term in sellers
        ],
        others=replace(selection, sellers=()),
    )


def _switches(selection: Selection, filters: Filters) -> Draft:
    """Counted as if each were chosen beside all else."""
    available = replace(selection, is_available=True)
    return Draft(
        code="switch",
        name=_("Availability"),
        kind="switch",
        choices=[
            Choice(
                value=FacetValue(code="in_stock", name=_("In stock"), is_chosen=filters.in_stock),
                groups=[tuple(group) for group in available.variant_groups()],
            ),
            Choice(
                value=FacetValue(code="reduced", name=_("Reduced"), is_chosen=filters.reduced),
                groups=[(tokens.REDUCED,)],
            ),
        ],
        others=selection,
    )
