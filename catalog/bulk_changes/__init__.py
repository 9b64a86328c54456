"""Changing many products at once: first seen, then done in one stroke, and undone if need be.

`plan_change` says what an edit would do. `apply_change` does just that, or refuses where somebody
sold or edited in between. `undo_change` puts back what is still as the change left it.
"""

from catalog.bulk_changes.applying import (
    LinesRefused,
    NothingToChange,
    PlanChanged,
    apply_change,
)
from catalog.bulk_changes.lines import Edit, Line, Note, Problem, Target
from catalog.bulk_changes.plans import (
    MAX_VARIANTS,
    Plan,
    TooMany,
    choose,
    count_variants,
    plan_change,
)
from catalog.bulk_changes.prices import price_now
from catalog.bulk_changes.pricing import CompareAt, PriceEdit, PriceMove, Rounding
from catalog.bulk_changes.products import (
    Publication,
    PublicationEdit,
    give_attribute,
    give_size_guide,
    move_to_category,
    take_attribute,
)
from catalog.bulk_changes.registry import field_named
from catalog.bulk_changes.stock import StockEdit, StockMove
from catalog.bulk_changes.undoing import (
    AlreadyUndone,
    ChangedSince,
    UndoPlan,
    changes_stock,
    lines_of,
    plan_undo,
    undo_change,
    undo_id,
)

__all__ = [
    "MAX_VARIANTS",
    "AlreadyUndone",
    "ChangedSince",
    "CompareAt",
    "Edit",
    "Line",
    "LinesRefused",
    "Note",
    "NothingToChange",
    "Plan",
    "PlanChanged",
    "PriceEdit",
    "PriceMove",
    "Problem",
    "Publication",
    "PublicationEdit",
    "Rounding",
    "StockEdit",
    "StockMove",
    "Target",
    "TooMany",
    "UndoPlan",
    "apply_change",
    "changes_stock",
    "choose",
    "count_variants",
    "field_named",
    "give_attribute",
    "give_size_guide",
    "lines_of",
    "move_to_category",
    "plan_change",
    "plan_undo",
    "price_now",
    "take_attribute",
    "undo_change",
    "undo_id",
]
