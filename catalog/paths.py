"""The path of a page in each language: slugs are translated too."""

from collections.abc import Mapping
from functools import lru_cache

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, override

from catalog.models import CategoryRedirect, ProductRedirect


def path_of(view: str, slug: str) -> str:
    """The path of a view that takes a slug, in the active language, for pages with many of them."""
    before, after = _around(settings.ROOT_URLCONF, get_language() or "", view)
    return f"{before}{slug}{after}"


@lru_cache
def _around(_urlconf: str, _language: str, view: str) -> tuple[str, str]:
    """What stands before and after the slug."""
    before, _slug, after = reverse(view, args=["-"]).rpartition("-")
    return before, after


def paths_in_languages(view: str, slugs: Mapping[str, str]) -> dict[str, str]:
    """Language → path of the view, for each language that has a slug."""
    paths = {}
    for code, slug in slugs.items():
        with override(code):
            paths[code] = reverse(view, args=[slug])
    return paths


def moved_category(*, language: str, slug: str) -> str | None:
    """The slug that the category with this former slug has now. One query."""
    return (
        CategoryRedirect.objects.filter(
            language=language, slug=slug, category__translations__language=language
        )
        .values_list("category__translations__slug", flat=True)
        .first()
    )


def moved_product(*, language: str, slug: str) -> str | None:
    """The slug that the product with this former slug has now. One query."""
    return (
        ProductRedirect.objects.filter(
            language=language, slug=slug, product__translations__language=language
        )
        .values_list("product__translations__slug", flat=True)
        .first()
    )
