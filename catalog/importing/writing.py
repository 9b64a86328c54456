"""A batch of whole products, planned and written in one transaction."""

from collections.abc import Iterable, Sequence

from catalog.importing import pictures
from catalog.importing.bulk import settle_for_bulk
from catalog.importing.categories import Categories
from catalog.importing.drafts import Draft
from catalog.importing.grouping import Grouping
from catalog.importing.known import Known
from catalog.importing.planning import ProductPlan
from catalog.importing.problems import Problem
from catalog.importing.shop import Choices, Plan, Pools, Shop
from catalog.importing.tables import IN_ORDER, PRODUCT_TOUCHED
from catalog.importing.variants import VariantsPlan
from catalog.importing.vocabulary import Vocabulary
from catalog.inventory import BelowReserved, correct_stock_in_bulk, open_stock_in_bulk
from catalog.listing.refresh import deferred, refresh
from catalog.models import ImportRun


class Writer:
    """Holds drafts against the shop. A trial changes nothing; it finds the same problems."""

    def __init__(self, file: Grouping, *, language: str, choices: Choices, is_trial: bool) -> None:
        self._file = file
        self._language = language
        self._choices = choices
        self.is_trial = is_trial
        self.forget()

    def forget(self) -> None:
        """Read everything anew: after a transaction that was rolled back, nothing is certain."""
        self._vocabulary = Vocabulary(language=self._language, is_trial=self.is_trial)
        self._categories = Categories(
            language=self._language,
            may_create=self._choices.create_categories,
            is_trial=self.is_trial,
        )
        self._pools = Pools(is_trial=self.is_trial)

    def plan(self, drafts: Sequence[Draft], *, refused: Iterable[Problem] = ()) -> Plan:
        """`refused` are problems found while writing; their products are left out this time.

        But for a trial inside the transaction that writes: products are locked.
        """
        known = Known(drafts, lock=not self.is_trial)
        shop = Shop(
            self._vocabulary,
            self._categories,
            self._pools,
            self._choices,
            known,
            self._file,
            self._language,
        )
        plan = Plan()
        extra = {problem.line: problem for problem in refused}
        for draft in drafts:
            _plan_product(draft, shop, plan, extra)
        plan.rows[PRODUCT_TOUCHED] = [(pk, known.at) for pk in plan.touched]
        return plan

    def write(self, plan: Plan, run: ImportRun) -> None:
        """Inside the caller's transaction. Raises BelowReserved; then it must roll back."""
        settle_for_bulk()
        with deferred():
            for kind in IN_ORDER:
                rows = plan.rows.get(kind)
                if rows:
                    kind.write(rows)
            pictures.ask_for(plan.pictures, run=run)
            open_stock_in_bulk(
                plan.opened, reason=run.name, reference=run.public_id, actor_id=run.actor_id
            )
            refresh(sorted(plan.products))
        # Last, so that nobody who buys waits for the rest; the few listings that stock changes are
        # written anew by the database itself.
        correct_stock_in_bulk(
            plan.corrected, reason=run.name, reference=run.public_id, actor_id=run.actor_id
        )


def _plan_product(draft: Draft, shop: Shop, plan: Plan, extra: dict[int, Problem]) -> None:
    if not draft.is_product:
        plan.problems += draft.problems
        plan.skipped += 1
        return
    product = ProductPlan(draft, shop, plan)
    variants = VariantsPlan(product)
    product.check()
    variants.check()
    product.problems += [extra[v.line] for v in draft.variants if v.line in extra]
    plan.problems += product.problems
    if not product.is_sound:
        plan.skipped += 1
        return
    product.write()
    variants.write()
    if product.product is None:
        plan.created += 1
    elif product.is_changed:
        plan.changed += 1
        plan.touched.append(product.pk)
    else:
        plan.unchanged += 1
        return
    plan.products.add(product.pk)


def refusals(plan: Plan, error: BelowReserved) -> list[Problem]:
    return [plan.correcting[pk].problem("stock_below_reserved") for pk in error.stock_item_ids]
