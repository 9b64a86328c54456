"""Payment Sessions: the client against the simulator, and against a gateway on a bad day."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from payments.gateways.base import (
    Ambiguous,
    Missing,
    RefundReason,
    RefundRequest,
    Refused,
    RemotePayment,
    RemoteRefund,
    RemoteState,
    Unavailable,
    WebhookHint,
)
from payments.gateways.methods import SPECS
from payments.gateways.xendit import Xendit
from payments.gateways.xendit_sessions import creation
from payments.tests.cards.builders import session
from payments.tests.gateway_builders import IN_AN_HOUR, make_request, make_xendit
from payments.tests.simulated import Simulator
from payments.tests.test_xendit_faults import (
    Json,
    Operation,
    outcome,
    payment_document,
    request_document,
)
from shop.core.money import Money
from shop.core.tests.misbehaving import Behaviour, answers, cuts_off, hangs_up, misbehaving

PAGE = {
    "type": "REDIRECT_CUSTOMER",
    "descriptor": "WEB_URL",
    "value": "https://xen.to/abc",
}


@pytest.fixture
def xendit(simulator: Simulator) -> Iterator[Xendit]:
    simulator.switch(refund_delay=0, no_refunds=[], no_partial_refunds=[], balance=None)
    with make_xendit(simulator.url) as client:
        yield client


def opened(xendit: Xendit, **more: Any) -> RemotePayment:
    page = xendit.create(make_request("card", **more), timeout=5)
    assert isinstance(page, RemotePayment), page
    return page


def fetched(xendit: Xendit, gateway_ref: str) -> RemotePayment:
    answer = xendit.fetch(gateway_ref, timeout=5)
    assert isinstance(answer, RemotePayment), answer
    return answer


# --- what is sent --------------------------------------------------------------------------------
def test_a_page_is_opened_for_cards_alone_and_told_little(
    xendit: Xendit, simulator: Simulator
) -> None:
    page = opened(xendit, minor=149_500)
    kept = session(simulator, page.reference)
    assert page == RemotePayment(
        gateway_ref=f"session.{kept['payment_session_id']}",
        reference=page.reference,
        state=RemoteState.PENDING,
        actions=[PAGE | {"value": kept["payment_link_url"]}],
    )
    sent = ("session_type", "mode", "amount", "currency", "country", "locale", "description")
    assert [kept[name] for name in sent] == [
        "PAY", "PAYMENT_LINK", 149_500, "IDR", "ID", "id", "Order R1",
    ]  # fmt: skip
    assert kept["allowed_payment_channels"] == ["CARDS"]
    assert kept["expires_at"] == IN_AN_HOUR.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert kept["success_return_url"] == "http://127.0.0.1:8000/pay/secret/?returned=1"
    assert kept["cancel_return_url"] == "http://127.0.0.1:8000/pay/secret/"
    assert kept["customer_id"] is None


@pytest.mark.parametrize(("left", "asked"), [(60, 11 * 60), (11 * 60, 11 * 60), (12 * 60, 12 * 60)])
def test_a_page_lives_as_long_as_the_order_waits_but_not_less_than_xendit_takes(
    left: int, asked: int
) -> None:
    now = datetime(2026, 11, 23, 3, tzinfo=UTC)
    request = make_request("card", expires_at=now + timedelta(seconds=left), language="en")
    body = creation(request, SPECS["xendit", "card"], now=now)
    assert datetime.fromisoformat(body["expires_at"]) == now + timedelta(seconds=asked)
    assert body["locale"] == "en"


# --- what becomes of it --------------------------------------------------------------------------
def test_cards_that_are_refused_end_nothing_and_one_that_is_good_pays(
    xendit: Xendit, simulator: Simulator
) -> None:
    page = opened(xendit)
    for refusal, code in (("declined", "CARD_DECLINED"), ("no_funds", "INSUFFICIENT_BALANCE")):
        tried = simulator.try_card(page.reference, refusal)
        seen = fetched(xendit, page.gateway_ref)
        assert (seen.state, seen.captures, seen.failure_code) == (RemoteState.PENDING, [], code)
        alone = fetched(xendit, tried["payment_request_id"])
        assert alone == RemotePayment("", page.reference, RemoteState.OTHER, failure_code=code)
    paid = simulator.try_card(page.reference)
    seen = fetched(xendit, page.gateway_ref)
    assert (seen.state, seen.failure_code) == (RemoteState.SUCCEEDED, "")
    assert [(one.payment_id, one.amount) for one in seen.captures] == [
        (paid["payment_id"], Money(149_000, "IDR"))
    ]
    # The same money, whichever of its names it is asked about by.
    assert fetched(xendit, paid["payment_request_id"]).captures == seen.captures
    found = xendit.find(page.reference, timeout=5)
    assert isinstance(found, RemotePayment)
    assert found.captures == seen.captures


@pytest.mark.parametrize("end", [RemoteState.EXPIRED, RemoteState.CANCELLED])
def test_money_for_a_page_that_is_over_is_found_and_it_stays_over(
    xendit: Xendit, simulator: Simulator, end: RemoteState
) -> None:
    page = opened(xendit)
    if end is RemoteState.CANCELLED:
        assert xendit.cancel(page.gateway_ref, timeout=5) == RemotePayment(
            page.gateway_ref, page.reference, end, actions=page.actions
        )
    else:
        simulator.expire_session(page.reference)
    assert fetched(xendit, page.gateway_ref).captures == []
    simulator.try_card(page.reference, force=True)
    late = fetched(xendit, page.gateway_ref)
    assert (late.state, [one.amount.minor for one in late.captures]) == (end, [149_000])


def test_a_page_that_is_paid_cannot_be_closed(xendit: Xendit, simulator: Simulator) -> None:
    page = opened(xendit)
    simulator.try_card(page.reference)
    refused = xendit.cancel(page.gateway_ref, timeout=5)
    assert isinstance(refused, Refused)
    assert refused.code == "INELIGIBLE_TRANSACTION_STATUS"


def test_a_page_that_nobody_used_is_not_found_by_its_reference(
    xendit: Xendit, simulator: Simulator
) -> None:
    page = opened(xendit)
    assert xendit.find(page.reference, timeout=5) == Missing()
    simulator.try_card(page.reference, "declined")
    found = xendit.find(page.reference, timeout=5)
    # Something is there, and how it stands cannot be told: no reason to open another one.
    assert found == RemotePayment(
        "", page.reference, RemoteState.OTHER, failure_code="CARD_DECLINED"
    )


@pytest.mark.parametrize("gateway_ref", ["session.", "session.ps/1", "session.session.ps-1"])
def test_what_is_no_id_never_becomes_part_of_an_address(gateway_ref: str) -> None:
    with make_xendit("http://127.0.0.1:9") as xendit:
        assert xendit.fetch(gateway_ref, timeout=5) == Missing()
        assert xendit.cancel(gateway_ref, timeout=5) == Missing()


# --- refunds -------------------------------------------------------------------------------------
def part(page: RemotePayment, payment_id: str, minor: int, reference: str) -> RefundRequest:
    return RefundRequest(
        reference, page.gateway_ref, payment_id, Money(minor, "IDR"), RefundReason.RETURNED
    )


def test_a_card_is_given_back_in_parts(xendit: Xendit, simulator: Simulator) -> None:
    page = opened(xendit)
    simulator.try_card(page.reference, "declined")
    paid = simulator.try_card(page.reference)
    for minor, reference in ((49_000, f"{page.reference}-R1"), (100_000, f"{page.reference}-R2")):
        made = xendit.refund(part(page, paid["payment_id"], minor, reference), timeout=5)
        assert isinstance(made, RemoteRefund)
        simulator.settle_refund(reference)
    by_payment = xendit.find_refunds(page.gateway_ref, payment_id=paid["payment_id"], timeout=5)
    assert isinstance(by_payment, list)
    assert sorted(one.amount.minor for one in by_payment) == [49_000, 100_000]
    assert xendit.find_refunds(page.gateway_ref, timeout=5) == by_payment
    too_much = part(page, paid["payment_id"], 1, f"{page.reference}-R3")
    refused = xendit.refund(too_much, timeout=5)
    assert isinstance(refused, Refused)
    assert refused.code == "REFUND_AMOUNT_EXCEEDED"


UNKNOWN = answers(404, {"error_code": "DATA_NOT_FOUND"})


@pytest.mark.parametrize(
    ("first", "result"),
    [
        (UNKNOWN, Refused("payment_unknown")),
        (answers(500, {"error_code": "SERVER_ERROR"}), Unavailable("SERVER_ERROR")),
        (answers(200, payment_document(payment_id="py-2")), Unavailable("unexpected answer")),
        (answers(401, {"error_code": "INVALID_API_KEY"}), Refused("INVALID_API_KEY")),
    ],
    ids=["unknown", "broken", "another", "no-key"],
)
def test_nothing_is_given_back_before_it_is_known_of_what(first: Behaviour, result: object) -> None:
    page = RemotePayment("session.ps-1", "R1", RemoteState.SUCCEEDED)
    with misbehaving(first, hangs_up) as server, make_xendit(server.url) as xendit:
        assert xendit.refund(part(page, "py-1", 1_000, "R1-R1"), timeout=5) == result
        assert [request.split()[0] for request in server.requests] == [b"GET"]


# --- a gateway on a bad day ----------------------------------------------------------------------
def session_document(**changes: object) -> Json:
    document = {"payment_session_id": "ps-1", "reference_id": "R1", "status": "ACTIVE"}
    return document | {"payment_link_url": "https://xen.to/abc"} | changes


def open_page(xendit: Xendit, timeout: float = 5) -> object:
    return xendit.create(make_request("card", reference="R1"), timeout=timeout)


def fetch(xendit: Xendit, timeout: float = 5) -> object:
    return xendit.fetch("session.ps-1", timeout=timeout)


def cancel(xendit: Xendit, timeout: float = 5) -> object:
    return xendit.cancel("session.ps-1", timeout=timeout)


@pytest.mark.parametrize("operation", [open_page, cancel])
@pytest.mark.parametrize(
    ("behaviour", "cause"),
    [
        (hangs_up, "RemoteProtocolError"),
        (cuts_off, "RemoteProtocolError"),
        (answers(500, {"error_code": "SERVER_ERROR"}), "SERVER_ERROR"),
        (answers(200, session_document(payment_session_id="a/b")), "unexpected answer"),
        (answers(200, session_document(payment_session_id="x" * 73)), "unexpected answer"),
        (answers(200, session_document(status=7)), "unexpected answer"),
        (answers(200, request_document()), "unexpected answer"),
    ],
)
def test_a_write_without_a_clear_answer_is_ambiguous_and_never_repeated(
    operation: Operation, behaviour: Behaviour, cause: str
) -> None:
    with misbehaving(behaviour) as server, make_xendit(server.url) as xendit:
        assert operation(xendit, 5) == Ambiguous(cause)
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (answers(201, session_document(reference_id="R2")), "unexpected answer"),
        (answers(201, session_document(payment_link_url=None)), "unexpected answer"),
        (answers(201, session_document(payment_link_url="xendit://pay")), "unexpected answer"),
        (answers(409, {"error_code": "DUPLICATE_ERROR"}), "duplicate"),
    ],
    ids=["another", "nowhere", "no-web", "taken"],
)
def test_a_page_that_nobody_can_be_sent_to_is_looked_up(answer: Behaviour, cause: str) -> None:
    assert outcome(open_page, answer) == Ambiguous(cause)


def test_a_refusal_to_open_a_page_carries_its_code() -> None:
    body = {"error_code": "INVALID_PAYMENT_CHANNEL", "message": "CARDS is not activated"}
    assert outcome(open_page, answers(400, body)) == Refused(
        "INVALID_PAYMENT_CHANNEL", "CARDS is not activated"
    )
    assert outcome(fetch, UNKNOWN) == outcome(cancel, UNKNOWN) == Missing()
    assert outcome(fetch, answers(200, session_document(payment_session_id="ps-2"))) == Ambiguous(
        "unexpected answer"
    )


@pytest.mark.parametrize("status", ["ACTIVE", "COMPLETED", "EXPIRED"])
@pytest.mark.parametrize(
    "behind",
    [
        [UNKNOWN],
        [answers(500, {"error_code": "X"})],
        [answers(200, request_document(status="HELD"))],
        [answers(200, request_document(payment_request_id="pr-2"))],
        [answers(200, request_document(status="SUCCEEDED"))],
        [answers(200, request_document(latest_payment_id="py-1")), UNKNOWN],
        [
            answers(200, request_document(status="SUCCEEDED", latest_payment_id="py-1")),
            answers(200, payment_document(captures=[])),
        ],
    ],
    ids=["gone", "broken", "odd", "another", "unpaid", "payment-gone", "no-capture"],
)
def test_a_page_whose_card_cannot_be_read_decides_nothing(
    status: str, behind: list[Behaviour]
) -> None:
    document = session_document(status=status, payment_request_id="pr-1")
    assert outcome(fetch, answers(200, document), *behind) == RemotePayment(
        "session.ps-1", "R1", RemoteState.OTHER, actions=[PAGE]
    )


@pytest.mark.parametrize("named", [None, "", 7, "../payments/py-1"])
def test_a_page_that_is_done_and_names_no_card_decides_nothing(named: object) -> None:
    document = session_document(status="COMPLETED", payment_request_id=named)
    seen = outcome(fetch, answers(200, document))
    assert seen == RemotePayment("session.ps-1", "R1", RemoteState.OTHER, actions=[PAGE])


@pytest.mark.parametrize("event", ["payment_session.completed", "payment_session.expired"])
def test_a_webhook_about_a_page_names_the_page(event: str) -> None:
    data = '{"payment_session_id": "ps-1", "payment_request_id": "pr-1", "reference_id": "R1"}'
    body = f'{{"event": "{event}", "data": {data}}}'.encode()
    with make_xendit("http://127.0.0.1:9") as xendit:
        hint = xendit.read_webhook({"webhook-id": "wh-1"}, body)
    assert hint == WebhookHint(event, "wh-1", "R1", "session.ps-1")
