"""The region of an address while it is being chosen: by words, or down the levels one by one.

A page posts what it was rendered with beside what it holds now, so that the server knows which of
the two ways the customer has just used, with or without JavaScript.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from orders.models import Region, RegionLevel
from orders.regions.finding import (
    children_of,
    find_region,
    is_answered_by,
    is_code,
    search_regions,
)

# Names of the fields.
CODE, TEXT, TEXT_SEEN, LIST_SEEN = "region", "region_text", "region_text_seen", "region_list_seen"
LEVELS = {
    RegionLevel.PROVINCE: "region_province",
    RegionLevel.REGENCY: "region_regency",
    RegionLevel.DISTRICT: "region_district",
    RegionLevel.VILLAGE: "region_village",
}
# Names of the buttons that work without JavaScript.
FIND, SHOW = "find", "show"


@dataclass(frozen=True, slots=True)
class LevelList:
    """One of the four lists; `options` is empty until the list above has been used."""

    name: str
    level: RegionLevel
    options: list[tuple[str, str]]
    chosen: str


@dataclass(frozen=True, slots=True)
class RegionChoice:
    """`matches` are what the text may mean while `region` is not known yet."""

    country: str
    text: str = ""
    region: Region | None = None
    matches: list[Region] = field(default_factory=list)
    is_searched: bool = False
    # How far the lists have been gone down, the province first.
    listed: list[Region] = field(default_factory=list)
    # The lists were used just now, and may go on being used.
    is_listing: bool = False

    @classmethod
    def of(cls, given: Mapping[str, str], *, country: str, keeps_matches: bool = False) -> Self:
        """`keeps_matches`: what was offered stays, for the focus may be on it."""
        text = given.get(TEXT, "").strip()[:200]
        region = find_region(given.get(CODE, ""), country=country)
        listed = _listed(given, country)
        if (listed[-1].code if listed else "") != given.get(LIST_SEEN, ""):
            return cls._by_lists(listed, country)
        is_asking = FIND in given or (keeps_matches and text == given.get(TEXT_SEEN))
        if region and not is_asking and _is_meant(text, region, given):
            return cls.to(region)
        if text:
            return cls._by_text(text, region, listed, country)
        return cls(country, listed=[] if region else listed)

    @classmethod
    def to(cls, region: Region, *, is_listing: bool = False) -> Self:
        return cls(
            region.country,
            region.path,
            region,
            listed=region.lineage[::-1],
            is_listing=is_listing,
        )

    @classmethod
    def _by_lists(cls, listed: list[Region], country: str) -> Self:
        region = find_region(listed[-1].code, country=country) if listed else None
        if region is None:
            return cls(country, listed=listed, is_listing=True)
        return cls.to(region, is_listing=region.level < RegionLevel.VILLAGE)

    @classmethod
    def _by_text(cls, text: str, region: Region | None, listed: list[Region], country: str) -> Self:
        matches = search_regions(text, country=country)
        exact = next((place for place in matches if is_answered_by(text, place)), None)
        if exact:
            return cls.to(exact)
        same = region if region in matches else None
        if same:
            listed = same.lineage[::-1]
        return cls(country, text, same, matches, is_searched=True, listed=listed)

    @property
    def list_seen(self) -> str:
        return self.listed[-1].code if self.listed else ""

    @property
    def lists(self) -> list[LevelList]:
        """The four lists, each with what lies in the one chosen above it."""
        codes = [place.code for place in self.listed]
        shown = []
        for depth, (level, name) in enumerate(LEVELS.items()):
            options: list[tuple[str, str]] = []
            if depth <= len(codes):
                places = children_of(codes[depth - 1] if depth else None, country=self.country)
                options = list(places.values_list("code", "name"))
            chosen = codes[depth] if depth < len(codes) else ""
            shown.append(LevelList(name, level, options, chosen))
        return shown


def _is_meant(text: str, region: Region, given: Mapping[str, str]) -> bool:
    """Whether the text is still the one to which the region was the answer."""
    return not text or text == given.get(TEXT_SEEN, "").strip() or is_answered_by(text, region)


def _listed(given: Mapping[str, str], country: str) -> list[Region]:
    """What is chosen in the lists, as far as each lies in the one above it."""
    codes = [given.get(name, "") for name in LEVELS.values()]
    known = Region.objects.active().filter(country=country, code__in=filter(is_code, codes))
    by_code = {place.code: place for place in known}
    found: list[Region] = []
    for code in codes:
        place = by_code.get(code)
        if place is None or place.parent_id != (found[-1].code if found else None):
            break
        found.append(place)
    return found
