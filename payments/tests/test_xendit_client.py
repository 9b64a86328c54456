"""The client against the simulator: a real process that speaks Xendit's protocol."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from payments.gateways.base import Missing, Refused, RemotePayment, RemoteState
from payments.gateways.registry import gateway
from payments.gateways.xendit import Xendit
from payments.tests.gateway_builders import PHONE, SECRET_KEY, make_request, make_xendit
from payments.tests.simulated import Simulator
from shop.core.money import Money


@pytest.fixture
def xendit(simulator: Simulator) -> Iterator[Xendit]:
    with make_xendit(simulator.url) as client:
        yield client


def created(xendit: Xendit, method: str = "dana", **more: Any) -> RemotePayment:
    answer = xendit.create(make_request(method, **more), timeout=5)
    assert isinstance(answer, RemotePayment), answer
    return answer


def fetched(xendit: Xendit, gateway_ref: str) -> RemotePayment:
    answer = xendit.fetch(gateway_ref, timeout=5)
    assert isinstance(answer, RemotePayment), answer
    return answer


# --- create --------------------------------------------------------------------------------------
def test_dana_sends_the_customer_to_a_page_and_back_to_ours(
    xendit: Xendit, simulator: Simulator
) -> None:
    request = make_request("dana")
    payment = xendit.create(request, timeout=5)
    assert isinstance(payment, RemotePayment)
    assert payment == RemotePayment(
        gateway_ref=payment.gateway_ref,
        reference=request.reference,
        state=RemoteState.PENDING,
        actions=[
            {
                "type": "REDIRECT_CUSTOMER",
                "descriptor": "WEB_URL",
                "value": f"{simulator.url}/checkout/{payment.gateway_ref}",
            }
        ],
    )
    assert simulator.requested(request.reference)["channel_properties"] == {
        "success_return_url": "http://127.0.0.1:8000/pay/secret/?returned=1",
        "failure_return_url": "http://127.0.0.1:8000/pay/secret/",
    }


def test_a_bca_virtual_account_shows_a_number_that_ends_with_our_window(
    xendit: Xendit, simulator: Simulator
) -> None:
    request = make_request("bca_va")
    payment = xendit.create(request, timeout=5)
    assert isinstance(payment, RemotePayment)
    (action,) = payment.actions
    assert (action["type"], action["descriptor"]) == (
        "PRESENT_TO_CUSTOMER",
        "VIRTUAL_ACCOUNT_NUMBER",
    )
    assert action["value"].isdigit()
    assert simulator.requested(request.reference)["channel_properties"] == {
        "expires_at": request.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "display_name": "RONA",
    }


def test_ovo_is_given_the_phone_and_leaves_the_customer_nothing_to_do_here(
    xendit: Xendit, simulator: Simulator
) -> None:
    request = make_request("ovo")
    payment = xendit.create(request, timeout=5)
    assert isinstance(payment, RemotePayment)
    assert (payment.state, payment.actions) == (RemoteState.PENDING, [])
    kept = simulator.requested(request.reference)
    assert kept["channel_properties"] == {"account_mobile_number": PHONE}


def test_rupiah_travel_as_an_integer_with_our_reference_and_little_else(
    xendit: Xendit, simulator: Simulator
) -> None:
    request = make_request("dana", minor=149_500)
    xendit.create(request, timeout=5)
    kept = simulator.requested(request.reference)
    assert repr(kept["request_amount"]) == "149500"
    assert (kept["type"], kept["country"], kept["currency"]) == ("PAY", "ID", "IDR")
    assert (kept["description"], kept["metadata"]) == ("Order R1", {"method": "dana"})
    assert "customer" not in kept
    assert "items" not in kept


def test_an_amount_outside_the_channels_limits_is_refused_with_the_gateways_code(
    xendit: Xendit,
) -> None:
    assert xendit.create(make_request("dana", minor=99), timeout=5) == Refused(
        "INVALID_VALUE_ERROR", "request_amount must be between 100 and 20000000 for DANA"
    )


def test_a_wrong_key_is_refused(simulator: Simulator) -> None:
    with make_xendit(simulator.url, secret_key="xnd_development_other") as xendit:
        assert xendit.create(make_request(), timeout=5) == Refused(
            "INVALID_API_KEY", "API key format is invalid or the key is unknown"
        )


def test_a_method_or_currency_that_xendit_does_not_serve_never_leaves_the_shop() -> None:
    with make_xendit("http://127.0.0.1:9") as xendit:
        for request in (make_request("cash"), make_request("dana", currency="USD")):
            assert xendit.create(request, timeout=5) == Refused("method_unavailable")


# --- fetch ---------------------------------------------------------------------------------------
def test_a_paid_request_brings_its_captures(xendit: Xendit, simulator: Simulator) -> None:
    payment = created(xendit)
    paid = simulator.pay(payment.gateway_ref)
    remote = fetched(xendit, payment.gateway_ref)
    assert remote.state == RemoteState.SUCCEEDED
    (capture,) = remote.captures
    assert capture.payment_id == paid["payment_id"]
    assert capture.capture_id == paid["captures"][0]["capture_id"]
    assert capture.amount == Money(149_000, "IDR")
    assert timedelta(0) <= datetime.now(UTC) - capture.captured_at < timedelta(seconds=30)


def test_the_money_is_what_arrived_and_not_what_was_asked_for(
    xendit: Xendit, simulator: Simulator
) -> None:
    payment = created(xendit)
    simulator.pay(payment.gateway_ref, amount=100_000)
    remote = fetched(xendit, payment.gateway_ref)
    assert [capture.amount for capture in remote.captures] == [Money(100_000, "IDR")]


def test_late_money_is_found_on_a_request_that_stays_expired(
    xendit: Xendit, simulator: Simulator
) -> None:
    payment = created(xendit, "bca_va")
    simulator.expire(payment.gateway_ref)
    assert fetched(xendit, payment.gateway_ref).state == RemoteState.EXPIRED
    simulator.pay(payment.gateway_ref, force_late=True)
    remote = fetched(xendit, payment.gateway_ref)
    assert remote.state == RemoteState.EXPIRED
    assert [capture.amount for capture in remote.captures] == [Money(149_000, "IDR")]


def test_of_two_payments_of_one_request_the_latest_is_read(
    xendit: Xendit, simulator: Simulator
) -> None:
    payment = created(xendit)
    simulator.pay(payment.gateway_ref)
    second = simulator.pay(payment.gateway_ref, force_duplicate=True)
    remote = fetched(xendit, payment.gateway_ref)
    assert [capture.payment_id for capture in remote.captures] == [second["payment_id"]]


def test_a_failed_payment_says_why_and_brings_no_money(
    xendit: Xendit, simulator: Simulator
) -> None:
    payment = created(xendit)
    simulator.fail(payment.gateway_ref, "INSUFFICIENT_BALANCE")
    remote = fetched(xendit, payment.gateway_ref)
    assert (remote.state, remote.failure_code) == (RemoteState.FAILED, "INSUFFICIENT_BALANCE")
    assert remote.captures == []


@pytest.mark.parametrize("gateway_ref", ["pr-nobody", "", "..", "a/../b", "pr-\ud800", "x" * 81])
def test_what_the_gateway_does_not_know_is_missing(xendit: Xendit, gateway_ref: str) -> None:
    assert xendit.fetch(gateway_ref, timeout=5) == Missing()
    assert xendit.cancel(gateway_ref, timeout=5) == Missing()


# --- cancel --------------------------------------------------------------------------------------
def test_an_open_request_is_cancelled(xendit: Xendit) -> None:
    payment = created(xendit)
    cancelled = xendit.cancel(payment.gateway_ref, timeout=5)
    assert isinstance(cancelled, RemotePayment)
    assert cancelled.state == RemoteState.CANCELLED
    assert fetched(xendit, payment.gateway_ref).state == RemoteState.CANCELLED


def test_a_paid_request_refuses_to_be_cancelled(xendit: Xendit, simulator: Simulator) -> None:
    payment = created(xendit)
    simulator.pay(payment.gateway_ref)
    refused = xendit.cancel(payment.gateway_ref, timeout=5)
    assert isinstance(refused, Refused)
    assert refused.code == "INACTIVE_PAYMENT_REQUEST"


# --- find ----------------------------------------------------------------------------------------
def test_a_request_is_found_by_our_reference_with_its_money(
    xendit: Xendit, simulator: Simulator
) -> None:
    payment = created(xendit)
    simulator.pay(payment.gateway_ref)
    found = xendit.find(payment.reference, timeout=5)
    assert isinstance(found, RemotePayment)
    assert found == fetched(xendit, payment.gateway_ref)
    assert len(found.captures) == 1


def test_a_reference_that_never_arrived_is_missing(xendit: Xendit) -> None:
    assert xendit.find("R-nobody", timeout=5) == Missing()


def test_of_several_requests_under_one_reference_the_paid_one_is_found(
    xendit: Xendit, simulator: Simulator
) -> None:
    paid, _newer = (created(xendit, reference="R-paid-and-open") for _ in range(2))
    simulator.pay(paid.gateway_ref)
    found = xendit.find("R-paid-and-open", timeout=5)
    assert isinstance(found, RemotePayment)
    assert found.gateway_ref == paid.gateway_ref


def test_of_several_unpaid_requests_the_open_one_is_found_before_a_newer_closed_one(
    xendit: Xendit,
) -> None:
    is_open, closed = (created(xendit, reference="R-open-and-closed") for _ in range(2))
    xendit.cancel(closed.gateway_ref, timeout=5)
    found = xendit.find("R-open-and-closed", timeout=5)
    assert isinstance(found, RemotePayment)
    assert found.gateway_ref == is_open.gateway_ref


def test_of_several_open_requests_the_newest_is_found(xendit: Xendit) -> None:
    _older, newest = (created(xendit, reference="R-all-open") for _ in range(2))
    found = xendit.find("R-all-open", timeout=5)
    assert isinstance(found, RemotePayment)
    assert found.gateway_ref == newest.gateway_ref


# --- logs ----------------------------------------------------------------------------------------
def test_each_call_is_one_line_without_key_phone_or_reference(
    xendit: Xendit, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="payments")
    payment = created(xendit, "ovo")
    fetched(xendit, payment.gateway_ref)
    lines = [vars(record) for record in caplog.records if record.name.startswith("payments")]
    names = ("message", "gateway", "method", "path", "status", "outcome")
    assert [[line[name] for name in names] for line in lines] == [
        ["gateway_call", "xendit", "POST", "/v3/payment_requests", 201, "answered"],
        ["gateway_call", "xendit", "GET", "/v3/payment_requests/{id}", 200, "answered"],
    ]
    assert all(0 <= line["ms"] < 5000 for line in lines)
    for hidden in (SECRET_KEY, PHONE, payment.reference):
        assert hidden not in repr(lines)


# --- registry ------------------------------------------------------------------------------------
def test_a_process_has_one_gateway_and_its_child_another() -> None:
    ours = gateway("xendit")
    assert gateway("xendit") is ours
    child = os.fork()
    if child == 0:
        os._exit(7 if gateway("xendit") is not ours else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_a_gateway_that_nobody_has_is_an_error() -> None:
    with pytest.raises(LookupError):
        gateway("stripe")
