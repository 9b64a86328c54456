"""What search engines are told to read: all categories and products, in every language."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from catalog.listing import tokens
from catalog.models import CHUNK, CategoryTranslation, FacetBits, Listing
from catalog.paths import paths_in_languages

# A file may have 50,000 addresses, and each product has one in each language.
PART = CHUNK // 2


@dataclass(frozen=True, slots=True)
class Entry:
    """One page in all its languages: language → absolute address."""

    addresses: Mapping[str, str]
    changed_at: datetime | None


def product_parts() -> list[int]:
    """The numbers of the files of products that there are. One query."""
    filled = FacetBits.objects.filter(token=tokens.ANY).order_by("chunk")
    chunks = filled.values_list("chunk", flat=True)
    per_chunk = CHUNK // PART
    return [chunk * per_chunk + half for chunk in chunks for half in range(per_chunk)]


def products(part: int) -> Iterator[Entry]:
    """The products on display of one file, by pk. One query."""
    rows = (
        Listing.objects.filter(product_id__gte=part * PART, product_id__lt=(part + 1) * PART)
        .order_by("product_id")
        .values_list("card__text", "product__updated_at")
    )
    for texts, changed_at in rows.iterator():
        slugs = {language: text["slug"] for language, text in texts.items()}
        yield Entry(_absolute(paths_in_languages("catalog:view_product", slugs)), changed_at)


def pages() -> Iterator[Entry]:
    """Home and categories. One query."""
    yield Entry(_absolute(_home()), None)
    slugs: dict[int, dict[str, str]] = {}
    rows = CategoryTranslation.objects.order_by("category_id", "language")
    for pk, language, slug in rows.values_list("category_id", "language", "slug"):
        slugs.setdefault(pk, {})[language] = slug
    for own in slugs.values():
        yield Entry(_absolute(paths_in_languages("catalog:view_category", own)), None)


def _home() -> dict[str, str]:
    paths = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            paths[language] = reverse("pages:home")
    return paths


def _absolute(paths: Mapping[str, str]) -> dict[str, str]:
    return {language: settings.PUBLIC_URL + path for language, path in paths.items()}
