"""The gateway's books: what reconciliation finds there."""

import re
from typing import Any

import httpx
import pytest

from shop.local.simulator.errors import Json
from shop.local.simulator.tests.conftest import World


def pay(world: World, channel: str = "DANA", **changes: Any) -> Json:
    created = world.create(channel, **changes)
    return world.control("pay", payment_request_id=created["payment_request_id"])


def rows(world: World, **query: str) -> list[Json]:
    response = world.client.get("/transactions", params={"limit": "50"} | query)
    assert response.status_code == 200, response.text
    answer: list[Json] = response.json()["data"]
    return answer


def balance(world: World) -> int:
    response = world.client.get("/balance", params={"account_type": "CASH", "currency": "IDR"})
    return int(response.json()["balance"])


def refused(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error_code"]


def test_a_payment_is_in_the_books_at_once_and_unsettled(world: World) -> None:
    payment = pay(world)
    [row] = rows(world)
    assert re.fullmatch("txn_[0-9a-f-]{36}", row["id"])
    assert row == {
        "id": row["id"],
        "product_id": payment["payment_id"],
        "type": "PAYMENT",
        "status": "SUCCESS",
        "channel_category": "EWALLET",
        "channel_code": "DANA",
        "reference_id": "ORD-1-A1",
        "account_identifier": None,
        "currency": "IDR",
        "amount": 149_000,
        "net_amount": 146_519,
        "net_amount_currency": "IDR",
        "cashflow": "MONEY_IN",
        "settlement_status": "PENDING",
        "estimated_settlement_time": "2026-11-24T03:00:00.000Z",
        "business_id": payment["business_id"],
        "created": "2026-11-22T03:00:00.000Z",
        "updated": "2026-11-22T03:00:00.000Z",
        "fee": {
            "xendit_fee": 2_235,
            "value_added_tax": 246,
            "xendit_withholding_tax": 0,
            "third_party_withholding_tax": 0,
            "status": "PENDING",
        },
        "product_data": {
            "capture_id": payment["captures"][0]["capture_id"],
            "payment_request_id": payment["payment_request_id"],
            "payment_link_id": None,
            "reusable_payment_link_id": None,
        },
    }
    assert world.client.get(f"/transactions/{row['id']}").json() == row
    assert refused(world.client.get("/transactions/txn_1")) == (404, "DATA_NOT_FOUND")


@pytest.mark.parametrize(
    ("channel", "fee", "vat", "settled_on"),
    [
        # Paid on a Sunday: the next business day is Monday.
        ("OVO", 2_235, 246, "2026-11-23T03:00:00.000Z"),
        ("DANA", 2_235, 246, "2026-11-24T03:00:00.000Z"),
        ("QRIS", 1_043, 115, "2026-11-24T03:00:00.000Z"),
        ("BCA_VIRTUAL_ACCOUNT", 4_000, 440, "2026-11-23T03:00:00.000Z"),
    ],
)
def test_fees_and_calendar_are_those_of_the_channel(
    world: World, channel: str, fee: int, vat: int, settled_on: str
) -> None:
    pay(world, channel)
    [row] = rows(world)
    assert (row["fee"]["xendit_fee"], row["fee"]["value_added_tax"]) == (fee, vat)
    assert row["net_amount"] == 149_000 - fee - vat
    assert row["estimated_settlement_time"] == settled_on


def test_a_friday_settles_on_monday(world: World) -> None:
    world.clock.advance(days=5)
    pay(world, "OVO")
    assert rows(world)[0]["estimated_settlement_time"] == "2026-11-30T03:00:00.000Z"


def test_the_calendar_settles_and_the_balance_grows_by_the_net(world: World) -> None:
    pay(world)
    assert balance(world) == 0
    world.pass_time(days=2)
    [row] = rows(world)
    assert (row["settlement_status"], row["fee"]["status"]) == ("SETTLED", "COMPLETED")
    assert row["updated"] == "2026-11-24T03:00:00.000Z"
    assert balance(world) == 146_519


def test_settlement_by_hand_and_withdrawal_empty_the_account(world: World) -> None:
    world.create("OVO", reference_id="open")
    pay(world)
    settled = world.control("transactions/settle", reference_id="ORD-1-A1")["data"]
    assert [each["settlement_status"] for each in settled] == ["SETTLED"]
    again = world.client.post("/_sim/transactions/settle", json={"reference_id": "ORD-1-A1"})
    assert refused(again) == (400, "INELIGIBLE_TRANSACTION_STATUS")
    too_much = world.client.post("/_sim/transactions/withdraw", json={"amount": 146_520})
    assert refused(too_much) == (400, "INSUFFICIENT_BALANCE")
    taken = world.control("transactions/withdraw")
    assert (taken["type"], taken["cashflow"], taken["amount"]) == (
        "WITHDRAWAL",
        "MONEY_OUT",
        146_519,
    )
    assert balance(world) == 0


def test_everything_can_be_settled_at_once_or_soon_after_the_payment(world: World) -> None:
    pay(world, "OVO", reference_id="A")
    pay(world, "QRIS", reference_id="B")
    assert len(world.control("transactions/settle", all=True)["data"]) == 2
    world.control("settings", settlement_delay=5)
    pay(world, "DANA", reference_id="C")
    world.pass_time(seconds=5)
    assert {each["settlement_status"] for each in rows(world)} == {"SETTLED"}


def test_a_refund_leaves_the_balance_when_it_is_asked_for(world: World) -> None:
    world.control("settings", balance="computed")
    payment = pay(world)
    body = {"payment_request_id": payment["payment_request_id"], "reason": "OTHERS"}
    assert refused(world.client.post("/refunds", json=body)) == (400, "INSUFFICIENT_BALANCE")
    world.control("transactions/settle", all=True)
    refund = world.client.post("/refunds", json=body | {"amount": 46_519}).json()
    [row] = rows(world, types="REFUND")
    assert (row["product_id"], row["status"], row["cashflow"]) == (
        refund["id"],
        "PENDING",
        "MONEY_OUT",
    )
    assert balance(world) == 100_000
    world.control("refunds/settle", refund_id=refund["id"], outcome="failed")
    assert [each["status"] for each in rows(world, types="REFUND")] == ["FAILED"]
    assert balance(world) == 146_519


def test_money_that_is_taken_back_says_so(world: World) -> None:
    first, second = pay(world, reference_id="A"), pay(world, reference_id="B")
    world.control("transactions/settle", payment_id=first["payment_id"])
    reversed_row = world.control("transactions/reverse", payment_id=first["payment_id"])
    voided = world.control("transactions/reverse", payment_id=second["payment_id"])
    assert (reversed_row["status"], reversed_row["fee"]["status"]) == ("REVERSED", "REVERSED")
    assert (voided["status"], voided["fee"]["status"]) == ("VOIDED", "CANCELED")
    assert balance(world) == 0
    world.pass_time(days=2)
    assert [each["status"] for each in rows(world)] == ["VOIDED", "REVERSED"]


def test_a_chargeback_is_a_row_of_its_own_under_the_payment(world: World) -> None:
    payment = pay(world)
    back = world.control("transactions/charge-back", payment_id=payment["payment_id"])
    assert (back["type"], back["product_id"], back["amount"], back["cashflow"]) == (
        "CHARGEBACK",
        payment["payment_id"],
        149_000,
        "MONEY_OUT",
    )
    found = rows(world, product_id=payment["payment_id"])
    assert [each["type"] for each in found] == ["CHARGEBACK", "PAYMENT"]
    took = world.control("transactions/return", payment_id=payment["payment_id"], amount=100_000)
    assert (took["type"], took["amount"], took["cashflow"]) == ("CHARGEBACK", 100_000, "MONEY_IN")
    left = {"payment_id": payment["payment_id"], "amount": 49_001}
    answer = world.client.post("/_sim/transactions/return", json=left)
    assert refused(answer) == (400, "INELIGIBLE_TRANSACTION_STATUS")


def test_money_may_be_known_to_the_books_alone(world: World) -> None:
    stray = world.control("transactions/add", amount=75_000, reference_id="POS-7")
    assert rows(world, reference_id="POS-7") == [stray]
    assert refused(world.client.get(f"/v3/payments/{stray['product_id']}")) == (
        404,
        "DATA_NOT_FOUND",
    )
    request_id = stray["product_data"]["payment_request_id"]
    assert world.client.get(f"/v3/payment_requests/{request_id}").status_code == 404


def test_a_list_is_narrowed_by_what_the_query_says(world: World) -> None:
    pay(world, "OVO", reference_id="A")
    world.clock.advance(minutes=1)
    pay(world, "QRIS", reference_id="B", request_amount=5_000)
    world.clock.advance(minutes=1)
    world.control("transactions/settle", reference_id="A")

    def found(**query: str) -> list[str]:
        return [each["reference_id"] for each in rows(world, **query)]

    assert found() == ["B", "A"]
    assert found(types="PAYMENT,REFUND") == ["B", "A"]
    assert found(**{"types[]": "REFUND"}) == []
    assert found(statuses="FAILED") == []
    assert found(channel_categories="QR_CODE") == ["B"]
    assert found(currency="IDR", amount="5000") == ["B"]
    assert found(**{"created[gte]": "2026-11-22T03:01:00Z"}) == ["B"]
    assert found(**{"created[lte]": "2026-11-22T03:00:00Z"}) == ["A"]
    assert found(**{"updated[gte]": "2026-11-22T03:02:00Z"}) == ["A"]
    assert found(**{"updated[lte]": "2026-11-22T03:01:59Z"}) == ["B"]
    for wrong in ("created[gte]=yesterday", "limit=51", "limit=0"):
        assert refused(world.client.get(f"/transactions?{wrong}")) == (400, "API_VALIDATION_ERROR")


def test_pages_lose_no_row_that_shares_its_moment_with_others(world: World) -> None:
    for number in range(5):
        world.control("transactions/add", amount=1_000, reference_id=str(number))
    seen, after = [], ""
    for _ in range(3):
        answer = world.client.get("/transactions", params={"limit": "2", "after_id": after}).json()
        seen += [each["reference_id"] for each in answer["data"]]
        after = answer["data"][-1]["id"]
    assert (seen, answer["has_more"], answer["links"]) == (["4", "3", "2", "1", "0"], False, [])
    first = world.client.get("/transactions?limit=2&types=PAYMENT").json()
    assert first["has_more"] is True
    following = world.client.get(first["links"][0]["href"]).json()
    assert [each["reference_id"] for each in following["data"]] == ["2", "1"]
    back = world.client.get("/transactions", params={"limit": "2", "before_id": after}).json()
    assert [each["reference_id"] for each in back["data"]] == ["2", "1"]
    assert back["has_more"] is True
    unknown = world.client.get("/transactions?after_id=txn_1")
    assert refused(unknown) == (404, "DATA_NOT_FOUND")
