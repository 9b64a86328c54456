"""The variants of one product: which row is which variant, and what changes about it."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from catalog.importing.drafts import Count, VariantDraft
from catalog.importing.known import VARIANT_FIELDS, KnownVariant, Placed
from catalog.importing.ordering import arrange
from catalog.importing.planning import ProductPlan
from catalog.importing.pricing import price_changes
from catalog.importing.problems import Problem
from catalog.importing.tables import (
    ENDED_PRICE,
    NEW_PRICE,
    NEW_VALUE,
    NEW_VARIANT,
    OLD_PRICE,
    OLD_VALUE,
    VALUE,
    VARIANT,
    VARIANT_PLACE,
)
from catalog.importing.vocabulary import key_of

# A coordinate by primary keys, or by names where the shop does not know them yet.
Key = frozenset[tuple[int | str, int | str]]
_BLANK: dict[str, Any] = {
    "sku": "",
    "barcode": "",
    "weight_grams": 0,
    "length_mm": None,
    "width_mm": None,
    "height_mm": None,
    "cost_minor": None,
    "is_active": True,
}


class VariantsPlan:
    """`check` matches rows with variants and looks for what is wrong; `write` plans the rows."""

    def __init__(self, product: ProductPlan) -> None:
        self._of = product
        self._shop = product.shop
        self._known = product.product.variants if product.product else []
        self._matches: list[KnownVariant | None] = []
        self._locations: dict[str, int] = {}
        # Variants that rows above have named by their identifier.
        self._named: set[UUID] = set()

    # --- what could be wrong ----------------------------------------------------------------

    def check(self) -> None:
        by_key: dict[Key, list[KnownVariant]] = {}
        for variant in self._known:
            values = frozenset((option, value) for option, (_row, value) in variant.values.items())
            by_key.setdefault(values, []).append(variant)
        claimed = {draft.public_id for draft in self._of.draft.variants if draft.public_id}
        seen: set[Key] = set()
        for draft in self._of.draft.variants:
            if draft.public_id is not None:
                match = self._by_id(draft)
            else:
                match = self._by_options(draft, by_key, claimed, seen)
            self._matches.append(match)
            self._check_stock(draft, match)
            if match is None and self._is_silent_about_price(draft):
                self._fail(draft, draft.price_column, "missing_price")

    def _is_silent_about_price(self, draft: VariantDraft) -> bool:
        is_told = any(problem.line == draft.line for problem in self._of.draft.problems)
        return bool(draft.price_column) and not is_told and not any(draft.prices.values())

    def _fail(self, draft: VariantDraft, column: str, code: str, value: str = "") -> None:
        self._of.problems.append(Problem(draft.line, column, code, value))

    def _by_id(self, draft: VariantDraft) -> KnownVariant | None:
        wanted = draft.public_id
        if wanted is None or wanted in self._named:
            self._fail(draft, "variant", "repeated_variant", str(wanted))
            return None
        self._named.add(wanted)
        owner = self._shop.known.variant_owners.get(wanted)
        if owner is None:
            return None
        if owner != self._of.pk:
            self._fail(draft, "variant", "variant_elsewhere", str(wanted))
            return None
        return next(variant for variant in self._known if variant.public_id == wanted)

    def _by_options(
        self,
        draft: VariantDraft,
        by_key: dict[Key, list[KnownVariant]],
        claimed: set[Any],
        seen: set[Key],
    ) -> KnownVariant | None:
        key = self._key(draft)
        if key in seen:
            shown = " / ".join(value.text for _option, value in draft.options)
            self._fail(
                draft,
                draft.options[0][1].column if draft.options else "",
                "repeated_variant",
                shown,
            )
            return None
        seen.add(key)
        free = (each for each in by_key.get(key, []) if each.public_id not in claimed)
        return next(free, None)

    def _key(self, draft: VariantDraft) -> Key:
        words = self._shop.vocabulary.options
        pairs: dict[int | str, int | str] = {}
        for option, value in draft.options:
            owner = words.find(option.text)
            name = owner if owner is not None else words.key(option.text)
            if name in pairs:
                self._of.problems.append(option.problem("repeated_option"))
            found = words.find_value(owner, value.text, self._of.spelling)
            pairs[name] = found if found is not None else key_of(value.text)
        return frozenset(pairs.items())

    def _check_stock(self, draft: VariantDraft, match: KnownVariant | None) -> None:
        for count in draft.stock:
            if count.units is None and match is not None:
                continue
            location = self._location(count)
            item = match.stock.get(location) if match else None
            if item is None or count.units is None or not self._shop.choices.set_stock:
                continue
            if count.units < item.reserved:
                self._fail(draft, count.where.column, "stock_below_reserved", str(count.units))

    def _location(self, count: Count) -> int:
        name = count.where.text or self._shop.choices.location
        if name not in self._locations:
            found = self._shop.vocabulary.location(self._of.seller, name)
            if found is None and self._of.seller:
                code = "unknown_location" if name else "missing_location"
                self._of.problems.append(count.where._replace(text=name).problem(code))
            self._locations[name] = found or 0
        return self._locations[name]

    # --- the rows ---------------------------------------------------------------------------

    def write(self) -> None:
        """Called for a sound product only, after the product itself."""
        known = [Placed(variant.pk, variant.pk, variant.position) for variant in self._known]
        keys: list[Any] = [
            match.pk if match else ("new", number) for number, match in enumerate(self._matches)
        ]
        moved, places = arrange(known, keys)
        for pk, position in moved:
            self._of.add(VARIANT_PLACE, pk, position)
        for key, draft, match in zip(keys, self._of.draft.variants, self._matches, strict=True):
            if match is None:
                self._write_new(draft, places[key])
            else:
                self._write_known(draft, match)

    def _values(self, draft: VariantDraft) -> dict[int, int]:
        words, spelling = self._shop.vocabulary.options, self._of.spelling
        found = {}
        for option, value in draft.options:
            owner = words.ensure(option.text, spelling)
            found[owner] = words.ensure_value(owner, value.text, spelling)
        return found

    def _write_new(self, draft: VariantDraft, position: int) -> None:
        of, pk = self._of, self._shop.pools.variants.draw()
        fields = {**_BLANK, **draft.fields}
        of.add(
            NEW_VARIANT,
            pk,
            of.pk,
            draft.public_id or self._shop.pools.identifiers.draw(),
            position,
            *(fields[name] for name in VARIANT_FIELDS),
        )
        for option, value in self._values(draft).items():
            of.add(NEW_VALUE, pk, option, value)
        for currency, periods in draft.prices.items():
            for period in price_changes((), periods, at=self._shop.at).added:
                of.add(
                    NEW_PRICE, pk, currency, period.amount, period.before, period.start, period.end
                )
        for count in draft.stock:
            units = count.units if self._shop.choices.open_stock else None
            of.plan.opened.append((pk, self._location(count), units or 0))

    def _write_known(self, draft: VariantDraft, known: KnownVariant) -> None:
        fields = {**known.fields, **draft.fields}
        if fields != known.fields:
            self._of.add(VARIANT, known.pk, *(fields[name] for name in VARIANT_FIELDS))
        self._write_values(draft, known)
        for currency, periods in draft.prices.items():
            self._write_prices(known, currency, periods)
        for count in draft.stock:
            self._write_stock(count, known)

    def _write_values(self, draft: VariantDraft, known: KnownVariant) -> None:
        wanted = self._values(draft)
        for option, value in wanted.items():
            row, old = known.values.get(option, (0, 0))
            if not row:
                self._of.add(NEW_VALUE, known.pk, option, value)
            elif old != value:
                self._of.add(VALUE, row, value)
        for option in known.values.keys() - wanted.keys():
            self._of.add(OLD_VALUE, known.values[option][0])

    def _write_prices(self, known: KnownVariant, currency: str, periods: Iterable[Any]) -> None:
        at = self._shop.at
        changes = price_changes(known.prices.get(currency, ()), list(periods), at=at)
        for pk in changes.deleted:
            self._of.add(OLD_PRICE, pk)
        for pk in changes.ended:
            self._of.add(ENDED_PRICE, pk, at)
        for period in changes.added:
            self._of.add(
                NEW_PRICE,
                known.pk,
                currency,
                period.amount,
                period.before,
                period.start,
                period.end,
            )

    def _write_stock(self, count: Count, known: KnownVariant) -> None:
        if count.units is None or not self._shop.choices.open_stock:
            return
        location = self._location(count)
        item = known.stock.get(location)
        if item is None:
            self._of.plan.opened.append((known.pk, location, count.units))
        elif self._shop.choices.set_stock and item.on_hand != count.units:
            self._of.plan.corrected[item.pk] = count.units
            self._of.plan.correcting[item.pk] = count.where
        else:
            return
        self._of.is_changed = True
