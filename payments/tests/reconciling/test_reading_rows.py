"""Xendit's rows as they may come: whatever else they say, money that moved is kept."""

from typing import Any

import pytest

from payments.gateways.statements import Settlement, TransactionKind, TransactionState
from payments.gateways.xendit_books import page, transaction

ROW: dict[str, Any] = {
    "id": "txn_1",
    "product_id": "py-1",
    "type": "PAYMENT",
    "status": "SUCCESS",
    "channel_code": "DANA",
    "reference_id": "ORD-1-A1",
    "currency": "IDR",
    "amount": 149_000,
    "net_amount": 146_519,
    "net_amount_currency": "IDR",
    "cashflow": "MONEY_IN",
    "settlement_status": "SETTLED",
    "estimated_settlement_time": "2026-11-24T03:00:00.000Z",
    "created": "2026-11-22T03:00:00.000Z",
    "updated": "2026-11-24T03:00:00.000Z",
    "fee": {"xendit_fee": 2_235, "value_added_tax": 246, "status": "COMPLETED"},
    "product_data": {"payment_request_id": "pr-1", "capture_id": "cptr-1"},
}


def read(**changes: Any) -> Any:
    return transaction(ROW | changes)


def test_a_payment_is_read_with_what_is_kept_of_it() -> None:
    row = read()
    assert (row.kind, row.state) == (TransactionKind.PAYMENT, TransactionState.SUCCEEDED)
    assert (row.amount.minor, row.fee_minor, row.fee_tax_minor) == (149_000, 2_235, 246)
    assert (row.gateway_ref, row.settlement) == ("pr-1", Settlement.SETTLED)


@pytest.mark.parametrize(
    ("fee", "net", "kept"),
    [
        # What we get is what counts, whatever the parts are called.
        ({"xendit_fee": 2_235, "value_added_tax": 246, "new_levy": 19}, 146_500, (2_254, 246)),
        ({"xendit_fee": 2_235, "value_added_tax": 246}, None, (2_235, 246)),
        ({"xendit_fee": 2_235, "value_added_tax": 246, "status": "CANCELED"}, 146_519, (0, 0)),
        ({"xendit_fee": "a lot"}, 149_000, (0, 0)),
        ("unknown", 146_519, (2_481, 0)),
        # Impossible parts are not believed; the net amount would have had to say so.
        ({"xendit_fee": 200_000, "value_added_tax": 0}, None, (0, 0)),
        ({}, 150_000, (0, 0)),
    ],
)
def test_the_net_amount_decides_what_is_kept(fee: Any, net: Any, kept: tuple[int, int]) -> None:
    row = read(fee=fee, net_amount=net)
    assert (row.fee_minor, row.fee_tax_minor) == kept


def test_words_we_do_not_know_are_kept_and_decide_nothing() -> None:
    row = read(
        type="LOAN_REPAYMENT",
        status="MAYBE",
        cashflow="MONEY_OUT",
        settlement_status="?",
        product_id={"odd": 1},
        reference_id=None,
        product_data="none",
        channel_code=7,
        updated="yesterday",
        estimated_settlement_time=5,
    )
    assert (row.kind, row.kind_given, row.state) == (
        TransactionKind.OTHER,
        "LOAN_REPAYMENT",
        TransactionState.OTHER,
    )
    assert (row.is_incoming, row.settlement, row.settles_at) == (False, Settlement.NONE, None)
    assert (row.product_id, row.reference, row.gateway_ref, row.channel) == ("", "", "", "")
    assert row.updated_at == row.created_at


@pytest.mark.parametrize(
    "broken",
    [
        {"id": None},
        {"id": "txn/../1"},
        {"amount": "much"},
        {"amount": -5},
        {"amount": 10.5},
        {"amount": True},
        {"currency": "XXX"},
        {"currency": None},
        {"created": "soon"},
    ],
    ids=str,
)
def test_a_row_that_does_not_say_what_moved_is_named_and_left_out(broken: dict[str, Any]) -> None:
    read_page = page({"data": [ROW, ROW | broken, "no row"], "has_more": False})
    assert read_page is not None
    assert [row.transaction_id for row in read_page.rows] == ["txn_1"]
    assert read_page.unreadable[1:] == ["without an id"]
    assert len(read_page.unreadable) == 2


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"data": None},
        {"data": {}},
        # There is more, and no way to ask for it.
        {"data": [], "has_more": True},
        {"data": [ROW, {"id": None}], "has_more": True},
    ],
)
def test_what_is_no_list_is_no_page(document: dict[str, Any]) -> None:
    assert page(document) is None


def test_the_next_page_is_asked_for_by_the_last_row_even_where_that_cannot_be_read() -> None:
    read_page = page({"data": [ROW, {"id": "txn_2", "amount": None}], "has_more": True})
    assert read_page is not None
    assert read_page.after == "txn_2"
