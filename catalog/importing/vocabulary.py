"""What products refer to by name: options and values, attributes, sellers, locations, guides.

Read once for a run. New words are made when a sound product needs them; in a trial run they get
negative numbers and are never written.
"""

from collections import defaultdict
from typing import Any, NamedTuple

from django.db.models import Max

from catalog.importing.aliases import (
    LITERAL_CODE,
    MAX_CODE,
    MAX_NAME,
    code_of,
    exact_code,
    folded,
    option_alias,
    option_code,
)
from catalog.importing.bulk import Numbers
from catalog.importing.drafts import Named
from catalog.models import (
    Attribute,
    AttributeTranslation,
    AttributeValue,
    AttributeValueTranslation,
    Location,
    Option,
    OptionTranslation,
    OptionValue,
    OptionValueTranslation,
    Seller,
    SizeGuide,
)


class Spelling(NamedTuple):
    """How a file writes options and attributes.

    `by_code`: it is an export. `is_kept`: of another shop, where they have these very codes; what
    somebody adds by hand to an export of this one gets codes as any name does.
    """

    by_code: bool
    is_kept: bool


class Words:
    """Options with their values, or attributes with theirs: both are codes with names.

    A word is found by one of its names or by its code, where only spaces and case may differ: what
    a code leaves out of a name, as the point of 3.5, tells two words apart. Staff may have given
    that size the code 35; then 35 means it in an export (`Spelling`), and nowhere else.
    """

    def __init__(self, word: Any, value: Any, *, language: str, is_trial: bool) -> None:
        (self._word, self._word_text), (self._value, self._value_text) = word, value
        self._owner = "option" if self._word is Option else "attribute"
        self._language = language
        self._is_trial = is_trial
        self._numbers = Numbers(self._word, is_trial=True)
        self._known: dict[str, int] = {}
        self._codes: set[str] = set()
        # The words whose codes stand in addresses too: attributes beside options.
        self.beside: Words | None = None
        self._values: dict[int, dict[str, int]] = defaultdict(dict)
        self._by_code: dict[int, dict[str, int]] = defaultdict(dict)
        self.owner_of: dict[int, int] = {}
        self._load()

    def _load(self) -> None:
        """Names first: where a name and a code of two words are the same, the code wins."""
        texts = self._word_text.objects.order_by("-pk").values_list("name", self._owner)
        self._known = {folded(name): pk for name, pk in texts}
        codes = dict(self._word.objects.values_list("code", "pk"))
        self._known |= {folded(code): pk for code, pk in codes.items()}
        self._codes = set(codes)
        owned = list(self._value.objects.order_by("-pk").values_list("pk", "code", self._owner))
        self.owner_of = {pk: owner for pk, _code, owner in owned}
        code_of_pk = {pk: code for pk, code, _owner in owned}
        cut_short: set[int] = set()
        names = self._value_text.objects.order_by("-pk").values_list("name", "value")
        for name, pk in names:
            self._values[self.owner_of[pk]][folded(name)] = pk
            if exact_code(name) is None and code_of(name) == code_of_pk[pk]:
                cut_short.add(pk)
        for pk, code, owner in owned:
            self._by_code[owner][folded(code)] = pk
            if pk not in cut_short:
                self._values[owner][folded(code)] = pk

    def find(self, name: str) -> int | None:
        found = self._known.get(folded(name))
        return found if found is not None else self._known.get(self.key(name))

    def key(self, name: str) -> str:
        alias = option_alias(name) if self._owner == "option" else None
        return alias or key_of(name)

    def find_value(self, owner: int | None, name: str, spelling: Spelling) -> int | None:
        if owner is None:
            return None
        same, values = folded(name), self._values[owner]
        if spelling.by_code and same in self._by_code[owner]:
            return self._by_code[owner][same]
        found = values.get(same)
        return found if found is not None else values.get(key_of(name))

    def ensure(self, name: str, spelling: Spelling) -> int:
        found = self.find(name)
        if found is not None:
            return found
        code = self._free_code(name, spelling)
        pk = self._make(self._word, self._word_text, self._owner, name, code=code)
        self._known[folded(name)] = self._known[folded(code)] = pk
        self._codes.add(code)
        return pk

    def _free_code(self, name: str, spelling: Spelling) -> str:
        """A file may have an option and an attribute of one name; addresses tell them apart."""
        code = free = self._kept(name, spelling) or self.code(name)
        taken = self._codes | (self.beside._codes if self.beside else set())
        number = 1
        while free in taken:
            number += 1
            free = f"{code[: MAX_CODE - 3]}-{number}"
        return free

    def ensure_value(self, owner: int, name: str, spelling: Spelling) -> int:
        found = self.find_value(owner, name, spelling)
        if found is not None:
            return found
        code = self._free_value_code(owner, name, spelling)
        only = {f"{self._owner}_id": owner}
        pk = self._make(self._value, self._value_text, "value", name, code=code, **only)
        self._values[owner][folded(name)] = self._values[owner][folded(code)] = pk
        self._by_code[owner][folded(code)] = pk
        self.owner_of[pk] = owner
        return pk

    def _free_value_code(self, owner: int, name: str, spelling: Spelling) -> str:
        """Of 3.5 it is `35--2`, though 35 may still be free: that is the code of another size.

        A name's own code has no two hyphens in a row, so no other name means this value by it.
        """
        taken = self._by_code[owner]
        code = self._kept(name, spelling) or exact_code(name)
        if code is not None and folded(code) not in taken:
            return code
        number = 2
        while (free := f"{code_of(name)[: MAX_CODE - 6]}--{number}") in taken:
            number += 1
        return free

    def _kept(self, name: str, spelling: Spelling) -> str | None:
        return name if spelling.is_kept and LITERAL_CODE.match(name) else None

    def code(self, name: str) -> str:
        return option_code(name) if self._owner == "option" else code_of(name)

    def _make(self, model: Any, text: Any, link: str, name: str, **fields: Any) -> int:
        if self._is_trial:
            return self._numbers.draw()
        owner = {key: value for key, value in fields.items() if key != "code"}
        last = model.objects.filter(**owner).aggregate(last=Max("position"))["last"]
        row = model.objects.create(position=0 if last is None else last + 1, **fields)
        text.objects.create(**{link: row}, language=self._language, name=name[:MAX_NAME])
        return int(row.pk)


