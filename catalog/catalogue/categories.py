"""The tree of categories: small enough to be read whole."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypedDict

from django.conf import settings
from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.catalogue.languages import in_language
from catalog.catalogue.offers import on_display
from catalog.catalogue.shapes import CategoryView
from catalog.models import Category, Product
from shop.core.errors import NotFound


class CategoryNotFound(NotFound):
    code = "category_not_found"
    message = _("This category does not exist any more.")


class CategoryNames(TypedDict):
    """A category without what it holds: does not change when products do."""

    slug: str
    name: str
    children: list["CategoryNames"]


@dataclass(frozen=True, slots=True)
class Branch:
    """A category and everything below it."""

    pk: int
    slug: str
    name: str
    children: list["Branch"]

    def walk(self) -> Iterator["Branch"]:
        yield self
        for child in self.children:
            yield from child.walk()

    def names(self) -> CategoryNames:
        return {
            "slug": self.slug,
            "name": self.name,
            "children": [child.names() for child in self.children],
        }

    def view(self, counts: Counter[int]) -> CategoryView:
        return CategoryView(
            slug=self.slug,
            name=self.name,
            children=[child.view(counts) for child in self.children],
            product_count=sum(counts[branch.pk] for branch in self.walk()),
        )


def category_tree(language: str) -> list[CategoryView]:
    """The top categories in the order that staff gave them. Two queries."""
    shown = on_display(currency=settings.DEFAULT_CURRENCY, at=timezone.now())
    counts = count_by_category(shown)
    return [branch.view(counts) for branch in branches(language)]


def category_names(language: str) -> list[CategoryNames]:
    """The same tree without counts. One query, however many products there are."""
    return [branch.names() for branch in branches(language)]


def branches(language: str) -> list[Branch]:
    """The top categories in the language. One query."""
    rows = Category.objects.order_by("position", "pk", "translations__language").values_list(
        "pk", "parent_id", "translations__language", "translations__name", "translations__slug"
    )
    # A category that nobody has named yet shows its number, so that somebody will.
    texts = in_language(
        (
            ((pk, parent), code, (name or str(pk), slug or str(pk)))
            for pk, parent, code, name, slug in rows
        ),
        language,
    )
    below: dict[int | None, list[tuple[int, str, str]]] = {}
    for (pk, parent), (name, slug) in texts.items():
        below.setdefault(parent, []).append((pk, name, slug))

    def grow(parent: int | None) -> list[Branch]:
        return [
            Branch(pk=pk, slug=slug, name=name, children=grow(pk))
            for pk, name, slug in below.get(parent, [])
        ]

    return grow(None)


def find_branch(*, language: str, slug: str) -> Branch:
    """Raises CategoryNotFound. One query."""
    for top in branches(language):
        for branch in top.walk():
            if branch.slug == slug:
                return branch
    raise CategoryNotFound(slug)


def count_by_category(products: QuerySet[Product]) -> Counter[int]:
    """Category pk → how many of the products lie directly in it. One query."""
    rows = products.order_by().values_list("category_id").annotate(count=Count("pk"))
    return Counter(dict(rows))
