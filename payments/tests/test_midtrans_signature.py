"""Whose notification it is, and what it names: nothing of it is believed."""

import hashlib
import json
from typing import Any

import pytest

from payments.gateways.base import Claim, WebhookHint
from payments.gateways.registry import gateway
from payments.tests.midtrans_builders import Json, make_midtrans

VECTOR: Json = {
    "order_id": "ORDER-101",
    "status_code": "200",
    "gross_amount": "10000.00",
    "signature_key": (
        "855ed165b9bdac50b9e0012f45bafc9fc3c9812ea339f7763812b2b662772ebe"
        "a51922aeaf7cc60a498575861cd476910d0476cb5adb9c601dd0f5fd8bf2adc9"
    ),
}


@pytest.mark.parametrize(
    ("keys", "changes", "secret"),
    [
        (("SB-Mid-server-TESTKEY",), {}, "current"),
        (("SB-Mid-server-new", "SB-Mid-server-TESTKEY"), {}, "previous"),
        (("SB-Mid-server-other",), {}, "wrong"),
        (("",), {"signature_key": hashlib.sha512(b"ORDER-10120010000.00").hexdigest()}, "wrong"),
        ((), {}, "wrong"),
        # As it came: the same amount written otherwise is another text.
        (("SB-Mid-server-TESTKEY",), {"gross_amount": "10000"}, "wrong"),
        (("SB-Mid-server-TESTKEY",), {"gross_amount": 10000.00}, "absent"),
        (("SB-Mid-server-TESTKEY",), {"order_id": "ORDER-102"}, "wrong"),
        (("SB-Mid-server-TESTKEY",), {"order_id": None}, "absent"),
        (("SB-Mid-server-TESTKEY",), {"signature_key": None}, "absent"),
        (("SB-Mid-server-TESTKEY",), {"signature_key": "\udcff"}, "wrong"),
        (("SB-Mid-server-TESTKEY",), {"order_id": "\udcff"}, "wrong"),
    ],
)
def test_a_notification_is_authentic_when_signed_with_either_of_the_keys_in_rotation(
    keys: tuple[str, ...], changes: Json, secret: str
) -> None:
    body = json.dumps(VECTOR | changes).encode()
    with make_midtrans("http://127.0.0.1:9", server_keys=keys) as midtrans:
        assert midtrans.secret_of({}, body) == secret


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000])
def test_what_is_no_json_object_is_neither_authentic_nor_read(body: bytes) -> None:
    with make_midtrans("http://127.0.0.1:9") as midtrans:
        assert midtrans.secret_of({}, body) == "absent"
        assert midtrans.read_webhook({}, body) is None


def read(**changes: Any) -> WebhookHint:
    body = {
        "order_id": "R1",
        "transaction_id": "t-1",
        "status_code": "200",
        "transaction_status": "settlement",
    }
    hint = gateway("midtrans").read_webhook({}, json.dumps(body | changes).encode())
    assert hint is not None
    return hint


def test_a_notification_names_itself_by_what_makes_it_another_one() -> None:
    assert read() == WebhookHint("settlement", "t-1:200:settlement", "R1", "t-1")
    assert read() == read(status_message="said otherwise", settlement_time="2026-11-22 10:00:00")
    held = read(transaction_status="capture", status_code="201", fraud_status="challenge")
    assert (held.event, held.webhook_id) == ("capture.held", "t-1:201:capture:held")
    assert gateway("midtrans").claim_of(held.event) is Claim.STATE
    given_back = [
        read(transaction_status="refund", refunds=[{"refund_key": "K1"} | more])
        for more in ({}, {"bank_confirmed_at": "2026-11-22 10:00:00"})
    ]
    assert len({hint.webhook_id for hint in given_back}) == 2
    assert gateway("midtrans").claim_of(given_back[0].event) is Claim.REFUND
    assert read(payment_type="dana").gateway_ref == "dana.t-1"
    assert read(transaction_id="../x", transaction_status=7, order_id="R\x001") == WebhookHint(
        "", "", "", ""
    )
