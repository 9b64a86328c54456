"""The client against the simulator's Midtrans side: a real process that speaks its protocol."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
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
    RemoteRefundState,
    RemoteState,
)
from payments.gateways.midtrans import Midtrans
from payments.gateways.registry import gateway
from payments.tests.gateway_builders import IN_AN_HOUR, PHONE, make_request
from payments.tests.midtrans_builders import SERVER_KEYS, MidtransSimulator, make_midtrans
from payments.tests.simulated import Simulator
from shop.core.money import Money

JAKARTA = timezone(timedelta(hours=7))


@pytest.fixture
def theirs(simulator: Simulator) -> MidtransSimulator:
    return MidtransSimulator(simulator.url)


@pytest.fixture
def midtrans(simulator: Simulator) -> Iterator[Midtrans]:
    with make_midtrans(simulator.url) as client:
        yield client


def created(midtrans: Midtrans, method: str = "bca_va", **more: Any) -> RemotePayment:
    answer = midtrans.create(make_request(method, **more), timeout=5)
    assert isinstance(answer, RemotePayment), answer
    return answer


def fetched(midtrans: Midtrans, gateway_ref: str) -> RemotePayment:
    answer = midtrans.fetch(gateway_ref, timeout=5)
    assert isinstance(answer, RemotePayment), answer
    return answer


def in_jakarta(moment: datetime) -> str:
    return moment.astimezone(JAKARTA).strftime("%Y-%m-%d %H:%M:%S")


# --- create --------------------------------------------------------------------------------------
def test_a_bca_virtual_account_shows_a_number_that_ends_with_our_window(
    midtrans: Midtrans, theirs: MidtransSimulator
) -> None:
    payment = created(midtrans, "bca_va")
    [kept] = theirs.transactions(payment.reference)
    assert payment == RemotePayment(
        gateway_ref=kept["transaction_id"],
        reference=payment.reference,
        state=RemoteState.PENDING,
        actions=[
            {
                "type": "PRESENT_TO_CUSTOMER",
                "descriptor": "VIRTUAL_ACCOUNT_NUMBER",
                "value": kept["va_numbers"][0]["va_number"],
            }
        ],
    )
    assert (kept["gross_amount"], kept["currency"]) == ("149000.00", "IDR")
    ends_at = datetime.fromisoformat(kept["expiry_time"]).replace(tzinfo=JAKARTA)
    assert timedelta(0) <= ends_at - IN_AN_HOUR < timedelta(seconds=2)


def test_qris_brings_a_code_to_draw(midtrans: Midtrans) -> None:
    [action] = created(midtrans, "qris").actions
    assert (action["descriptor"], action["value"][:6]) == ("QR_STRING", "000201")


def test_ovo_is_given_the_phone_in_its_own_form(
    midtrans: Midtrans, theirs: MidtransSimulator
) -> None:
    payment = created(midtrans, "ovo")
    assert (payment.state, payment.actions) == (RemoteState.PENDING, [])
    # The simulator takes no other form than 08…
    assert PHONE.startswith("+628")
    assert theirs.transactions(payment.reference)[0]["payment_type"] == "ovo"


@pytest.mark.parametrize(
    ("method", "channel", "own"),
    [
        ("dana", "dana", {"callback_url": "http://127.0.0.1:8000/pay/secret/"}),
        ("card", "credit_card", {"secure": True}),
    ],
)
def test_dana_and_cards_send_the_customer_to_a_page_and_back_to_ours(
    midtrans: Midtrans, theirs: MidtransSimulator, method: str, channel: str, own: dict[str, object]
) -> None:
    payment = created(midtrans, method)
    page = theirs.page(payment.reference)
    assert payment == RemotePayment(
        gateway_ref=f"{method}.{page['token']}.{payment.reference}",
        reference=payment.reference,
        state=RemoteState.PENDING,
        actions=[
            {
                "type": "REDIRECT_CUSTOMER",
                "descriptor": "WEB_URL",
                "value": f"{theirs.url}/snap/v4/redirection/{page['token']}",
            }
        ],
    )
    sent = page["document"]
    assert (sent["enabled_payments"], sent[channel]) == ([channel], own)
    assert sent["callbacks"] == {"finish": "http://127.0.0.1:8000/pay/secret/"}
    assert sent["expiry"]["unit"] == "minutes"
    left = (IN_AN_HOUR - datetime.now(UTC)) / timedelta(minutes=1)
    assert left - 1 <= sent["expiry"]["duration"] <= left + 1
    assert not {"customer_details", "item_details"} & set(sent)


def test_a_wrong_key_is_refused(simulator: Simulator) -> None:
    with make_midtrans(simulator.url, server_keys=("SB-Mid-server-other",)) as midtrans:
        for method in ("bca_va", "dana"):
            answer = midtrans.create(make_request(method), timeout=5)
            assert isinstance(answer, Refused)
            assert answer.code in ("status_401", "http_401")


def test_what_midtrans_does_not_serve_never_leaves_the_shop() -> None:
    with make_midtrans("http://127.0.0.1:9") as midtrans:
        for request in (make_request("cash"), make_request("dana", currency="USD")):
            assert midtrans.create(request, timeout=5) == Refused("method_unavailable")
        too_long = make_request("bca_va", reference="R" * 51)
        assert midtrans.create(too_long, timeout=5) == Refused("reference_impossible")


@pytest.mark.parametrize("method", ["bca_va", "dana"])
def test_a_reference_that_is_taken_means_that_an_earlier_call_arrived(
    midtrans: Midtrans, method: str
) -> None:
    first = created(midtrans, method)
    again = midtrans.create(make_request(method, reference=first.reference), timeout=5)
    assert again == Ambiguous("duplicate")


# --- fetch ---------------------------------------------------------------------------------------
def test_a_paid_transaction_brings_its_money_in_jakartas_time(
    midtrans: Midtrans, theirs: MidtransSimulator
) -> None:
    payment = created(midtrans)
    paid = theirs.control("pay", payment.reference)
    remote = fetched(midtrans, payment.gateway_ref)
    assert remote.state == RemoteState.SUCCEEDED
    [capture] = remote.captures
    assert (capture.payment_id, capture.capture_id) == (paid["transaction_id"],) * 2
    assert capture.amount == Money(149_000, "IDR")
    assert in_jakarta(capture.captured_at) == paid["settlement_time"]
    assert abs(datetime.now(UTC) - capture.captured_at) < timedelta(seconds=30)


def test_the_money_is_what_arrived_and_not_what_was_asked_for(
    midtrans: Midtrans, theirs: MidtransSimulator
) -> None:
    payment = created(midtrans)
    theirs.control("pay", payment.reference, amount=100_000)
    [capture] = fetched(midtrans, payment.gateway_ref).captures
    assert capture.amount == Money(100_000, "IDR")


@pytest.mark.parametrize(
    ("verb", "state", "code"),
    [
        ("deny", RemoteState.FAILED, "deny"),
        ("expire", RemoteState.EXPIRED, ""),
        ("cancel", RemoteState.CANCELLED, ""),
        ("challenge", RemoteState.PENDING, ""),
    ],
)
def test_an_end_without_money_is_told_and_a_suspicion_is_no_end(
    midtrans: Midtrans, theirs: MidtransSimulator, verb: str, state: RemoteState, code: str
) -> None:
    payment = created(midtrans)
    theirs.control(verb, payment.reference)
    remote = fetched(midtrans, payment.gateway_ref)
    assert (remote.state, remote.failure_code, remote.captures) == (state, code, [])


def test_late_money_is_found(midtrans: Midtrans, theirs: MidtransSimulator) -> None:
    payment = created(midtrans)
    theirs.control("expire", payment.reference)
    theirs.control("pay", payment.reference, force_late=True)
    assert len(fetched(midtrans, payment.gateway_ref).captures) == 1


@pytest.mark.parametrize("method", ["dana", "card"])
def test_a_page_that_nobody_has_opened_waits_and_then_brings_its_money(
    midtrans: Midtrans, theirs: MidtransSimulator, method: str
) -> None:
    payment = created(midtrans, method)
    waiting = fetched(midtrans, payment.gateway_ref)
    assert (waiting.state, waiting.gateway_ref) == (RemoteState.PENDING, payment.gateway_ref)
    theirs.control("pay", payment.reference)
    remote = fetched(midtrans, payment.gateway_ref)
    assert (remote.state, remote.gateway_ref) == (RemoteState.SUCCEEDED, payment.gateway_ref)
    assert [capture.amount for capture in remote.captures] == [Money(149_000, "IDR")]


def test_dana_is_asked_about_where_it_is_kept(
    midtrans: Midtrans, theirs: MidtransSimulator
) -> None:
    payment = created(midtrans, "dana")
    transaction_id = theirs.control("pay", payment.reference)["transaction_id"]
    assert midtrans.fetch(transaction_id, timeout=5) == Missing()
    remote = fetched(midtrans, f"dana.{transaction_id}")
    assert (remote.reference, len(remote.captures)) == (payment.reference, 1)


@pytest.mark.parametrize(
    "gateway_ref", ["nobody", "", "..", "a/../b", "dana.", "dana..x", "x\ud800", "x" * 81]
)
def test_what_the_gateway_does_not_know_is_missing(midtrans: Midtrans, gateway_ref: str) -> None:
    assert midtrans.fetch(gateway_ref, timeout=5) == Missing()
    assert midtrans.cancel(gateway_ref, timeout=5) == Missing()
    assert midtrans.find_refunds(gateway_ref, timeout=5) == Missing()


# --- cancel --------------------------------------------------------------------------------------
@pytest.mark.parametrize("method", ["bca_va", "qris", "ovo", "dana", "card"])
def test_what_waits_is_cancelled(midtrans: Midtrans, method: str) -> None:
    payment = created(midtrans, method)
    cancelled = midtrans.cancel(payment.gateway_ref, timeout=5)
    assert isinstance(cancelled, RemotePayment)
    assert (cancelled.state, cancelled.gateway_ref) == (RemoteState.CANCELLED, payment.gateway_ref)


def test_a_page_on_which_the_payer_has_begun_is_closed_with_what_was_begun(
    midtrans: Midtrans, theirs: MidtransSimulator
) -> None:
    payment = created(midtrans, "card")
    theirs.control("challenge", payment.reference)
    cancelled = midtrans.cancel(payment.gateway_ref, timeout=5)
    assert isinstance(cancelled, RemotePayment)
    assert cancelled.state == RemoteState.CANCELLED
    assert theirs.page(payment.reference)["is_closed"]
    # Once more, as after a crash: both have ended already.
    again = midtrans.cancel(payment.gateway_ref, timeout=5)
    assert isinstance(again, Refused)
    assert again.code == "status_412"


def test_what_is_paid_refuses_to_be_cancelled(
    midtrans: Midtrans, theirs: MidtransSimulator
) -> None:
    for method in ("bca_va", "dana"):
        payment = created(midtrans, method)
        theirs.control("pay", payment.reference)
        refused = midtrans.cancel(payment.gateway_ref, timeout=5)
        assert isinstance(refused, Refused)
        assert refused.code == "status_412"


# --- find ----------------------------------------------------------------------------------------
def test_a_transaction_is_found_by_our_reference_with_its_money(
    midtrans: Midtrans, theirs: MidtransSimulator
) -> None:
    payment = created(midtrans)
    theirs.control("pay", payment.reference)
    found = midtrans.find(payment.reference, timeout=5)
    assert found == fetched(midtrans, payment.gateway_ref)


def test_what_never_arrived_is_missing(midtrans: Midtrans) -> None:
    assert midtrans.find("R-nobody", timeout=5) == Missing()
    assert midtrans.find("R/../x", timeout=5) == Missing()


# --- refunds -------------------------------------------------------------------------------------
def refund_request(
    payment: RemotePayment, minor: int = 100_000, *, reference: str
) -> RefundRequest:
    return RefundRequest(
        reference=reference,
        gateway_ref=payment.gateway_ref,
        payment_id=payment.captures[0].payment_id if payment.captures else "",
        amount=Money(minor, "IDR"),
        reason=RefundReason.RETURNED,
    )


def paid(midtrans: Midtrans, theirs: MidtransSimulator, method: str) -> RemotePayment:
    payment = created(midtrans, method)
    theirs.control("pay", payment.reference)
    return fetched(midtrans, payment.gateway_ref)


@pytest.mark.parametrize("method", ["dana", "qris"])
def test_a_part_is_given_back_once_however_often_it_is_asked_for(
    midtrans: Midtrans, theirs: MidtransSimulator, method: str
) -> None:
    payment = paid(midtrans, theirs, method)
    request = refund_request(payment, reference=f"{payment.reference}-R1")
    sent = midtrans.refund(request, timeout=5)
    assert isinstance(sent, RemoteRefund)
    assert (sent.reference, sent.amount) == (request.reference, Money(100_000, "IDR"))
    assert sent.state == RemoteRefundState.PENDING
    assert midtrans.refund(request, timeout=5) == sent
    assert midtrans.find_refunds(payment.gateway_ref, timeout=5) == [sent]
    theirs.control("confirm-refunds", payment.reference)
    [confirmed] = _list(midtrans, payment.gateway_ref)
    assert (confirmed.refund_ref, confirmed.state) == (
        sent.refund_ref,
        RemoteRefundState.SUCCEEDED,
    )
    # What came stays a fact, though a part has gone again.
    assert fetched(midtrans, payment.gateway_ref).captures == payment.captures


def _list(midtrans: Midtrans, gateway_ref: str) -> list[RemoteRefund]:
    listed = midtrans.find_refunds(gateway_ref, timeout=5)
    assert isinstance(listed, list), listed
    return listed


def test_the_same_key_for_another_amount_is_looked_up_and_not_believed(
    midtrans: Midtrans, theirs: MidtransSimulator
) -> None:
    payment = paid(midtrans, theirs, "dana")
    midtrans.refund(refund_request(payment, reference="K1"), timeout=5)
    other = refund_request(payment, 1_000, reference="K1")
    assert midtrans.refund(other, timeout=5) == Ambiguous("duplicate")


@pytest.mark.parametrize(
    ("method", "minor", "code"),
    [
        ("bca_va", 149_000, "status_412"),
        ("ovo", 100_000, "status_414"),
        ("dana", 149_001, "status_414"),
    ],
)
def test_what_cannot_be_given_back_is_refused(
    midtrans: Midtrans, theirs: MidtransSimulator, method: str, minor: int, code: str
) -> None:
    payment = paid(midtrans, theirs, method)
    answer = midtrans.refund(refund_request(payment, minor, reference="K2"), timeout=5)
    assert isinstance(answer, Refused)
    assert answer.code == code
    assert midtrans.find_refunds(payment.gateway_ref, timeout=5) == []


def test_a_refund_made_on_midtrans_pages_is_listed_with_a_reference_not_ours(
    midtrans: Midtrans, theirs: MidtransSimulator
) -> None:
    payment = paid(midtrans, theirs, "dana")
    theirs.control("refund", payment.reference, amount=50_000)
    [refund] = _list(midtrans, payment.gateway_ref)
    assert (refund.amount, refund.reference.startswith("dashboard-")) == (
        Money(50_000, "IDR"),
        True,
    )


# --- logs ----------------------------------------------------------------------------------------
def test_each_call_is_one_line_without_key_phone_or_reference(
    midtrans: Midtrans, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="payments")
    payment = created(midtrans, "ovo")
    fetched(midtrans, payment.gateway_ref)
    lines = [vars(record) for record in caplog.records if record.name.startswith("payments")]
    names = ("message", "gateway", "method", "path", "status", "outcome")
    assert [[line[name] for name in names] for line in lines] == [
        ["gateway_call", "midtrans", "POST", "/v2/charge", 200, "answered"],
        ["gateway_call", "midtrans", "GET", "/v2/{id}/status", 200, "answered"],
    ]
    for hidden in (*SERVER_KEYS, PHONE, PHONE[3:], payment.reference):
        assert hidden not in repr(lines)


def test_the_shop_has_it_also_where_it_is_not_configured() -> None:
    assert isinstance(gateway("midtrans"), Midtrans)
    assert gateway("midtrans").secret_of({}, b"{}") == "absent"
