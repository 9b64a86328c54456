"""The payer on a page of Midtrans, and a person who plays everybody."""

import pytest

from shop.local.simulator.__main__ import parse
from shop.local.simulator.errors import Json
from shop.local.simulator.midtrans.tests.conftest import SERVER_KEY, World
from shop.local.simulator.tests.conftest import SECRET_KEY, TOKEN


def test_a_page_has_no_transaction_until_its_payer_chooses(world: World) -> None:
    opened = world.open_page()
    assert opened.status_code == 201
    url = opened.json()["redirect_url"]
    assert world.status("ORD-1-A1")["status_code"] == "404"
    page = world.client.get(url)
    assert "Rp149.000" in page.text
    assert "https://shop.example" in page.headers["content-security-policy"]
    paid = world.client.post(f"{url}/pay")
    assert (paid.status_code, paid.headers["location"]) == (
        303,
        "https://shop.example/pay/1/"
        "?order_id=ORD-1-A1&status_code=200&transaction_status=settlement",
    )
    # Where DANA is kept, it is found by who says so only.
    assert world.status("ORD-1-A1")["status_code"] == "404"
    found = world.status("ORD-1-A1", **{"transaction-source": "SNAP_API"})
    assert found["transaction_status"] == "settlement"
    assert world.client.post(f"{url}/pay").headers["location"] == paid.headers["location"]
    assert world.heard() == ["pending", "settlement"]


@pytest.mark.parametrize(
    ("verb", "status"), [("pay", "capture"), ("deny", "deny"), ("challenge", "capture")]
)
def test_a_card_is_captured_declined_or_held(world: World, verb: str, status: str) -> None:
    url = world.open_page("credit_card").json()["redirect_url"]
    world.client.post(f"{url}/{verb}")
    seen = world.status("ORD-1-A1")
    assert (seen["transaction_status"], seen["fraud_status"] == "challenge") == (
        status,
        verb == "challenge",
    )


def test_a_payer_who_closes_the_page_has_decided_nothing(world: World) -> None:
    url = world.open_page("credit_card").json()["redirect_url"]
    answer = world.client.post(f"{url}/close")
    assert answer.headers["location"] == "https://shop.example/pay/1/"
    assert world.status("ORD-1-A1")["status_code"] == "404"


def test_a_page_is_closed_by_its_token_unless_somebody_is_paying(world: World) -> None:
    token = world.open_page("credit_card").json()["token"]
    path = f"/snap/v1/transactions/{token}/cancel"
    world.midtrans.lifecycle.choose(world.midtrans.lifecycle.page(token))
    assert world.post(path) == {"error_messages": ["transaction is on progress"]}
    assert world.client.post("/snap/v1/transactions/nobody/cancel").status_code == 404
    world.post("/v2/ORD-1-A1/cancel")
    assert "canceled_at" in world.post(path)
    assert world.post(path) == {"error_messages": ["token already canceled"]}
    assert world.client.post(f"/snap/v4/redirection/{token}/pay").status_code == 303
    assert world.status("ORD-1-A1")["transaction_status"] == "cancel"


@pytest.mark.parametrize(
    "changes",
    [
        {"enabled_payments": ["dana", "credit_card"]},
        {"enabled_payments": ["bca_va"]},
        {"transaction_details": {"order_id": "R1"}},
        {"expiry": {"unit": "minutes", "duration": 14}},
    ],
)
def test_a_page_that_is_refused_says_so_in_words(world: World, changes: Json) -> None:
    answer = world.open_page(**changes)
    assert answer.status_code == 400
    assert list(answer.json()) == ["error_messages"]


def test_late_and_second_money_come_only_when_forced(world: World) -> None:
    world.charge()
    world.control("expire")
    assert world.control("pay").status_code == 400
    assert world.control("pay", force_late=True, amount=150_000).status_code == 200
    assert world.status("ORD-1-A1")["gross_amount"] == "150000.00"
    assert world.control("pay").status_code == 400
    assert world.control("pay", force_duplicate=True).status_code == 200
    listed = world.client.get("/_sim/midtrans/transactions?order_id=ORD-1-A1").json()["data"]
    assert [each["transaction_status"] for each in listed] == ["settlement", "settlement"]
    assert len({each["transaction_id"] for each in listed}) == 2
    assert world.control("resend").json() == {"sent": 1}


@pytest.mark.parametrize(
    ("verb", "body", "status"),
    [
        ("pay", {"order_id": "nobody"}, 404),
        ("pay", {}, 400),
        ("deny", {"order_id": 7}, 400),
        ("forge", {"order_id": "ORD-1-A1", "changes": 7}, 400),
        ("vanish", {"order_id": "ORD-1-A1"}, 404),
    ],
)
def test_a_control_call_that_names_nothing_is_refused(
    world: World, verb: str, body: Json, status: int
) -> None:
    world.charge()
    assert world.client.post(f"/_sim/midtrans/{verb}", json=body).status_code == status


def test_a_person_plays_everybody_on_pages(world: World) -> None:
    transaction_id = world.charge()["transaction_id"]
    world.open_page("dana", transaction_details={"order_id": "ORD-2", "gross_amount": 5_000})
    index = world.client.get("/midtrans/").text
    assert transaction_id in index
    assert "ORD-2" in index
    assert "/midtrans/" in world.client.get("/").text
    one = f"/midtrans/{transaction_id}"
    expected = [("forge", "pending"), ("lie", "pending"), ("pay", "settlement")]
    expected += [("again", "settlement"), ("resend", "settlement")]
    for verb, status in expected:
        assert world.client.post(f"{one}/{verb}").headers["location"].startswith("/midtrans/")
        assert status in world.client.get(one).text
    world.pass_time()
    assert "delivered, tried 1 times" in world.client.get(one).text
    # A virtual account gives nothing back, so no button says so.
    assert f"{one}/refund" not in world.client.get(one).text
    assert world.client.post(f"{one}/refund").status_code == 400
    assert world.client.post(f"{one}/vanish").status_code == 404
    assert world.client.get("/midtrans/nobody").status_code == 400


def test_it_plays_midtrans_only_where_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XENDIT_SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("XENDIT_CALLBACK_TOKENS", TOKEN)
    monkeypatch.setenv("MIDTRANS_SERVER_KEYS", f"{SERVER_KEY},older")
    told = ["--data", "unused", "--webhook-url", "http://127.0.0.1:1/"]
    assert parse(told).midtrans is None
    told += ["--midtrans-webhook-url", "http://127.0.0.1:1/"]
    midtrans = parse(told).midtrans
    assert midtrans is not None
    assert (midtrans.server_key, SERVER_KEY in repr(midtrans)) == (SERVER_KEY, False)
    monkeypatch.setenv("MIDTRANS_SERVER_KEYS", "Mid-server-live")
    with pytest.raises(SystemExit, match="MIDTRANS_SERVER_KEYS is a live key"):
        parse(told)
