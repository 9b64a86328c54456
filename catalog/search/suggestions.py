"""What somebody may be about to type, after two letters."""

from dataclasses import dataclass

from django.utils import timezone

from catalog.catalogue.cards import cards_of
from catalog.catalogue.shapes import CategoryLink, ProductCard
from catalog.frame import known_branches
from catalog.listing.tokens import ANY
from catalog.models import SearchWord
from catalog.search.matching import Query, find
from catalog.search.understanding import words_of

SHORTEST = 2
WORDS = 5
PRODUCTS = 4
CATEGORIES = 3


@dataclass(frozen=True, slots=True)
class Suggestions:
    """`queries` complete the last word, the most usual first."""

    queries: list[str]
    categories: list[CategoryLink]
    products: list[ProductCard]


def suggest(*, typed: str, language: str, currency: str) -> Suggestions:
    """Nothing before there are two letters. Four to five queries."""
    words = words_of(typed)
    if not words or len("".join(words)) < SHORTEST:
        return Suggestions(queries=[], categories=[], products=[])
    *before, last = words
    completions = list(
        SearchWord.objects.filter(word__startswith=last)
        .order_by("-product_count", "word")
        .values_list("word", flat=True)[:WORDS]
    )
    query = Query(terms=[*before, last], prefix=last, joined_by="&")
    best = find(query, [(ANY,)]).pks[:PRODUCTS]
    return Suggestions(
        queries=[" ".join([*before, word]) for word in completions],
        categories=[
            branch.link()
            for top in known_branches(language)
            for branch in top.walk()
            if any(word.startswith(last) for word in words_of(branch.name))
        ][:CATEGORIES],
        products=cards_of(best, language=language, currency=currency, at=timezone.now()),
    )
