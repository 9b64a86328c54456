"""The simulator is as strict as the APIs it plays: a client that passes here is well-formed."""

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest

from shop.local.couriers.parcels import Parcels, Receiver
from shop.local.couriers.server import Config, CourierSimulator

KEY = "biteship_test.secret"
RATES = "/v1/rates/couriers"
SEARCH = "/api/v1/destination/domestic-destination"
COST = "/api/v1/calculate/domestic-cost"
TRACK = "/api/v1/track/waybill"
MOVE = "/_sim/parcels"
PARCEL = {"name": "Paket", "value": 100_000, "weight": 1300, "quantity": 1}
ASKED: dict[str, Any] = {
    "origin_postal_code": 51122,
    "destination_postal_code": 40132,
    "couriers": "jne,sicepat",
    "items": [PARCEL],
}
FORM = {"origin": "33011", "destination": "4832", "weight": "1301", "courier": "jne:tiki"}


@pytest.fixture(scope="module")
def simulator() -> Iterator[CourierSimulator]:
    running = CourierSimulator(Config("127.0.0.1", 0, KEY))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def ask(simulator: CourierSimulator) -> Any:
    simulator.mode = "well"
    return partial(httpx.request, timeout=5, trust_env=False)


def test_biteship_prices_a_parcel(simulator: CourierSimulator, ask: Any) -> None:
    answer = ask("POST", simulator.url + RATES, json=ASKED, headers={"authorization": KEY})
    assert answer.status_code == 200
    assert answer.json()["success"] is True
    prices = {
        (row["courier_code"], row["courier_service_code"]): (row["price"], row["duration"])
        for row in answer.json()["pricing"]
    }
    assert prices == {
        ("jne", "reg"): (9_000, "1 - 2 days"),
        ("jne", "yes"): (17_100, "1 - 1 days"),
        ("sicepat", "reg"): (8_550, "1 - 2 days"),
        ("sicepat", "gokil"): (36_000, "3 - 4 days"),
    }


@pytest.mark.parametrize("key", ["", "wrong", f"Bearer {KEY}"])
def test_biteship_wants_its_key_and_nothing_else(
    simulator: CourierSimulator, ask: Any, key: str
) -> None:
    answer = ask("POST", simulator.url + RATES, json=ASKED, headers={"authorization": key})
    assert (answer.status_code, answer.json()["success"]) == (401, False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin_postal_code": "51122"},
        {"destination_postal_code": None},
        {"destination_postal_code": 49999},
        {"couriers": ""},
        {"items": []},
        {"items": [PARCEL | {"weight": 0}]},
        {"items": [PARCEL | {"weight": 1.5}]},
        {"items": [PARCEL | {"name": ""}]},
        {"items": [PARCEL | {"height": 2000}]},
    ],
)
def test_biteship_refuses_what_it_cannot_read(
    simulator: CourierSimulator, ask: Any, wrong: dict[str, Any]
) -> None:
    headers = {"authorization": KEY}
    answer = ask("POST", simulator.url + RATES, json=ASKED | wrong, headers=headers)
    assert (answer.status_code, answer.json()["success"]) == (400, False)


def test_biteship_takes_no_form(simulator: CourierSimulator, ask: Any) -> None:
    headers = {"authorization": KEY}
    assert ask("POST", simulator.url + RATES, data=FORM, headers=headers).status_code == 400


def test_rajaongkir_finds_areas_and_prices_a_parcel(simulator: CourierSimulator, ask: Any) -> None:
    headers = {"key": KEY}
    found = ask("GET", simulator.url + SEARCH, params={"search": "40132"}, headers=headers)
    assert [area["id"] for area in found.json()["data"]] == [4831, 4832]
    answer = ask("POST", simulator.url + COST, data=FORM, headers=headers)
    assert answer.json()["meta"] == {
        "message": "Success Calculate Domestic Shipping cost",
        "code": 200,
        "status": "success",
    }
    assert [(row["code"], row["service"], row["cost"]) for row in answer.json()["data"]] == [
        ("jne", "REG", 18_000),
        ("tiki", "REG", 19_800),
        ("jne", "YES", 34_200),
    ]


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"origin": "x"}, 404),
        ({"destination": "1"}, 404),
        ({"weight": "0"}, 422),
        ({"weight": "1.5"}, 422),
        ({"courier": ""}, 422),
        ({"price": "cheapest"}, 422),
    ],
)
def test_rajaongkir_refuses_what_it_cannot_read(
    simulator: CourierSimulator, ask: Any, wrong: dict[str, str], status: int
) -> None:
    answer = ask("POST", simulator.url + COST, data=FORM | wrong, headers={"key": KEY})
    assert (answer.status_code, answer.json()["meta"]["status"]) == (status, "error")


