"""The client against a gateway on a bad day: it answers in time, and never claims too much."""

import json
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from payments.gateways.base import (
    Ambiguous,
    Missing,
    Refused,
    RemotePayment,
    RemoteState,
    Unavailable,
)
from payments.gateways.xendit import Xendit
from payments.tests.gateway_builders import make_request, make_xendit
from shop.core.breaker import Breaker
from shop.core.money import Money
from shop.core.tests.misbehaving import (
    Behaviour,
    answers,
    cuts_off,
    hangs,
    hangs_up,
    misbehaving,
    never_ends,
    speaks_no_http,
    trickles_body,
    trickles_head,
)

Json = dict[str, Any]
Operation = Callable[[Xendit, float], object]


def create(xendit: Xendit, timeout: float = 5) -> object:
    return xendit.create(make_request(reference="R1"), timeout=timeout)


def find(xendit: Xendit, timeout: float = 5) -> object:
    return xendit.find("R1", timeout=timeout)


def fetch(xendit: Xendit, timeout: float = 5) -> object:
    return xendit.fetch("pr-1", timeout=timeout)


def cancel(xendit: Xendit, timeout: float = 5) -> object:
    return xendit.cancel("pr-1", timeout=timeout)


EVERY = pytest.mark.parametrize("operation", [create, find, fetch, cancel])


def request_document(**changes: object) -> Json:
    document = {"payment_request_id": "pr-1", "reference_id": "R1", "status": "REQUIRES_ACTION"}
    return document | changes


def payment_document(**changes: object) -> Json:
    document: Json = {"payment_id": "py-1", "payment_request_id": "pr-1", "status": "SUCCEEDED"}
    document |= {"currency": "IDR", "captures": [capture_document()]}
    return document | changes


def capture_document(**changes: object) -> Json:
    document = {"capture_id": "cap-1", "capture_amount": 149_000}
    return document | {"capture_timestamp": "2025-02-09T06:50:18.927Z"} | changes


def outcome(operation: Operation, *behaviours: Behaviour, timeout: float = 5) -> object:
    with misbehaving(*behaviours) as server, make_xendit(server.url) as xendit:
        return operation(xendit, timeout)


# Seconds. The slow servers never end by themselves, so a busy machine may take its time.
LIMIT = 0.3
MUCH_LONGER = 3.0


# --- time ----------------------------------------------------------------------------------------
@EVERY
@pytest.mark.parametrize("slowness", [hangs, trickles_head, trickles_body])
def test_a_slow_gateway_is_left_when_the_time_is_up(
    operation: Operation, slowness: Behaviour
) -> None:
    with misbehaving(slowness) as server, make_xendit(server.url) as xendit:
        began = time.monotonic()
        assert operation(xendit, LIMIT) == Ambiguous("ReadTimeout")
        assert LIMIT <= time.monotonic() - began < MUCH_LONGER
        assert len(server.requests) == 1


def test_the_money_is_read_within_the_same_limit_and_the_request_is_not_lost() -> None:
    paid = answers(201, request_document(status="SUCCEEDED", latest_payment_id="py-1"))
    with misbehaving(paid, hangs) as server, make_xendit(server.url) as xendit:
        began = time.monotonic()
        assert create(xendit, LIMIT) == RemotePayment("pr-1", "R1", RemoteState.OTHER)
        assert time.monotonic() - began < MUCH_LONGER


@EVERY
def test_without_time_nothing_is_sent(operation: Operation) -> None:
    with misbehaving(hangs) as server, make_xendit(server.url) as xendit:
        assert operation(xendit, 0) == Unavailable("no time left")
        assert server.requests == []


def test_a_name_server_that_does_not_answer_is_left_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answered = threading.Event()

    def getaddrinfo(*_: object, **__: object) -> list[object]:
        answered.wait()
        return []

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with make_xendit("http://gateway.test") as xendit:
        began = time.monotonic()
        assert create(xendit, LIMIT) == Unavailable("ConnectTimeout")
        assert LIMIT <= time.monotonic() - began < MUCH_LONGER
    answered.set()


