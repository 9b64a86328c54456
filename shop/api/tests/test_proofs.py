"""The app shows that a transfer by hand was made."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from catalog.tests.imaging.conftest import files_in
from orders.models import Order
from orders.tests.builders import make_order
from payments.models import LARGEST_PROOF, PaymentProof
from payments.proofs.keeping import MOST_OF_ORDER
from payments.tests.builders import make_attempt
from payments.tests.proofs.test_proofs import PDF, somebody
from payments.tests.transfers.builders import await_transfer, open_account
from shop.api.parsers import LARGEST_BODY
from shop.api.tests.client import API, App, answer_of, problem_of
from shop.api.tests.test_document import assert_valid

pytestmark = pytest.mark.django_db
PATH = "/orders/{number}/proofs"


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    open_account(settings)
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


def send(
    order: Order,
    data: bytes = PDF,
    *,
    token: str = "",
    field: str = "proof",
    client: Client | None = None,
) -> Any:
    """Sent as a form with a file, as phones do it."""
    return (client or somebody()).post(
        f"{API}/orders/{order.number}/proofs",
        {field: SimpleUploadedFile("bukti.pdf", data)},
        headers={"x-order-token": token or order.token, "accept-language": "en"},
    )


def another(number: int) -> bytes:
    return PDF.replace(b"1 0 obj", b"%d 0 obj" % number)


def test_the_app_sends_a_proof_once_and_sees_that_it_came() -> None:
    attempt = await_transfer()
    order = attempt.order
    before = App().get(f"/orders/{order.number}/proofs", x_order_token=order.token)
    awaited = {"results": [], "is_awaited": True, "most": MOST_OF_ORDER}
    assert answer_of(before, 200) == awaited
    first = answer_of(send(order), 201)
    assert_valid(PATH, "post", "201", first)
    [listed] = first["results"]
    assert (listed["kind"], listed["size"]) == ("pdf", len(PDF))
    assert answer_of(send(order), 201) == first
    proof = PaymentProof.objects.get()
    assert (str(proof.public_id), proof.attempt) == (listed["id"], attempt)


def test_what_cannot_be_kept_is_refused_and_leaves_no_file(media: Path) -> None:
    order = await_transfer().order
    problem_of(send(order, b"<html>"), 422, "proof_unknown")
    problem_of(send(order, PDF + b"\0" * LARGEST_PROOF), 413, "proof_too_heavy")
    problem_of(send(order, PDF + b"\0" * (LARGEST_PROOF + LARGEST_BODY)), 413, "body_too_large")
    problem_of(send(order, field="file"), 400, "unknown_field")
    problem_of(send(order, token="x" * 32), 404, "order_not_found")
    unpaid = make_attempt(make_order(), method="dana").order
    problem_of(send(unpaid), 409, "nothing_awaited")
    problem_of(send(order, token=unpaid.token), 404, "order_not_found")
    assert not PaymentProof.objects.exists()
    assert files_in(media) == set()


def test_more_than_are_needed_are_refused(media: Path) -> None:
    order = await_transfer().order
    for number in range(MOST_OF_ORDER):
        answer_of(send(order, another(number)), 201)
    problem_of(send(order, another(9)), 422, "too_many_proofs")
    assert PaymentProof.objects.count() == len(files_in(media)) == MOST_OF_ORDER


def test_a_network_that_sends_on_and_on_is_slowed_down() -> None:
    order, client = await_transfer().order, somebody()
    codes = [send(order, client=client).status_code for _time in range(13)]
    assert codes == [201] * 12 + [429]
    assert PaymentProof.objects.count() == 1
