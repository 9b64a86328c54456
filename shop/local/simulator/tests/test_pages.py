"""What a person clicks: the list, the search and the payer's page."""

import re

import httpx
import pytest

from shop.local.simulator.errors import Json
from shop.local.simulator.tests.conftest import World

RETURN_URLS = {
    "success_return_url": "http://127.0.0.1:8000/pay/t/?from=gateway",
    "failure_return_url": "http://127.0.0.1:8000/pay/t/?failed",
    "cancel_return_url": "https://shop.example/cart/",
}


def create_dana(world: World, **urls: str) -> str:
    return str(world.create("DANA", channel_properties=urls)["payment_request_id"])


def press(world: World, request_id: str, button: str) -> str:
    response = world.client.post(f"/checkout/{request_id}/{button}")
    assert response.status_code == 303
    return response.headers["location"]


def buttons(world: World, request_id: str) -> list[str]:
    """The payer's; what a gateway can do besides stands below them."""
    page = world.client.get(f"/checkout/{request_id}").text
    [payer] = re.findall('<div class="buttons">(.*?)</div>', page, re.DOTALL)
    return re.findall(r"<button[^>]*>([^<]+)</button>", payer)


def status_of(world: World, request_id: str) -> str:
    return str(world.request(request_id)["status"])


def test_the_list_shows_what_is_open_and_what_is_over_newest_first(world: World) -> None:
    world.create("OVO", reference_id="first")
    world.create("DANA", reference_id="paid")
    world.create("BCA_VIRTUAL_ACCOUNT", reference_id="last")
    world.control("pay", reference_id="paid")
    opened, over = world.client.get("/").text.split("<h2>Over</h2>")
    assert re.findall(r"<small>(\w+) ·", opened) == ["last", "first"]
    assert re.findall(r"<small>(\w+) · (\w+)", over) == [("paid", "paid")]


def test_an_empty_list_says_what_to_do(world: World) -> None:
    assert "Place an order in the shop" in world.client.get("/").text


@pytest.mark.parametrize("spaced", [False, True])
def test_a_virtual_account_is_found_by_its_number(world: World, *, spaced: bool) -> None:
    created = world.create("BCA_VIRTUAL_ACCOUNT")
    world.create("BCA_VIRTUAL_ACCOUNT", reference_id="another")
    number = created["actions"][0]["value"]
    wanted = f"{number[:4]} {number[4:8]} {number[8:]}" if spaced else number
    page = world.client.get("/", params={"q": wanted}).text
    assert re.findall(r'href="/checkout/([^"]+)"', page) == [created["payment_request_id"]]


def test_the_search_knows_references_and_ids_and_admits_defeat(world: World) -> None:
    request_id = world.create("DANA")["payment_request_id"]
    for wanted in ("ORD-1-A1", request_id):
        page = world.client.get("/", params={"q": wanted}).text
        assert f"/checkout/{request_id}" in page
    assert "Nothing found." in world.client.get("/", params={"q": "?"}).text


def test_the_payers_page_shows_amount_and_channel(world: World) -> None:
    created = world.create("BCA_VIRTUAL_ACCOUNT")
    page = world.client.get(f"/checkout/{created['payment_request_id']}").text
    assert "<h1>Rp149.000</h1>" in page
    assert "BCA virtual account" in page
    assert "2026-11-22 04:00:00 UTC" in page
    assert buttons(world, created["payment_request_id"]) == [
        "Approve",
        "Decline",
        "Let expire",
        "Close",
    ]


def test_approve_pays_and_goes_back_to_the_shop_before_the_webhook_is_answered(
    world: World,
) -> None:
    world.shop.may_answer.clear()
    request_id = create_dana(world, **RETURN_URLS)
    assert press(world, request_id, "approve") == RETURN_URLS["success_return_url"]
    assert status_of(world, request_id) == "SUCCEEDED"
    [webhook] = world.shop.wait_for(1)
    assert webhook.body["event"] == "payment.capture"
    world.shop.may_answer.set()


def test_a_second_click_pays_once_and_goes_the_same_way(world: World) -> None:
    request_id = create_dana(world, **RETURN_URLS)
    assert press(world, request_id, "approve") == press(world, request_id, "approve")
    assert press(world, request_id, "decline") == f"/checkout/{request_id}"
    world.shop.wait_for(1)
    assert len(world.deliveries()) == 1