# --- nothing arrived -----------------------------------------------------------------------------
@EVERY
def test_a_refused_connection_certainly_did_nothing(operation: Operation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with make_xendit(f"http://127.0.0.1:{port}") as xendit:
        assert operation(xendit, 5) == Unavailable("ConnectError")


def test_a_name_that_does_not_exist_certainly_did_nothing() -> None:
    with make_xendit(f"http://{'a' * 64}.test") as xendit:
        assert create(xendit) == Unavailable("ConnectError")


def test_an_address_that_refuses_leaves_the_next_one_its_chance(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
        hosts = ["127.0.0.2", "127.0.0.1"] if host == "gateway.test" else [host]
        return [found for each in hosts for found in real(each, port, *args, **kwargs)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with (
        misbehaving(answers(200, request_document())) as server,
        make_xendit(f"http://gateway.test:{server.port}") as xendit,
    ):
        assert fetch(xendit) == RemotePayment("pr-1", "R1", RemoteState.PENDING)


# --- it may have happened ------------------------------------------------------------------------
@pytest.mark.parametrize("operation", [create, cancel])
@pytest.mark.parametrize(
    ("behaviour", "cause"),
    [
        (hangs_up, "RemoteProtocolError"),
        (cuts_off, "RemoteProtocolError"),
        (speaks_no_http, "RemoteProtocolError"),
        (never_ends, "DecodingError"),
        (answers(500, {"error_code": "SERVER_ERROR"}), "SERVER_ERROR"),
        (answers(503, {"error_code": "CHANNEL_UNAVAILABLE"}), "CHANNEL_UNAVAILABLE"),
        (answers(503, b"<h1>Bad gateway</h1>"), "http_503"),
        (answers(408, b""), "http_408"),
        (answers(302, b"", {"Location": "http://127.0.0.1:9/"}), "http_302"),
        (answers(200, b"<html>"), "unreadable answer"),
        (answers(200, b'{"payment_request_id": "pr-1"'), "unreadable answer"),
        (answers(200, []), "unreadable answer"),
        (answers(200, {}), "unexpected answer"),
        (answers(200, request_document(status=7)), "unexpected answer"),
        (answers(200, request_document(payment_request_id="a/b")), "unexpected answer"),
    ],
)
def test_a_write_without_a_clear_answer_is_ambiguous_and_never_repeated(
    operation: Operation, behaviour: Behaviour, cause: str
) -> None:
    with misbehaving(behaviour) as server, make_xendit(server.url) as xendit:
        assert operation(xendit, 5) == Ambiguous(cause)
        assert len(server.requests) == 1


def test_a_reference_that_is_taken_means_an_earlier_call_arrived() -> None:
    body = {"error_code": "DATA_NOT_FOUND", "message": "duplicate"}
    assert outcome(create, answers(409, body)) == Ambiguous("duplicate")


def test_the_answer_to_another_request_is_not_ours() -> None:
    assert outcome(create, answers(201, request_document(reference_id="R2"))) == Ambiguous(
        "unexpected answer"
    )
    assert outcome(fetch, answers(200, request_document(payment_request_id="pr-2"))) == Ambiguous(
        "unexpected answer"
    )


# --- refusals ------------------------------------------------------------------------------------
def test_a_refusal_carries_code_and_message() -> None:
    body = {"error_code": "ACCOUNT_ACCESS_BLOCKED", "message": "No."}
    assert outcome(create, answers(403, body)) == Refused("ACCOUNT_ACCESS_BLOCKED", "No.")


def test_a_refusal_without_a_readable_body_is_still_a_refusal() -> None:
    assert outcome(create, answers(403, b"<html>")) == Refused("http_403")


def test_a_cancellation_that_may_work_later_is_no_refusal() -> None:
    body = {"error_code": "TEMPORARILY_UNAVAILABLE"}
    assert outcome(cancel, answers(400, body)) == Unavailable("TEMPORARILY_UNAVAILABLE")


@pytest.mark.parametrize("operation", [find, fetch, cancel])
def test_only_the_gateway_itself_can_say_that_something_is_missing(operation: Operation) -> None:
    unknown = answers(404, {"error_code": "DATA_NOT_FOUND"})
    assert outcome(operation, unknown) == Missing()
    assert outcome(operation, answers(404, b"<html>")) == Ambiguous("http_404")


# --- reads ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("first", [hangs_up, cuts_off])
def test_a_read_that_is_cut_off_is_repeated_once(first: Behaviour) -> None:
    good = answers(200, request_document())
    with misbehaving(first, good) as server, make_xendit(server.url) as xendit:
        assert fetch(xendit) == RemotePayment("pr-1", "R1", RemoteState.PENDING)
        assert len(server.requests) == 2
    with misbehaving(first, first, good) as server, make_xendit(server.url) as xendit:
        assert fetch(xendit) == Ambiguous("RemoteProtocolError")
        assert len(server.requests) == 2


@pytest.mark.parametrize(
    "listed",
    [
        {"data": [request_document(reference_id="R2")]},
        {"data": [], "has_more": True},
    ],
)
def test_a_list_that_ignores_the_reference_proves_nothing(listed: Json) -> None:
    assert outcome(find, answers(200, listed)) == Ambiguous("look-up not filtered")


def test_ours_is_picked_from_a_list_of_others() -> None:
    listed = {"data": [request_document(reference_id="R2"), request_document()]}
    assert outcome(find, answers(200, listed)) == RemotePayment("pr-1", "R1", RemoteState.PENDING)


@pytest.mark.parametrize("listed", [{}, {"data": None}, {"data": ["pr-1"]}])
def test_a_list_of_another_shape_proves_nothing(listed: Json) -> None:
    assert outcome(find, answers(200, listed)) == Ambiguous("unexpected answer")


def test_an_unknown_status_means_ask_again() -> None:
    assert outcome(fetch, answers(200, request_document(status="HELD"))) == RemotePayment(
        "pr-1", "R1", RemoteState.OTHER
    )


def test_unknown_fields_are_ignored_and_broken_actions_left_out() -> None:
    good = {"type": "REDIRECT_CUSTOMER", "descriptor": "WEB_URL", "value": "https://pay.example/"}
    actions = [good | {"new": 1}, "x", None, {"type": "REDIRECT_CUSTOMER"}, good | {"value": 7}]
    remote = outcome(fetch, answers(200, request_document(actions=actions, surprise={})))
    assert remote == RemotePayment("pr-1", "R1", RemoteState.PENDING, actions=[good])


# --- money ---------------------------------------------------------------------------------------
def with_payment(payment: object, *, request_status: str = "SUCCEEDED") -> RemotePayment:
    document = request_document(status=request_status, latest_payment_id="py-1")
    remote = outcome(fetch, answers(200, document), answers(200, payment))
    assert isinstance(remote, RemotePayment)
    return remote


@pytest.mark.parametrize("amount", [149_000, 149_000.0, "149000", "149000.00"])
def test_an_amount_is_read_as_number_or_text(amount: object) -> None:
    remote = with_payment(payment_document(captures=[capture_document(capture_amount=amount)]))
    assert remote.state == RemoteState.SUCCEEDED
    assert [capture.amount for capture in remote.captures] == [Money(149_000, "IDR")]
    assert remote.captures[0].captured_at.isoformat() == "2025-02-09T06:50:18.927000+00:00"


def test_every_capture_counts_and_keeps_its_currency() -> None:
    captures = [capture_document(), capture_document(capture_id="cap-2", capture_amount=1.5)]
    remote = with_payment(payment_document(captures=captures, currency="USD"))
    assert [(each.capture_id, each.amount) for each in remote.captures] == [
        ("cap-1", Money(14_900_000, "USD")),
        ("cap-2", Money(150, "USD")),
    ]


@pytest.mark.parametrize("request_status", ["SUCCEEDED", "EXPIRED", "REQUIRES_ACTION"])
@pytest.mark.parametrize(
    "payment",
    [
        payment_document(captures=[]),
        payment_document(captures=None),
        payment_document(captures="149000"),
        payment_document(captures=["cap-1"]),
        payment_document(captures=[capture_document(capture_id=None)]),
        payment_document(captures=[capture_document(capture_amount=None)]),
        payment_document(captures=[capture_document(capture_amount=149_000.5)]),
        payment_document(captures=[capture_document(capture_amount=-149_000)]),
        payment_document(captures=[capture_document(capture_amount="1e30")]),
        payment_document(captures=[capture_document(capture_amount=float("nan"))]),
        payment_document(currency="XXX"),
        payment_document(currency=["IDR"]),
        payment_document(status="FAILED"),
        payment_document(payment_id="py-2"),
        payment_document(payment_request_id="pr-2"),
        {},
        [],
    ],
)
def test_a_payment_that_does_not_add_up_decides_nothing(
    payment: object, request_status: str
) -> None:
    remote = with_payment(payment, request_status=request_status)
    assert (remote.state, remote.captures) == (RemoteState.OTHER, [])


@pytest.mark.parametrize("status", [404, 429, 500])
def test_a_payment_that_cannot_be_read_now_decides_nothing(status: int) -> None:
    document = request_document(status="EXPIRED", latest_payment_id="py-1")
    remote = outcome(fetch, answers(200, document), answers(status, {"error_code": "X"}))
    assert remote == RemotePayment("pr-1", "R1", RemoteState.OTHER)


@pytest.mark.parametrize("payment_id", [None, "", 7, "../payment_requests"])
def test_a_success_that_names_no_payment_decides_nothing(payment_id: object) -> None:
    document = request_document(status="SUCCEEDED", latest_payment_id=payment_id)
    assert outcome(fetch, answers(200, document)) == RemotePayment("pr-1", "R1", RemoteState.OTHER)


def test_money_without_a_time_arrived_now() -> None:
    captures = [capture_document(capture_timestamp="yesterday")]
    (capture,) = with_payment(payment_document(captures=captures)).captures
    assert capture.amount == Money(149_000, "IDR")
    assert abs(capture.captured_at.timestamp() - time.time()) < 30


# --- what is sent --------------------------------------------------------------------------------
def test_a_create_call_bears_key_version_and_reference() -> None:
    created = answers(201, request_document())
    with misbehaving(created) as server, make_xendit(server.url) as xendit:
        create(xendit)
        head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().lower().splitlines()
    assert lines[0] == "post /v3/payment_requests http/1.1"
    assert "api-version: 2024-11-11" in lines
    assert "idempotency-key: r1" in lines
    assert "content-type: application/json" in lines
    assert b"Authorization: Basic eG5kX2RldmVsb3BtZW50X3Rlc3Q6" in head
    assert json.loads(body)["reference_id"] == "R1"


# --- breaker -------------------------------------------------------------------------------------
def test_after_three_failures_the_gateway_is_spared() -> None:
    with (
        misbehaving(answers(500, {})) as server,
        make_xendit(server.url, breaker=Breaker(clock=lambda: 0.0)) as xendit,
    ):
        assert [fetch(xendit) for _ in range(3)] == [Ambiguous("http_500")] * 3
        for operation in (create, find, fetch, cancel):
            assert operation(xendit) == Unavailable("breaker open", 5.0)
        assert len(server.requests) == 3


@pytest.mark.parametrize(
    "answer",
    [
        answers(400, {"error_code": "API_VALIDATION_ERROR"}),
        answers(409, {}),
        answers(503, {"error_code": "CHANNEL_UNAVAILABLE"}),
    ],
)
def test_refusals_and_a_channel_that_is_down_leave_the_others_on_sale(answer: Behaviour) -> None:
    with misbehaving(answer) as server, make_xendit(server.url) as xendit:
        for _ in range(7):
            create(xendit)
        assert len(server.requests) == 7
