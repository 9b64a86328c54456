"""Places by what a customer types, and by what they lie in."""

import re
from typing import Any, cast

from django.contrib.postgres.search import TrigramSimilarity, TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import Case, IntegerField, Q, Value, When
from django.db.models.functions import Length

from orders.models import Region, RegionLevel
from orders.models.shipping import RegionQuerySet
from orders.regions.words import plain, words_of
from shop.core.kept import Kept

# Of whatever country; what has another form is no place and nothing to ask the database for.
CODE_FORM = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,12}")
# A parcel can be addressed to what lies at least so deep.
ADDRESSABLE = RegionLevel.DISTRICT
SHORTEST = 2
MOST_FOUND = 12
# Of words that are everywhere (`kabupaten`) only so many places are put in order.
MOST_RANKED = 2_000


def is_code(text: str) -> bool:
    """Whether this could be the code of a place."""
    return CODE_FORM.fullmatch(text) is not None


def has_regions(country: str) -> bool:
    """Whether addresses of the country name a region by its code."""
    return bool(_ANY_REGION.fetch(country=country))


def children_of(parent: str | None, *, country: str) -> RegionQuerySet:
    """What lies directly in a place, or the provinces of the country; by name."""
    return Region.objects.active().filter(country=country, parent=parent).order_by("name", "code")


def find_region(code: str, *, country: str) -> Region | None:
    """A place that a parcel can be addressed to, with all that it lies in."""
    if not is_code(code):
        return None
    found: list[Region] = _REGION.fetch(code=code, country=country)
    return found[0] if found else None


_ANY_REGION = Kept(
    lambda *, country: Region.objects.filter(country=country).values_list("code")[:1],
    country="a country",
)
_REGION = Kept(
    lambda *, code, country: (
        Region.objects.active()
        .with_path()
        .filter(code=code, country=country, level__gte=ADDRESSABLE)
    ),
    code="a code",
    country="a country",
)


def search_regions(typed: str, *, country: str) -> list[Region]:
    """Districts and villages, the likeliest first: at most MOST_FOUND, each with its path.

    The first word begins a word of the place's own name, and the others begin one of the name or of
    what it lies in: `braga bandung`. Where nothing does, the words may come in any order, and where
    still nothing does, they may be misspelt. Read from the index `region_found_by_words`.
    """
    words = words_of(typed)
    if len("".join(words)) < SHORTEST:
        return []
    places = Region.objects.active().filter(country=country, level__gte=ADDRESSABLE)
    everywhere = Q()
    for word in words:
        everywhere &= Q(search_text__contains=f" {word}")
    name = " ".join(words)
    found = list(_ranked(places.filter(everywhere, search_name__contains=f" {words[0]}"), name))
    if len(found) < MOST_FOUND:
        others = places.filter(everywhere).exclude(pk__in=[place.pk for place in found])
        found += _ranked(places.filter(pk__in=others.values("pk")[:MOST_RANKED]), name)
    return (found or _alike(places, words))[:MOST_FOUND]


def _ranked(places: RegionQuerySet, name: str) -> RegionQuerySet:
    """The very name, then names that begin with it; of the same kind, districts and short names."""
    nearness = Case(
        When(search_name=f" {name}", then=Value(0)),
        When(search_name__startswith=f" {name}", then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    order: list[Any] = [nearness, "level", Length("search_name"), "search_text", "code"]
    return places.with_path().order_by(*order)[:MOST_FOUND]


def _alike(places: RegionQuerySet, words: list[str]) -> list[Region]:
    """Names like the whole text or like its first word, of which the rest says where it lies."""
    name = " ".join(words)
    likeness = (
        TrigramSimilarity("search_name", name)
        + TrigramSimilarity("search_name", words[0])
        + TrigramWordSimilarity(name, "search_text")
    )
    ranked = places.with_path().order_by(likeness.desc(), "level", "code")
    found: dict[str, tuple[float, Region]] = {}
    with transaction.atomic(), connection.cursor() as cursor:
        # The planner expects many to be alike, and would sooner read every name.
        cursor.execute("SET LOCAL enable_seqscan = off")
        # Not in one query: then it would read every name after all.
        for wanted in dict.fromkeys((name, words[0])):
            alike = ranked.filter(search_name__trigram_similar=wanted)
            for place in alike.annotate(likeness=likeness)[:MOST_FOUND]:
                found[place.code] = (-float(cast("Any", place).likeness), place)
    nearest = sorted(found.values(), key=lambda pair: (pair[0], pair[1].level, pair[1].code))
    return [place for _distance, place in nearest]


def is_answered_by(typed: str, region: Region) -> bool:
    """Whether the text says the same place as the region: its path as it was shown."""
    return plain(typed) == plain(region.path)
