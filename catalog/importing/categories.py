"""Categories found by their path of names, `Wanita > Atasan`, and made where that was asked for."""

import re
from collections import defaultdict

from django.db.models import Max
from django.utils.text import slugify

from catalog.catalogue.languages import in_language
from catalog.importing.aliases import code_of, folded
from catalog.importing.bulk import Numbers
from catalog.importing.drafts import Named
from catalog.models import Category, CategoryTranslation

_STEP = re.compile(r"(?<!\\)>")
_NUMBER = re.compile(r"#([0-9]{1,18})\Z")
MAX_NAME = 120
MAX_SLUG = 130
Path = tuple[str, ...]


def names_of(text: str) -> list[str]:
    r"""The names of a path; `\>` is a > inside of a name."""
    parts = (part.replace("\\>", ">").strip() for part in _STEP.split(text))
    return [part[:MAX_NAME] for part in parts if part]


def written_path(names: list[str]) -> str:
    return " > ".join(name.replace(">", "\\>") for name in names)


class Categories:
    def __init__(self, *, language: str, may_create: bool, is_trial: bool) -> None:
        self._language = language
        self._may_create = may_create
        self._is_trial = is_trial
        self._numbers = Numbers(Category, is_trial=True)
        rows = list(
            Category.objects.order_by("pk", "translations__language").values_list(
                "pk", "parent", "translations__language", "translations__name"
            )
        )
        self._names = in_language(
            ((pk, own, name or f"#{pk}") for pk, _parent, own, name in rows), language
        )
        self._parents: dict[int, int | None] = {pk: parent for pk, parent, _own, _name in rows}
        self._by_path: dict[Path, list[int]] = defaultdict(list)
        self._by_name: dict[str, list[int]] = defaultdict(list)
        for pk in self._parents:
            self._remember(pk)

    def _remember(self, pk: int) -> None:
        names = self.path_of(pk)
        self._by_path[tuple(map(folded, names))].append(pk)
        self._by_name[folded(names[-1])].append(pk)

    def path_of(self, pk: int) -> list[str]:
        """Names from the top down to this one."""
        names: list[str] = []
        current: int | None = pk
        while current is not None:
            names.append(self._names[current])
            current = self._parents[current]
        return names[::-1]

    def written(self, pk: int) -> str:
        """What an export writes: the path, or the number where two have the same."""
        names = self.path_of(pk)
        is_unique = len(self._by_path[tuple(map(folded, names))]) == 1
        return written_path(names) if is_unique else f"#{pk}"

    def find(self, paths: list[Named]) -> int | str:
        """The first of the paths that leads somewhere, or the code of what is wrong."""
        trouble = "missing_category"
        for path in paths:
            found = self._candidates(path.text)
            if len(found) == 1:
                return found[0]
            trouble = "ambiguous_category" if found else "unknown_category"
        return trouble

    def _candidates(self, text: str) -> list[int]:
        if number := _NUMBER.match(text):
            pk = int(number.group(1))
            return [pk] if pk in self._parents else []
        names = tuple(folded(name) for name in names_of(text))
        if not names:
            return []
        return self._by_path.get(names) or (
            self._by_name.get(names[-1], []) if len(names) == 1 else []
        )

    def can_make(self, paths: list[Named], trouble: str) -> bool:
        return self._may_create and trouble == "unknown_category" and bool(names_of(paths[0].text))

    def make(self, path: Named) -> int:
        """The category of this path, with all above it that is missing."""
        names = names_of(path.text)
        pk: int | None = None
        for depth, name in enumerate(names, start=1):
            known = self._by_path.get(tuple(folded(each) for each in names[:depth]))
            pk = known[0] if known else self._make(name, parent=pk)
        if pk is None:
            raise ValueError(f"no name in {path.text!r}")
        return pk

    def _make(self, name: str, *, parent: int | None) -> int:
        if self._is_trial:
            pk = self._numbers.draw()
        else:
            siblings = Category.objects.filter(parent=parent)
            last = siblings.aggregate(last=Max("position"))["last"]
            position = 0 if last is None else last + 1
            row = Category.objects.create(parent_id=parent, position=position)
            CategoryTranslation.objects.create(
                category=row, language=self._language, name=name, slug=self._slug(name, parent)
            )
            pk = row.pk
        self._names[pk], self._parents[pk] = name, parent
        self._remember(pk)
        return pk

    def _slug(self, name: str, parent: int | None) -> str:
        """The name's; where another has it, with the names above in front, then with a number."""
        made = slugify(name)[:MAX_SLUG] or code_of(name)
        above = self.path_of(parent) if parent else []
        longer = slugify(" ".join([*above, name]))[:MAX_SLUG] or made
        counter = 2
        for slug in (made, longer):
            if not self._is_taken(slug):
                return slug
        while self._is_taken(f"{longer}-{counter}"):
            counter += 1
        return f"{longer}-{counter}"

    def _is_taken(self, slug: str) -> bool:
        own = CategoryTranslation.objects.filter(language=self._language)
        return own.filter(slug=slug).exists()
