"""The path of a page in each language: slugs are translated too."""

from collections.abc import Mapping

from django.urls import reverse
from django.utils.translation import override

from catalog.models import CategoryRedirect, CategoryTranslation, ProductRedirect


def paths_in_languages(view: str, slugs: Mapping[str, str]) -> dict[str, str]:
    """Language → path of the view, for each language that has a slug."""
    paths = {}
    for code, slug in slugs.items():
        with override(code):
            paths[code] = reverse(view, args=[slug])
    return paths


def category_slugs(*, language: str, slug: str) -> dict[str, str]:
    """Language → slug of the category that has this slug in the language. One query."""
    return dict(
        CategoryTranslation.objects.filter(
            category__translations__language=language, category__translations__slug=slug
        ).values_list("language", "slug")
    )


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
