"""The path of a page in each language: slugs are translated too."""

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, override

from catalog.models import (
    CategoryRedirect,
    CategoryTranslation,
    Product,
    ProductRedirect,
    ProductTranslation,
)


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
    """The slug that a category has now in the language, of which this one is or was a slug.

    Three queries.
    """
    owner = F("category_id")
    return _moved(
        language,
        slug,
        texts=CategoryTranslation.objects.annotate(owner=owner),
        redirects=CategoryRedirect.objects.annotate(owner=owner),
    )


def moved_product(*, language: str, slug: str) -> str | None:
    """As `moved_category`, of products on sale."""
    owner = F("product_id")
    on_sale = Product.objects.on_sale(at=timezone.now())
    return _moved(
        language,
        slug,
        texts=ProductTranslation.objects.annotate(owner=owner).filter(product__in=on_sale),
        redirects=ProductRedirect.objects.annotate(owner=owner),
    )


def _moved(
    language: str, slug: str, *, texts: QuerySet[Any], redirects: QuerySet[Any]
) -> str | None:
    """The slug of who had it in this language, else of who has or had it in another one.

    A page is found under the slug of another language until it is written in this one.
    """
    had = dict(redirects.filter(slug=slug).values_list("language", "owner"))
    has = dict(texts.filter(slug=slug).values_list("language", "owner"))
    owners = [had.pop(language, None), *_in_order(has), *_in_order(had)]
    current: dict[int, dict[str, str]] = defaultdict(dict)
    for owner, code, text in texts.filter(owner__in=owners).values_list(
        "owner", "language", "slug"
    ):
        current[owner][code] = text
    found = [
        in_languages.get(language) or in_languages[min(in_languages)]
        for in_languages in (current[owner] for owner in owners if owner in current)
    ]
    return next((now for now in found if now != slug), None)


def _in_order(owners: Mapping[str, int]) -> list[int]:
    return [owners[code] for code in sorted(owners)]
