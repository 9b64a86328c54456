"""What listings are made of besides products: categories and facets, read once for many pages."""

from collections.abc import Mapping
from dataclasses import asdict

from catalog.caching import remember
from catalog.catalogue.categories import Branch, branches
from catalog.catalogue.vocabulary import Vocabulary, read_vocabulary
from catalog.models import CategoryTranslation


def known_vocabulary(language: str) -> Vocabulary:
    return remember(
        f"vocabulary:{language}",
        versions=("tree",),
        build=lambda: asdict(read_vocabulary(language)),
        read=Vocabulary.from_json,
    )


def known_branches(language: str) -> list[Branch]:
    """The top categories."""
    return remember(
        f"branches:{language}",
        versions=("tree",),
        build=lambda: [asdict(top) for top in branches(language)],
        read=lambda tops: [Branch.from_json(top) for top in tops],
    )


def category_slugs(branch: Branch) -> Mapping[str, str]:
    """Language → slug of the category, for each language that it is named in."""
    known: dict[str, dict[str, str]] = remember("category_slugs", versions=("tree",), build=_slugs)
    return known.get(str(branch.pk), {})


def _slugs() -> dict[str, dict[str, str]]:
    """By primary key. One query."""
    found: dict[str, dict[str, str]] = {}
    rows = CategoryTranslation.objects.order_by("category_id", "language")
    for pk, language, slug in rows.values_list("category_id", "language", "slug"):
        found.setdefault(str(pk), {})[language] = slug
    return found