def test_decline_fails_the_request(world: World) -> None:
    request_id = create_dana(world, **RETURN_URLS)
    assert press(world, request_id, "decline") == RETURN_URLS["failure_return_url"]
    after = world.request(request_id)
    assert (after["status"], after["failure_code"]) == ("FAILED", "USER_DECLINED_PAYMENT")


def test_close_decides_nothing(world: World) -> None:
    request_id = create_dana(world, **RETURN_URLS)
    assert press(world, request_id, "close") == RETURN_URLS["cancel_return_url"]
    assert status_of(world, request_id) == "REQUIRES_ACTION"
    other = create_dana(world, success_return_url=RETURN_URLS["success_return_url"])
    assert press(world, other, "close") == "/"


def test_let_expire_expires_and_stays_on_the_page(world: World) -> None:
    request_id = create_dana(world, **RETURN_URLS)
    assert press(world, request_id, "expire") == f"/checkout/{request_id}"
    assert status_of(world, request_id) == "EXPIRED"
    assert buttons(world, request_id) == ["Pay late"]


def test_late_and_second_money_can_be_clicked_too(world: World) -> None:
    request_id = create_dana(world, **RETURN_URLS)
    press(world, request_id, "expire")
    assert press(world, request_id, "pay-anyway") == f"/checkout/{request_id}"
    assert status_of(world, request_id) == "EXPIRED"
    other = create_dana(world, **RETURN_URLS)
    press(world, other, "approve")
    assert buttons(world, other) == ["Pay a second time"]
    press(world, other, "pay-anyway")
    events = [each["event"] for each in world.deliveries()]
    assert events.count("payment.capture") == 3


@pytest.mark.parametrize("channel", ["OVO", "BCA_VIRTUAL_ACCOUNT", "QRIS"])
def test_who_pays_in_an_app_stays_on_the_page(world: World, channel: str) -> None:
    request_id = world.create(channel)["payment_request_id"]
    assert press(world, request_id, "approve") == f"/checkout/{request_id}"
    assert status_of(world, request_id) == "SUCCEEDED"


def test_the_page_tells_what_became_of_the_webhooks(world: World) -> None:
    world.shop.status = 500
    request_id = create_dana(world, **RETURN_URLS)
    press(world, request_id, "approve")
    world.shop.wait_for(1)
    world.deliveries()
    page = world.client.get(f"/checkout/{request_id}").text
    assert "waiting · 1 try · last: answered 500 · next 2026-11-22 03:15:00 UTC" in page


def policy(response: httpx.Response) -> dict[str, str]:
    parts = response.headers["content-security-policy"].split("; ")
    return dict(part.split(" ", 1) for part in parts)


def test_the_policy_allows_nothing_but_the_style_sheet_and_the_way_back(world: World) -> None:
    strict = {
        "default-src": "'none'",
        "style-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert policy(world.client.get("/")) == strict
    request_id = create_dana(world, **RETURN_URLS)
    assert policy(world.client.get(f"/checkout/{request_id}")) == strict | {
        "form-action": "'self' http://127.0.0.1:8000 https://shop.example"
    }
    style = world.client.get("/static/simulator.css")
    assert style.headers["content-type"] == "text/css; charset=utf-8"


def test_what_the_shop_sent_is_never_markup(world: World) -> None:
    evil = '"><script>alert(1)</script>'
    properties: Json = {"expires_at": "2026-11-22T04:00:00Z", "display_name": evil}
    created = world.create("BCA_VIRTUAL_ACCOUNT", reference_id=evil, channel_properties=properties)
    pages = ("/", f"/?q={evil}", f"/checkout/{created['payment_request_id']}", f"/{evil}")
    for path in pages:
        assert "<script" not in world.client.get(path).text


def test_another_web_site_cannot_press_the_buttons(world: World) -> None:
    request_id = create_dana(world, **RETURN_URLS)
    elsewhere = {"sec-fetch-site": "cross-site"}
    for path in (f"/checkout/{request_id}/approve", "/_sim/pay"):
        assert world.client.post(path, headers=elsewhere).status_code == 403
    assert status_of(world, request_id) == "REQUIRES_ACTION"


def test_an_unknown_page_is_a_page(world: World) -> None:
    for path in ("/checkout/pr-1", "/nowhere"):
        response = world.client.get(path)
        assert (response.status_code, response.headers["content-type"]) == (
            404,
            "text/html; charset=utf-8",
        )
        assert '<a href="/">All payment requests</a>' in response.text