def test_rajaongkir_wants_its_key_and_a_form(simulator: CourierSimulator, ask: Any) -> None:
    url = simulator.url + COST
    assert ask("POST", url, data=FORM, headers={"authorization": KEY}).status_code == 401
    assert ask("POST", url, json=FORM, headers={"key": KEY}).status_code == 422


@pytest.mark.parametrize(
    ("mode", "status"),
    [("error", 500), ("garbage", 200), ("busy", 429), ("broke", 400), ("empty", 200)],
)
def test_it_misbehaves_when_told_to(
    simulator: CourierSimulator, ask: Any, mode: str, status: int
) -> None:
    assert ask("POST", simulator.url + "/_sim/mode", json={"mode": mode}).status_code == 200
    answer = ask("POST", simulator.url + RATES, json=ASKED, headers={"authorization": KEY})
    assert answer.status_code == status
    assert b'"price"' not in answer.content


def test_slow_means_never(simulator: CourierSimulator, ask: Any) -> None:
    simulator.mode = "slow"
    with pytest.raises(httpx.ReadTimeout):
        ask("GET", simulator.url + SEARCH, timeout=0.2)


def test_an_unknown_mode_is_refused(simulator: CourierSimulator, ask: Any) -> None:
    assert ask("POST", simulator.url + "/_sim/mode", json={"mode": "sulky"}).status_code == 400
    assert ask("GET", simulator.url + "/_sim/mode").json()["mode"] == "well"


def test_it_counts_every_call_once(simulator: CourierSimulator, ask: Any) -> None:
    before = simulator.asked.get(SEARCH, 0)
    callers = [threading.Thread(target=ask, args=("GET", simulator.url + SEARCH)) for _ in range(5)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert simulator.asked[SEARCH] == before + 5


def test_a_parcel_is_where_somebody_has_moved_it(simulator: CourierSimulator, ask: Any) -> None:
    told = {"courier": "jne", "number": "JP1", "status": "dropping_off"}
    assert ask("POST", simulator.url + MOVE, json=told).json() == {"webhook": None}
    assert ask("POST", simulator.url + MOVE, json=told | {"status": "delivered"}).is_success

    path = f"{simulator.url}/v1/trackings/JP1/couriers/jne"
    answer = ask("GET", path, headers={"authorization": KEY}).json()
    assert (answer["waybill_id"], answer["status"]) == ("JP1", "delivered")
    assert [entry["status"] for entry in answer["history"]] == ["dropping_off", "delivered"]

    params = {"awb": "JP1", "courier": "jne", "last_phone_number": "67890"}
    answer = ask("POST", simulator.url + TRACK, params=params, headers={"key": KEY}).json()
    assert (answer["data"]["delivered"], answer["data"]["summary"]["status"]) == (True, "DELIVERED")
    assert len(answer["data"]["manifest"]) == 2


def test_a_parcel_that_nobody_has_moved_is_unknown(simulator: CourierSimulator, ask: Any) -> None:
    path = f"{simulator.url}/v1/trackings/JP2/couriers/jne"
    assert ask("GET", path, headers={"authorization": KEY}).status_code == 400
    assert ask("GET", path, headers={"authorization": "wrong"}).status_code == 401
    params = {"awb": "JP2", "courier": "sicepat"}
    answer = ask("POST", simulator.url + TRACK, params=params, headers={"key": KEY})
    assert answer.status_code == 404
    params["courier"] = "jne"
    assert (
        ask("POST", simulator.url + TRACK, params=params, headers={"key": KEY}).status_code == 422
    )


@pytest.mark.parametrize("told", [b"", b"[]", b"{}", b'{"courier":"jne","number":"","status":"x"}'])
def test_a_move_says_which_parcel_and_where(
    simulator: CourierSimulator, ask: Any, told: bytes
) -> None:
    assert ask("POST", simulator.url + MOVE, content=told).status_code == 400


def test_whoever_listens_is_told_of_a_move() -> None:
    heard: list[tuple[str | None, Any]] = []

    class Shop(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            heard.append((self.headers["X-Toko"], json.loads(body)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
            """Silenced."""

    shop = HTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=shop.handle_request).start()
    receiver = Receiver(f"http://127.0.0.1:{shop.server_address[1]}/", "X-Toko", "secret")
    told = b'{"courier": "JNE", "number": "jp3", "status": "returned"}'
    assert Parcels(receiver).move(told) == {"webhook": 200}
    shop.server_close()
    [(proof, news)] = heard
    assert proof == "secret"
    assert (news["event"], news["courier_company"]) == ("order.status", "jne")
    assert (news["courier_waybill_id"], news["status"]) == ("JP3", "returned")
