"""What listings are made of besides products: categories and facets, read once for many pages."""

from dataclasses import asdict

from catalog.caching import remember
from catalog.catalogue.categories import Branch, branches
from catalog.catalogue.vocabulary import Vocabulary, read_vocabulary


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
