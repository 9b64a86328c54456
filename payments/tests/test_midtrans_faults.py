"""Midtrans on a bad day: two statuses that disagree, and answers that settle nothing."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from payments.gateways.base import (
    Ambiguous,
    Missing,
    RateLimited,
    RefundReason,
    RefundRequest,
    Refused,
    RemotePayment,
    RemoteState,
    Unavailable,
)
from payments.gateways.midtrans import Midtrans
from payments.tests.gateway_builders import make_request
from payments.tests.midtrans_builders import Json, make_midtrans
from shop.core.breaker import Breaker
from shop.core.money import Money
from shop.core.tests.misbehaving import Behaviour, answers, hangs, hangs_up, misbehaving

Operation = Callable[[Midtrans, float], object]


def charge(midtrans: Midtrans, timeout: float = 5) -> object:
    return midtrans.create(make_request("bca_va", reference="R1"), timeout=timeout)


def page(midtrans: Midtrans, timeout: float = 5) -> object:
    return midtrans.create(make_request("dana", reference="R1"), timeout=timeout)


def find(midtrans: Midtrans, timeout: float = 5) -> object:
    return midtrans.find("R1", timeout=timeout)


def fetch(midtrans: Midtrans, timeout: float = 5) -> object:
    return midtrans.fetch("t-1", timeout=timeout)


def cancel(midtrans: Midtrans, timeout: float = 5) -> object:
    return midtrans.cancel("t-1", timeout=timeout)


def refund(midtrans: Midtrans, timeout: float = 5) -> object:
    request = RefundRequest("R1-R1", "t-1", "t-1", Money(1_000, "IDR"), RefundReason.OTHER)
    return midtrans.refund(request, timeout=timeout)


def refunds(midtrans: Midtrans, timeout: float = 5) -> object:
    return midtrans.find_refunds("t-1", timeout=timeout)


EVERY = pytest.mark.parametrize(
    "operation", [charge, page, find, fetch, cancel, refund, refunds], ids=lambda one: one.__name__
)


def document(**changes: Any) -> Json:
    paid = {
        "status_code": "200",
        "transaction_id": "t-1",
        "order_id": "R1",
        "gross_amount": "149000.00",
        "currency": "IDR",
        "transaction_status": "settlement",
        "settlement_time": "2026-11-22 10:00:00",
    }
    return {name: value for name, value in (paid | changes).items() if value is not None}


def says(status: int, **body: Any) -> Behaviour:
    return answers(status, json.dumps(body).encode())


def outcome(operation: Operation, *behaviours: Behaviour, timeout: float = 5) -> object:
    with misbehaving(*behaviours) as server, make_midtrans(server.url) as midtrans:
        return operation(midtrans, timeout)


@EVERY
def test_an_answer_that_does_not_come_settles_nothing(operation: Operation) -> None:
    assert isinstance(outcome(operation, hangs, timeout=0.3), Ambiguous)
    assert isinstance(outcome(operation, hangs_up), Ambiguous)
    for behaviour in (answers(200, b"<html>"), answers(200, b""), answers(502, b"x")):
        assert isinstance(outcome(operation, behaviour), Ambiguous)


@EVERY
def test_who_is_not_reached_has_done_nothing(operation: Operation) -> None:
    with make_midtrans("http://127.0.0.1:9") as midtrans:
        assert operation(midtrans, 5) == Unavailable("ConnectError")


@EVERY
@pytest.mark.parametrize("http", [200, 429])
def test_too_many_calls_have_done_nothing(operation: Operation, http: int) -> None:
    behaviour = says(http, status_code="429")
    assert outcome(operation, behaviour) == RateLimited("rate limited")


@pytest.mark.parametrize("http", [200, 404])
def test_missing_is_what_the_body_says(http: int) -> None:
    for operation in (find, fetch, cancel, refunds):
        assert outcome(operation, says(http, status_code="404")) == Missing()


def test_a_proxys_404_does_not_make_a_payment_look_never_made() -> None:
    for operation in (find, fetch, cancel, refunds):
        assert outcome(operation, answers(404, b"<html>")) == Ambiguous("http_404")


@pytest.mark.parametrize("http", [200, 401, 412])
def test_a_refusal_in_the_body_counts_under_any_http_status(http: int) -> None:
    for operation in (charge, fetch, cancel, refund):
        answer = outcome(operation, says(http, status_code="412", status_message="cannot"))
        assert answer == Refused("status_412", "cannot")


@pytest.mark.parametrize("http", [200, 406])
def test_a_reference_that_is_taken_is_looked_up(http: int) -> None:
    for operation in (charge, refund):
        assert outcome(operation, says(http, status_code="406")) == Ambiguous("duplicate")


@pytest.mark.parametrize(
    "message", ["transaction_details.order_id has been taken", "order_id sudah digunakan"]
)
def test_a_page_says_so_in_words(message: str) -> None:
    assert outcome(page, says(400, error_messages=[message])) == Ambiguous("duplicate")
    other = "transaction_details.gross_amount is required"
    assert outcome(page, says(400, error_messages=[other])) == Refused("http_400", other)


@pytest.mark.parametrize("http", [200, 407])
def test_expired_has_the_number_of_an_error_and_is_none(http: int) -> None:
    expired = document(status_code="407", transaction_status="expire")
    answer = outcome(fetch, says(http, **expired))
    assert answer == RemotePayment("t-1", "R1", RemoteState.EXPIRED)


def test_a_bank_that_is_down_does_not_open_the_breaker() -> None:
    breaker = Breaker(failures=1)
    behaviours = (says(200, status_code="503"), answers(503, b""))
    with (
        misbehaving(*behaviours) as server,
        make_midtrans(server.url, breaker=breaker) as midtrans,
    ):
        assert charge(midtrans) == Ambiguous("status_503")
        assert breaker.wait() == 0.0
        assert charge(midtrans) == Ambiguous("http_503")
        assert breaker.wait() > 0.0


@pytest.mark.parametrize(
    "changes",
    [
        {"status_code": "201"},
        {"status_code": None},
        {"fraud_status": "deny"},
        {"transaction_status": "something_new"},
        {"gross_amount": "149000.50"},
        {"gross_amount": None},
        {"gross_amount": "-1.00"},
        {"gross_amount": "0.00"},
        {"currency": "XXX"},
    ],
)
def test_money_that_does_not_add_up_is_asked_about_again(changes: Json) -> None:
    answer = outcome(fetch, says(200, **document(**changes)))
    assert answer == RemotePayment("t-1", "R1", RemoteState.OTHER)


@pytest.mark.parametrize("status", ["settlement", "capture", "partial_refund", "chargeback"])
def test_what_has_come_is_money_whatever_became_of_it(status: str) -> None:
    answer = outcome(fetch, says(200, **document(transaction_status=status)))
    assert isinstance(answer, RemotePayment)
    assert [one.amount for one in answer.captures] == [Money(149_000, "IDR")]


@pytest.mark.parametrize("changes", [{"transaction_id": "t-2"}, {"order_id": None}])
def test_anothers_transaction_is_no_answer(changes: Json) -> None:
    for operation in (fetch, cancel):
        answer = outcome(operation, says(200, **document(**changes)))
        assert answer == Ambiguous("unexpected answer")
    assert outcome(find, says(200, **document(order_id="R2"))) == Ambiguous("unexpected answer")


@pytest.mark.parametrize(
    ("words", "state"),
    [
        (["token already canceled"], RemoteState.CANCELLED),
        (["token not found"], RemoteState.EXPIRED),
        (["transaction is on progress"], None),
    ],
)
def test_how_a_page_was_closed(words: list[str], state: RemoteState | None) -> None:
    nothing_begun = says(404, status_code="404")
    closing = (nothing_begun, says(400, error_messages=words))
    with misbehaving(*closing) as server, make_midtrans(server.url) as midtrans:
        answer = midtrans.cancel("dana.token.R1", timeout=5)
    if state is None:
        assert answer == Refused("http_400", words[0])
    else:
        assert answer == RemotePayment("dana.token.R1", "R1", state)


def test_refunds_that_cannot_all_be_read_are_no_list() -> None:
    for listed in ("x", [7], [{"refund_key": "K1"}], [{"refund_chargeback_id": 1}]):
        answer = outcome(refunds, says(200, **document(refunds=listed)))
        assert answer == Ambiguous("unexpected answer")
    another = {"refund_chargeback_id": 1, "refund_amount": "1000.00", "refund_key": "K9"}
    assert outcome(refund, says(200, **document(), **another)) == Ambiguous("unexpected answer")
