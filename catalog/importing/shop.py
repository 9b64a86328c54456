"""What drafts are held against, and what comes of them."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.importing.bulk import Identifiers, Numbers, Write
from catalog.importing.categories import Categories
from catalog.importing.drafts import Named
from catalog.importing.grouping import Grouping
from catalog.importing.known import Known
from catalog.importing.problems import Problem
from catalog.importing.vocabulary import Vocabulary
from catalog.models import Product, ProductImage, ProductTranslation, Variant


@dataclass(frozen=True, slots=True)
class Choices:
    """What whoever imports decided about products in general."""

    seller: str = ""
    location: str = ""
    category: str = ""
    create_categories: bool = False
    set_stock: bool = True
    open_stock: bool = True


@dataclass(slots=True)
class Plan:
    """Rows by what is done with them; `opened` and `corrected` are for `catalog.inventory`."""

    rows: dict[Write, list[tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(list))
    # (Variant, location, units).
    opened: list[tuple[int, int, int]] = field(default_factory=list)
    # Stock item → units, and the draft whose wish it is.
    corrected: dict[int, int] = field(default_factory=dict)
    correcting: dict[int, Named] = field(default_factory=dict)
    # New and changed products; of those only that were there before.
    products: set[int] = field(default_factory=set)
    touched: list[int] = field(default_factory=list)
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    skipped: int = 0
    # New pictures: (primary key, URL).
    pictures: list[tuple[int, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class Pools:
    def __init__(self, *, is_trial: bool) -> None:
        self.products = Numbers(Product, is_trial=is_trial)
        self.variants = Numbers(Variant, is_trial=is_trial)
        self.identifiers = Identifiers()
        self.pictures = Numbers(ProductImage, is_trial=is_trial)


@dataclass(slots=True)
class Shop:
    """Everything that a draft is held against."""

    vocabulary: Vocabulary
    categories: Categories
    pools: Pools
    choices: Choices
    known: Known
    file: Grouping
    language: str
    # What this batch itself has given away and the database does not know yet.
    taken_slugs: set[tuple[str, str]] = field(default_factory=set)
    planned: set[int] = field(default_factory=set)

    @property
    def at(self) -> datetime:
        return self.known.at

    def is_elsewhere_in_file(self, public_id: UUID) -> bool:
        """Whether the file has the product by its identifier, however far away."""
        return self.file.has_key(f"id:{public_id}")

    def free_slug(self, language: str, wanted: str, ending: str, *, number: int) -> str:
        """The slug itself or, where another product has it, with an ending.

        What a product of the file names as its own address is left to it, also where that product
        comes much later: `number` is whose address this is to be.
        """
        # In the language of the file the grouping has settled who gets what.
        is_left = language == self.language or self._is_left(language, wanted, number)
        if is_left and (language, wanted) not in self.known.slugs:
            return wanted
        slug = longer = f"{wanted[:100]}-{ending[:100]}"
        rows = ProductTranslation.objects.filter(language=language)
        counter = 2
        while not self._is_left(language, slug, number) or rows.filter(slug=slug).exists():
            slug = f"{longer}-{counter}"
            counter += 1
        return slug

    def _is_left(self, language: str, slug: str, number: int) -> bool:
        if (language, slug) in self.taken_slugs:
            return False
        if language == self.language:
            return not self.file.has_handle(slug, besides=number)
        return not self.file.claims.is_wanted(f"slug:{language}", slug, besides=number)
