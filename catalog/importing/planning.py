"""What has to be written so that the shop has a product as its draft says.

Nothing is written here, save new words of the vocabulary; the same plan serves a trial run. A
product is planned as a whole or, when anything about it is wrong, not at all.
"""

from typing import Any

from catalog.importing.aliases import handle_of
from catalog.importing.bulk import Write
from catalog.importing.drafts import Draft, Named
from catalog.importing.known import PRODUCT_FIELDS, TEXT_FIELDS, KnownProduct
from catalog.importing.ordering import arrange
from catalog.importing.problems import Problem
from catalog.importing.shop import Plan, Shop
from catalog.importing.tables import (
    NEW_ATTRIBUTE,
    NEW_OPTION,
    NEW_PICTURE,
    NEW_PRODUCT,
    NEW_TEXT,
    OLD_ATTRIBUTE,
    OPTION_PLACE,
    PICTURE_PLACE,
    PICTURE_SHOWS,
    PRODUCT,
    TEXT,
)
from catalog.importing.vocabulary import Spelling
from catalog.models import ImageState
from catalog.parameters import is_reserved


class ProductPlan:
    """One product: first everything that could be wrong, then the rows."""

    def __init__(self, draft: Draft, shop: Shop, plan: Plan) -> None:
        self.draft = draft
        self.shop = shop
        self.plan = plan
        self.problems = list(draft.problems)
        self.is_changed = False
        self.product = self._known()
        self.pk = self.product.pk if self.product else 0
        is_exported = draft.public_id is not None
        self.spelling = Spelling(is_exported, is_exported and self.product is None)
        self.seller = 0
        self.category: int | None = None

    def _known(self) -> KnownProduct | None:
        draft, known = self.draft, self.shop.known
        if draft.public_id is not None:
            return known.by_id.get(draft.public_id)
        return known.by_pk.get(known.slugs.get((draft.language, draft.handle), 0))

    @property
    def is_sound(self) -> bool:
        return not any(problem.is_fatal for problem in self.problems)

    def add(self, write: Write, *row: Any) -> None:
        self.plan.rows[write].append(row)
        self.is_changed = True

    # --- what could be wrong ----------------------------------------------------------------

    def check(self) -> None:
        draft = self.draft
        if self._is_repeated():
            self._refuse("repeated_slug")
        self._check_seller()
        self._check_category()
        guide = draft.size_guide
        if guide is not None and guide.text and self.shop.vocabulary.size_guide(guide) is None:
            self.problems.append(guide.problem("unknown_size_guide"))
        self._check_words()
        for language, texts in draft.texts.items():
            self._check_slug(language, texts.get("slug", ""), draft.line, f"slug:{language}")
        if draft.handle_is_given:
            self._check_slug(draft.language, draft.handle, draft.line, draft.handle_column)

    def _is_repeated(self) -> bool:
        """Whether the file has the same product once more: found by its address here, and there
        by its identifier."""
        if self.product is None:
            return False
        is_elsewhere = self.draft.public_id is None and self.shop.is_elsewhere_in_file(
            self.product.public_id
        )
        return is_elsewhere or self.pk in self.shop.planned

    def _refuse(self, code: str) -> None:
        draft = self.draft
        self.problems.append(Problem(draft.line, draft.handle_column, code, draft.handle))

    def _check_seller(self) -> None:
        """Nobody's file changes another seller's product, though it may have the same address."""
        named = self.draft.seller
        text = named.text if named else self.shop.choices.seller
        if self.product and not text:
            self.seller = self.product.seller
            return
        found = self.shop.vocabulary.seller(text)
        named = named or Named(text, self.draft.line, "")
        if found is None:
            self.problems.append(named.problem("unknown_seller" if text else "ambiguous_seller"))
        elif self.product and found != self.product.seller:
            self.problems.append(named.problem("other_seller"))
        self.seller = found or 0

    def _check_category(self) -> None:
        paths = self.draft.categories
        if not paths and self.product:
            self.category = self.product.category
            return
        if not paths and self.shop.choices.category:
            paths = [Named(self.shop.choices.category, self.draft.line, "")]
        found = self.shop.categories.find(paths or [])
        if isinstance(found, int):
            self.category = found
        elif not (paths and self.shop.categories.can_make(paths, found)):
            where = paths[0] if paths else Named("", self.draft.line, "")
            self.problems.append(where.problem(found))
        self.draft.categories = paths

    def _check_words(self) -> None:
        """New options and attributes become parameters of addresses."""
        words, draft = self.shop.vocabulary, self.draft
        of_variants = [option for each in draft.variants for option, _value in each.options]
        shown = [picture.shows[0] for picture in draft.pictures if picture.shows]
        kinds = (
            (words.options, [*draft.options, *of_variants, *shown]),
            (words.attributes, [named for named, entries in draft.attributes if entries]),
        )
        for known, given in kinds:
            for named in {named.text: named for named in reversed(given)}.values():
                if known.find(named.text) is None and is_reserved(known.code(named.text)):
                    self.problems.append(named.problem("reserved_name"))

    def _check_slug(self, language: str, slug: str, line: int, column: str) -> None:
        if slug:
            owner = self.shop.known.slugs.get((language, slug))
            if owner is not None and owner != self.pk:
                self.problems.append(Problem(line, column, "slug_taken", slug))

    # --- the rows ---------------------------------------------------------------------------

    def write(self) -> None:
        """Called for a sound product only."""
        if self.category is None and self.draft.categories:
            self.category = self.shop.categories.make(self.draft.categories[0])
        guide = self.draft.size_guide
        guide_pk = self.product.size_guide if self.product else None
        if guide is not None:
            guide_pk = self.shop.vocabulary.size_guide(guide) if guide.text else None
        if self.product is None:
            self._write_new(guide_pk)
        else:
            self._write_known(self.product, guide_pk)
        self.shop.planned.add(self.pk)
        for language, texts in self.draft.texts.items():
            self._write_text(language, texts)
        self._write_options()
        self._write_attributes()
        self._write_pictures()

    def _write_new(self, guide: int | None) -> None:
        draft = self.draft
        self.pk = self.shop.pools.products.draw()
        fields = draft.fields
        self.add(
            NEW_PRODUCT,
            self.pk,
            draft.public_id or self.shop.pools.identifiers.draw(),
            self.seller,
            self.category,
            guide,
            fields.get("is_published", False),
            fields.get("publish_from"),
            fields.get("publish_until"),
            fields.get("created_at") or self.shop.at,
            *(0, 0, 0),
        )

    def _write_known(self, product: KnownProduct, guide: int | None) -> None:
        fields = {**product.fields, **self.draft.fields}
        old = (product.category, product.size_guide, *product.fields.values())
        new = (self.category, guide, *(fields[name] for name in PRODUCT_FIELDS))
        if new != old:
            self.add(PRODUCT, product.pk, *new)

    def _write_text(self, language: str, texts: dict[str, str]) -> None:
        known = self.product.texts.get(language) if self.product else None
        if known is None:
            made = {**dict.fromkeys(TEXT_FIELDS, ""), **texts}
            made["slug"] = texts.get("slug") or self._free_slug(language, texts["name"])
            self.add(NEW_TEXT, self.pk, language, *(made[name] for name in TEXT_FIELDS))
            self.shop.taken_slugs.add((language, made["slug"]))
            return
        row, old = known
        new = {**old, **{name: text for name, text in texts.items() if text or name != "slug"}}
        if language == self.draft.language and self.draft.handle_is_given:
            new["slug"] = self.draft.handle
        if new != old:
            self.add(TEXT, row, *(new[name] for name in TEXT_FIELDS))
            self.shop.taken_slugs.add((language, new["slug"]))

    def _free_slug(self, language: str, name: str) -> str:
        """The handle in the language of the file; in others made from the name."""
        draft, short_id = self.draft, str(self.draft.public_id or "")[:8]
        if language == draft.language:
            wanted, ending = draft.handle, short_id
        else:
            wanted, ending = handle_of(name), draft.handle or short_id
        return self.shop.free_slug(language, wanted, ending, number=draft.number)

    def _write_options(self) -> None:
        words, spelling = self.shop.vocabulary.options, self.spelling
        used = (option for v in self.draft.variants for option, _value in v.options)
        wanted = dict.fromkeys(
            words.ensure(named.text, spelling) for named in (*self.draft.options, *used)
        )
        known = self.product.options if self.product else []
        if not wanted:
            return
        moved, new = arrange(known, wanted)
        for row, position in moved:
            self.add(OPTION_PLACE, row, position)
        for option, position in new.items():
            self.add(NEW_OPTION, self.pk, option, position)

    def _write_attributes(self) -> None:
        words, spelling = self.shop.vocabulary.attributes, self.spelling
        known = self.product.attributes if self.product else {}
        for named, entries in self.draft.attributes:
            attribute = words.ensure(named.text, spelling) if entries else words.find(named.text)
            if attribute is None:
                continue
            wanted = {words.ensure_value(attribute, entry.text, spelling) for entry in entries}
            mine = {value for value in known if words.owner_of[value] == attribute}
            for value in sorted(wanted - mine):
                self.add(NEW_ATTRIBUTE, self.pk, value)
            for value in mine - wanted:
                self.add(OLD_ATTRIBUTE, known[value])

    def _write_pictures(self) -> None:
        if not self.draft.pictures:
            return
        known = self.product.pictures if self.product else []
        shown = {picture.url: self._shown(picture.shows) for picture in self.draft.pictures}
        moved, new = arrange(known, shown)
        for row, position in moved:
            self.add(PICTURE_PLACE, row, position)
        for row, url, _position in known:
            value = shown.get(url)
            if self.product and value is not None and value != self.product.shown[row]:
                self.add(PICTURE_SHOWS, row, value)
        for url, position in new.items():
            pk = self.shop.pools.pictures.draw()
            state = ImageState.FETCHING.value
            self.add(
                NEW_PICTURE, pk, self.pk, shown[url], "", 0, 0, "[]", state, "", "", url, position
            )
            self.plan.pictures.append((pk, url))

    def _shown(self, shows: tuple[Named, Named] | None) -> int | None:
        if shows is None:
            return None
        words, spelling = self.shop.vocabulary.options, self.spelling
        option = words.ensure(shows[0].text, spelling)
        return words.ensure_value(option, shows[1].text, spelling)