def key_of(name: str) -> str:
    """By what a word of this name is found that the shop does not know by the name itself."""
    return exact_code(name) or folded(name)


class Vocabulary:
    def __init__(self, *, language: str, is_trial: bool) -> None:
        self.options = Words(
            (Option, OptionTranslation),
            (OptionValue, OptionValueTranslation),
            language=language,
            is_trial=is_trial,
        )
        self.attributes = Words(
            (Attribute, AttributeTranslation),
            (AttributeValue, AttributeValueTranslation),
            language=language,
            is_trial=is_trial,
        )
        self.options.beside, self.attributes.beside = self.attributes, self.options
        self._sellers: dict[str, list[int]] = defaultdict(list)
        for pk, public_id, name in Seller.objects.order_by("pk").values_list(
            "pk", "public_id", "name"
        ):
            self._sellers[folded(name)].append(pk)
            self._sellers[str(public_id)].append(pk)
        self._locations: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for pk, name, seller, seller_name in Location.objects.order_by("pk").values_list(
            "pk", "name", "seller", "seller__name"
        ):
            for key in (folded(name), folded(f"{seller_name} / {name}"), f"#{pk}", ""):
                self._locations[seller][key].append(pk)
        self._guides = {
            folded(name): pk for pk, name in SizeGuide.objects.values_list("pk", "name")
        }

    def seller(self, name: str) -> int | None:
        """The one of that name or public id; blank: the only seller there is."""
        if not name:
            everyone = {pk for pks in self._sellers.values() for pk in pks}
            return everyone.pop() if len(everyone) == 1 else None
        found = self._sellers.get(folded(name)) or self._sellers.get(name.lower()) or []
        return found[0] if len(found) == 1 else None

    def location(self, seller: int, name: str) -> int | None:
        """The seller's location of that name; blank: the only one."""
        found = self._locations[seller].get(folded(name), [])
        return found[0] if len(found) == 1 else None

    def size_guide(self, named: Named) -> int | None:
        return self._guides.get(folded(named.text))
