"""Names and the addresses made of them."""

from collections.abc import Iterable

from django.db.models import Q
from django.utils.text import slugify

from catalog.models import OptionValue, ProductRedirect, ProductTranslation

SLUG_LENGTH = 200


def free_slug(text: str, *, language: str, product_pk: int | None = None) -> str:
    """The text as a slug that no other product has or once had in the language: `kaos-polos-2`.

    Two queries.
    """
    stem = slugify(text)[:SLUG_LENGTH].strip("-") or "p"
    # `kaos-polos` and `kaos-polos-2`, and a few others such as `kaos-polos-merah`.
    alike = Q(slug=stem) | Q(slug__regex=rf"^{stem}-[0-9]+$", slug__startswith=f"{stem}-")
    taken: set[str] = set()
    for rows in (ProductTranslation.objects.all(), ProductRedirect.objects.all()):
        others = rows.filter(alike, language=language).exclude(product=product_pk)
        taken.update(others.values_list("slug", flat=True))
    return _numbered(stem, taken)


def free_code(text: str, *, option_pk: int) -> str:
    """The name of a value as a code that no other value of the option has. One query."""
    stem = slugify(text)[:36].strip("-") or "v"
    codes = OptionValue.objects.filter(option=option_pk, code__startswith=stem)
    return _numbered(stem, codes.values_list("code", flat=True))


def _numbered(stem: str, taken: Iterable[str]) -> str:
    others = set(taken)
    number, slug = 1, stem
    while slug in others:
        number += 1
        slug = f"{stem}-{number}"
    return slug
