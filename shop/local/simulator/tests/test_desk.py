"""What a person can do by hand: everything that a control call can."""

import re
from html import unescape
from html.parser import HTMLParser

import httpx
import pytest

from shop.local.simulator.errors import Json
from shop.local.simulator.tests.conftest import World
from shop.local.simulator.tests.test_sessions import SESSION

DESK = ("/", "/desk/refunds", "/desk/money", "/desk/webhooks", "/desk/trouble")


class Forms(HTMLParser):
    """Every form of a page with what it would send if nobody touched it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method") == "post":
            self.found.append((given["action"], {}))
        elif tag == "input" and self.found and given.get("name"):
            self._take_input(given)
        elif tag in ("select", "textarea"):
            self._select = given["name"]
            self.found[-1][1][self._select] = ""
        elif tag == "option" and ("selected" in given or not self.found[-1][1][self._select]):
            self.found[-1][1][self._select] = given["value"]

    def _take_input(self, given: dict[str, str]) -> None:
        is_choice = given.get("type") in ("checkbox", "radio")
        if not is_choice or "checked" in given:
            self.found[-1][1][given["name"]] = given.get("value", "")


def forms(world: World, path: str) -> list[tuple[str, dict[str, str]]]:
    response = world.client.get(path)
    assert response.status_code == 200, response.text
    return Forms(response.text).found


def do(world: World, call: str, **fields: str) -> httpx.Response:
    return world.client.post(f"/do/{call}", data={"back": "/desk/money"} | fields)


def done(world: World, call: str, **fields: str) -> None:
    response = do(world, call, **fields)
    assert (response.status_code, response.headers["location"]) == (303, "/desk/money")


def paid(world: World, channel: str = "DANA") -> str:
    request_id = str(world.create(channel)["payment_request_id"])
    world.control("pay", payment_request_id=request_id)
    return request_id


def start_session(world: World) -> str:
    return str(world.client.post("/sessions", json=SESSION).json()["payment_session_id"])


def test_every_form_of_every_page_is_a_call_that_exists(world: World) -> None:
    request_id, session_id = paid(world), start_session(world)
    open_id = world.create("OVO", reference_id="B")["payment_request_id"]
    world.control("refunds/create", payment_request_id=request_id, amount=1_000)
    world.control("faults", on="create", mode="slow")
    own = (f"/checkout/{request_id}", f"/checkout/{open_id}", f"/session/{session_id}")
    seen = set()
    for path in (*DESK, *own):
        for action, fields in forms(world, path):
            response = world.client.post(action, data=fields)
            assert response.status_code in (303, 400), (path, action, response.text)
            seen.add(action.split("/do/")[-1])
    assert seen >= {
        *("pay", "fail", "expire", "resend", "refunds/settle", "refunds/create"),
        *("transactions/settle", "transactions/charge-back", "transactions/reverse"),
        *("transactions/withdraw", "transactions/add", "webhooks/forge", "sessions/expire"),
        *("faults", "faults/clear", "chaos", "settings", "clock"),
    }


def test_the_payer_may_pay_less_fail_silently_or_pay_late(world: World) -> None:
    request_id = world.create("DANA")["payment_request_id"]
    done(world, "pay", payment_request_id=request_id, amount="100000")
    [payment] = world.client.get(f"/v3/payments?payment_request_id={request_id}").json()["data"]
    assert payment["captures"][0]["capture_amount"] == 100_000
    other = world.create("DANA", reference_id="B")["payment_request_id"]
    done(world, "fail", payment_request_id=other, failure_code="TIMEOUT_ERROR", silent="on")
    assert world.request(other)["failure_code"] == "TIMEOUT_ERROR"
    done(world, "pay", payment_request_id=other, amount="1", force_late="on")
    assert world.request(other)["status"] == "FAILED"
    assert [each["event"] for each in world.deliveries()] == ["payment.capture"] * 2


def test_refunds_are_settled_where_they_are_listed(world: World) -> None:
    request_id = paid(world)
    made = world.control("refunds/create", payment_request_id=request_id, amount=7_000)
    for path in ("/desk/refunds", f"/checkout/{request_id}"):
        page = world.client.get(path).text
        assert "Rp7.000" in page
        assert "It fails" in page
    done(world, "refunds/settle", refund_id=made["id"], outcome="failed", failure_code="X")
    page = world.client.get("/desk/refunds").text
    assert "failed · made in the dashboard · X" in unescape(page)
    assert "It fails" not in page


def test_the_books_are_kept_by_hand(world: World) -> None:
    paid(world)
    done(world, "transactions/settle", all="on")
    page = world.client.get("/desk/money").text
    assert "Balance <strong>Rp146.519</strong>" in page
    assert "settlement settled · fee Rp2.481, net Rp146.519" in page
    assert "Reverse" in page
    done(world, "transactions/withdraw", amount="46519")
    done(world, "transactions/add", type="ADJUSTMENT_DEDUCT", amount="150000", reference_id="x")
    assert "Balance <strong>−Rp50.000</strong>" in world.client.get("/desk/money").text


def test_webhooks_are_listed_with_their_tries_and_sent_again(world: World) -> None:
    world.shop.status = 500
    request_id = paid(world)
    world.deliveries()
    world.pass_time(minutes=15)
    page = world.client.get("/desk/webhooks").text
    assert "waiting · 2 tries · last: answered 500 · next 2026-11-22 04:00:00 UTC" in page
    assert "<li>2026-11-22 03:15:00 UTC: answered 500</li>" in page
    assert f'<a href="/checkout/{request_id}">' in page
    [first] = world.deliveries()
    done(world, "resend", webhook_id=first["webhook_id"], same_id="on")
    done(world, "resend", webhook_id=first["webhook_id"])
    ids = [each["webhook_id"] for each in world.deliveries()]
    assert (ids[1], ids[0] == ids[1]) == (first["webhook_id"], False)


def test_trouble_is_armed_and_cleared(world: World) -> None:
    done(world, "faults", on="create", mode="error_after", seconds="", calls="", probability="")
    done(world, "faults", on="webhook", mode="drop", event="", probability="0.5", calls="")
    done(world, "chaos", seed="42", intensity="0.3")
    page = world.client.get("/desk/trouble").text
    assert "500, but it was done · 1 left" in page
    assert "is lost · probability 0.5" in page
    assert "Seed 42, intensity 0.3." in page
    done(world, "faults/clear")
    done(world, "chaos", off="on")
    page = world.client.get("/desk/trouble").text
    assert "Nothing: all goes well." in page
    assert "Make chaos" in page


def test_the_clock_is_moved_where_it_is_shown(world: World) -> None:
    done(world, "clock", days="1", hours="1.5")
    assert "2026-11-23 04:30:00 UTC." in world.client.get("/desk/trouble").text
    done(world, "clock", stop="on")
    assert "2026-11-23 04:30:00 UTC, stopped." in world.client.get("/desk/trouble").text
    done(world, "clock", stop="off")
    assert "Stop it" in world.client.get("/desk/trouble").text


def test_the_switches_keep_what_was_not_touched(world: World) -> None:
    before: Json = world.client.get("/_sim/settings").json()
    [(_, fields)] = [each for each in forms(world, "/desk/trouble") if each[0] == "/do/settings"]
    world.client.post("/do/settings", data=fields)
    assert world.client.get("/_sim/settings").json() == before
    changed = {"balance": "50000", "settlement_delay": "5", "no_refunds": "DANA, QRIS"}
    world.client.post("/do/settings", data=fields | changed)
    after = world.client.get("/_sim/settings").json()
    assert after == before | {
        "balance": 50_000,
        "settlement_delay": 5,
        "no_refunds": ["DANA", "QRIS"],
    }


def test_a_card_is_tried_until_one_is_good(world: World) -> None:
    session_id = start_session(world)
    assert f'href="/session/{session_id}"' in world.client.get("/").text
    page, pay = f"/session/{session_id}", f"/session/{session_id}/pay"
    assert world.client.post(pay, data={"outcome": "declined"}).headers["location"] == page
    assert world.client.post(pay, data={}).status_code == 400
    assert "CARD_DECLINED" not in world.client.get(page).text
    good = world.client.post(pay, data={"outcome": "approved"})
    assert good.headers["location"] == "https://shop.example/paid"
    # A second click pays once.
    again = world.client.post(pay, data={"outcome": "approved"})
    assert again.headers["location"] == "https://shop.example/paid"
    events = [each["event"] for each in world.deliveries()]
    assert events.count("payment.capture") == 1
    shown = world.client.get(page)
    assert re.findall(r"<small>ORD-1-A1 · (\w+)", shown.text) == ["paid", "failed"]
    assert "https://shop.example" in shown.headers["content-security-policy"]


def test_who_leaves_a_session_has_decided_nothing(world: World) -> None:
    session_id = start_session(world)
    left = world.client.post(f"/session/{session_id}/leave")
    assert left.headers["location"] == SESSION["cancel_return_url"]
    assert world.client.get(f"/sessions/{session_id}").json()["status"] == "ACTIVE"


def test_a_session_is_found_by_reference_and_id(world: World) -> None:
    session_id = start_session(world)
    for wanted in ("ORD-1-A1", session_id):
        assert f"/session/{session_id}" in world.client.get("/", params={"q": wanted}).text


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example", "desk"])
def test_a_form_never_leads_elsewhere(world: World, back: str) -> None:
    response = do(world, "faults/clear", back=back)
    assert (response.status_code, response.headers["location"]) == (303, "/")


def test_a_call_that_fails_says_why_on_a_page(world: World) -> None:
    request_id = paid(world)
    for call, fields in (
        ("pay", {"payment_request_id": request_id}),
        ("pay", {"payment_request_id": request_id, "amount": "much"}),
        ("faults", {"on": "create", "mode": "drop"}),
    ):
        response = do(world, call, **fields)
        assert response.status_code == 400
        assert "<h1>That did not work</h1>" in response.text
    assert do(world, "nothing").status_code == 404
    elsewhere = world.client.post("/do/faults/clear", headers={"sec-fetch-site": "cross-site"})
    assert elsewhere.status_code == 403


def test_what_was_sent_is_never_markup_on_the_desk_either(world: World) -> None:
    evil = '"><script>alert(1)</script>'
    request_id = str(world.create("DANA", reference_id=evil)["payment_request_id"])
    world.control("pay", payment_request_id=request_id)
    body = {"payment_request_id": request_id, "reason": "OTHERS", "reference_id": evil}
    refund = world.client.post("/refunds", json=body).json()
    world.control("refunds/settle", refund_id=refund["id"], outcome="failed", failure_code=evil)
    world.control("webhooks/forge", raw=evil, event=evil, webhook_id=evil.replace(" ", ""))
    world.control("faults", on="webhook", mode="drop", event=evil)
    world.control("settings", no_refunds=[evil])
    session = world.client.post("/sessions", json=SESSION | {"description": evil}).json()
    own = (f"/checkout/{request_id}", f"/session/{session['payment_session_id']}")
    for path in (*DESK, *own):
        response = world.client.get(path)
        assert response.status_code == 200
        assert "<script" not in response.text
