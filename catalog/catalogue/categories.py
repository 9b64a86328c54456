"""The tree of categories: small enough to be read whole."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.utils.translation import gettext_lazy as _

from catalog.catalogue.languages import in_language
from catalog.catalogue.shapes import CategoryLink, CategoryView
from catalog.listing import tokens
from catalog.listing.counts import Question, count
from catalog.models import Category
from shop.core.errors import NotFound


class CategoryNotFound(NotFound):
    code = "category_not_found"
    message = _("This category does not exist any more.")


@dataclass(frozen=True, slots=True)
class Branch:
    """A category and everything below it; the SEO texts are empty where staff wrote none."""

    pk: int
    slug: str
    name: str
    children: list["Branch"]
    seo_title: str = ""
    seo_description: str = ""

    def walk(self) -> Iterator["Branch"]:
        yield self
        for child in self.children:
            yield from child.walk()

    @classmethod
    def from_json(cls, known: Mapping[str, Any]) -> Self:
        """From what `dataclasses.asdict` made of it."""
        return cls(**{**known, "children": [cls.from_json(child) for child in known["children"]]})

    def link(self) -> CategoryLink:
        return CategoryLink(slug=self.slug, name=self.name)

    def view(self, counts: Mapping[str, int]) -> CategoryView:
        return CategoryView(
            slug=self.slug,
            name=self.name,
            children=[child.view(counts) for child in self.children],
            product_count=counts[str(self.pk)],
        )


def category_tree(language: str) -> list[CategoryView]:
    """The top categories in the order that staff gave them. Three queries, four in a big shop."""
    tops = branches(language)
    names = {
        str(branch.pk): [(tokens.category(branch.pk),)] for top in tops for branch in top.walk()
    }
    counted = count([Question(groups=[(tokens.ANY,)], names=names)])
    return [top.view(counted.counts[0]) for top in tops]


def branches(language: str) -> list[Branch]:
    """The top categories in the language. One query."""
    rows = Category.objects.order_by("position", "pk", "translations__language").values_list(
        "pk",
        "parent_id",
        "translations__language",
        "translations__name",
        "translations__slug",
        "translations__seo_title",
        "translations__seo_description",
    )
    # A category that nobody has named yet shows its number, so that somebody will.
    texts = in_language(
        (
            ((pk, parent), code, (slug or str(pk), name or str(pk), title or "", text or ""))
            for pk, parent, code, name, slug, title, text in rows
        ),
        language,
    )
    below: dict[int | None, list[int]] = {}
    own: dict[int, tuple[str, str, str, str]] = {}
    for (pk, parent), text in texts.items():
        below.setdefault(parent, []).append(pk)
        own[pk] = text

    def grow(parent: int | None) -> list[Branch]:
        return [branch(pk, *own[pk]) for pk in below.get(parent, [])]

    def branch(pk: int, slug: str, name: str, seo_title: str, seo_description: str) -> Branch:
        return Branch(pk, slug, name, grow(pk), seo_title, seo_description)

    return grow(None)


def find_branch(tops: Sequence[Branch], slug: str) -> Branch:
    """Raises CategoryNotFound."""
    for top in tops:
        for branch in top.walk():
            if branch.slug == slug:
                return branch
    raise CategoryNotFound(slug)
