"""Stock is changed by who may change stock, also of many products at once, also by undoing."""

import pytest
from django.test import Client

from catalog.bulk_changes import StockEdit, StockMove
from catalog.models import BulkChange
from catalog.tests.builders import make_location, make_variant, stock_of
from catalog.tests.bulk_changes.builders import do, lower, price_of
from catalog.tests.bulk_changes.test_pages import (
    decide,
    detail_of,
    filled,
    look,
    tick,
    undo_of,
)
from catalog.tests.editing.pages import make_staff, signed_in

pytestmark = pytest.mark.django_db

EDITOR = (
    "catalog.view_product",
    "catalog.change_product",
    "catalog.add_bulkchange",
    "catalog.view_bulkchange",
)


@pytest.fixture
def editor() -> Client:
    """Changes products, many at once too, but no stock."""
    return signed_in(make_staff(*EDITOR))


def counted(units: int) -> StockEdit:
    return StockEdit(make_location().pk, StockMove.SET, units)


def test_who_may_not_change_stock_is_not_offered_it(editor: Client) -> None:
    kinds = [each.kind for each in tick(editor, make_variant().product).context["draft"].sections()]
    assert "stock" not in kinds
    assert "price" in kinds


def test_who_may_not_change_stock_neither_looks_nor_does(editor: Client) -> None:
    owner, shirt = signed_in(), make_variant(on_hand=5)
    fields = {"location": make_location().pk, "move": "set", "quantity": 99, "why": "counted"}
    form = filled(tick(owner, shirt.product), "stock", **fields)
    looked = look(owner, form)

    assert look(editor, form).status_code == 403
    assert decide(editor, form, looked).status_code == 403

    assert stock_of(shirt) == (5, 0)
    assert not BulkChange.objects.exists()
    assert decide(signed_in(make_staff(*EDITOR, "catalog.change_stockitem")), form, looked).url
    assert stock_of(shirt) == (99, 0)


def test_who_may_not_change_stock_does_not_undo_a_change_of_it(editor: Client) -> None:
    shirt = make_variant(on_hand=5)
    change = do(counted(99), shirt.product)

    assert "Undo this change" not in editor.get(detail_of(change)).text
    assert editor.post(undo_of(change)).status_code == 403
    assert stock_of(shirt) == (99, 0)

    keeper = signed_in(make_staff(*EDITOR, "catalog.change_stockitem"))
    assert keeper.post(undo_of(change)).status_code == 302
    assert stock_of(shirt) == (5, 0)


def test_a_change_of_prices_is_undone_without_the_right_to_stock(editor: Client) -> None:
    shirt = make_variant(price=100_000)
    change = do(lower(10), shirt.product)
    assert editor.post(undo_of(change)).status_code == 302
    assert price_of(shirt) == (100_000, None)
