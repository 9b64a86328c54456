"""Files that show a transfer: kept where nobody else reads them, and never taken as money."""

from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.tests.builders import make_staff
from catalog.tests.imaging.conftest import files_in
from catalog.tests.imaging.samples import photo
from catalog.tests.imaging.test_bucket import bucket, keys  # noqa: F401 - a fixture by its name
from orders.calling_off import call_off
from orders.models import CallOffReason, OrderStatus
from orders.settlement import close_unpaid
from orders.tests.builders import make_order
from orders.tests.life.builders import staff
from payments.models import (
    AttemptState,
    PaymentAttempt,
    PaymentProof,
    PaymentReceipt,
    ProofKind,
    Refund,
)
from payments.proofs.keeping import (
    LIMITS,
    MOST_OF_ORDER,
    NothingAwaited,
    ProofNotStored,
    TooManyProofs,
    forget_proofs,
    keep_from_customer,
)
from payments.proofs.reading import ProofTooHeavy, ProofUnknown, Upload, read_proof
from payments.tests.builders import make_attempt, pay
from payments.tests.test_admin import signed_in
from payments.tests.transfers.builders import await_transfer, open_account, take
from payments.tests.transfers.builders import csv_of as statement_of
from payments.transfers.matching import propose
from shop.core.throttle import Limit
from tests.racing import race

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
_hosts = count(1)


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    open_account(settings)
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


def sent(data: bytes = PDF, name: str = "Bukti Siti.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="application/octet-stream")


def upload(data: bytes = PDF) -> Upload:
    return read_proof(sent(data))


def somebody() -> Client:
    """Of a network that has sent nothing yet."""
    return Client(REMOTE_ADDR=f"203.0.113.{next(_hosts)}")


def send(attempt: PaymentAttempt, data: bytes = PDF, client: Client | None = None) -> str:
    """What the customer reads on the page that answers."""
    url = reverse("payments:send_proof", args=[attempt.order.token])
    answer = (client or somebody()).post(url, {"proof": sent(data)}, follow=True)
    assert answer.status_code == 200
    return answer.text


def to_be_transferred() -> Refund:
    order = make_order()
    pay(make_attempt(order, method="bca_va"))
    call_off(order_id=order.pk, reason=CallOffReason.OTHER, user_id=staff().pk)
    return Refund.objects.get()


def file_url(proof: PaymentProof) -> str:
    return reverse("admin:payments_paymentproof_file", args=[proof.public_id])


# --- what is taken -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PDF, ProofKind.PDF),
        (photo(kind="JPEG"), ProofKind.JPEG),
        (photo(kind="PNG"), ProofKind.PNG),
        (photo(kind="WEBP"), ProofKind.WEBP),
    ],
    ids=["pdf", "jpeg", "png", "webp"],
)
def test_a_file_is_known_by_its_content(data: bytes, kind: ProofKind) -> None:
    assert read_proof(sent(data, "anything.exe")).kind is kind


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"MZ\x90\x00" + PDF,
        PDF.removesuffix(b"%%EOF\n"),
        photo(kind="GIF"),
        photo(kind="AVIF"),
    ],
    ids=["nothing", "html", "svg", "program", "cut", "gif", "avif"],
)
def test_what_is_none_of_these_is_refused_whatever_it_is_called(data: bytes) -> None:
    with pytest.raises(ProofUnknown):
        read_proof(sent(data, "bukti.pdf"))


def test_more_than_five_megabytes_are_refused() -> None:
    filler = b"%PDF-1.7\n" + b"0" * (5 * 1024 * 1024)
    with pytest.raises(ProofTooHeavy):
        read_proof(sent(filler + b"%%EOF"))


# --- the customer's ------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_customer_shows_a_transfer_and_it_is_no_money(media: Path) -> None:
    attempt = await_transfer()
    page = somebody().get(reverse("payments:pay", args=[attempt.order.token])).text
    assert 'enctype="multipart/form-data"' in page

    assert "Pembayaran Anda dihitung begitu masuk ke rekening kami" in send(attempt)

    proof = PaymentProof.objects.get()
    assert (proof.attempt, proof.kind, proof.size) == (attempt, "pdf", len(PDF))
    assert proof.uploaded_by is None
    [name] = files_in(media)
    assert name == proof.name
    assert name.startswith("proofs/")
    assert "Siti" not in name
    attempt.refresh_from_db()
    attempt.order.refresh_from_db()
    assert (attempt.state, attempt.order.status) == (AttemptState.PENDING, OrderStatus.PENDING)
    assert not PaymentReceipt.objects.exists()
    # Nobody finds it where pictures are.
    assert somebody().get(f"/media/{proof.name}").status_code == 404


@pytest.mark.django_db
def test_the_same_file_again_is_one_and_more_than_three_are_refused(media: Path) -> None:
    attempt = await_transfer()
    for data in (PDF, PDF, PDF + b" ", photo()):
        send(attempt, data)
    assert PaymentProof.objects.count() == MOST_OF_ORDER
    assert "Sudah ada 3 berkas" in send(attempt, PDF + b"  ")
    assert (PaymentProof.objects.count(), len(files_in(media))) == (3, 3)
    assert "Berkas itu tidak dapat kami simpan" in send(attempt, b"<html>")


@pytest.mark.django_db(transaction=True)
def test_of_many_that_come_at_once_no_more_than_three_are_kept(media: Path) -> None:
    attempt = await_transfer()
    calls = [
        partial(keep_from_customer, order=attempt.order, upload=upload(PDF + b" " * number))
        for number in range(8)
    ]
    results = race(calls)
    assert sum(isinstance(each, PaymentProof) for each in results) == MOST_OF_ORDER
    assert sum(isinstance(each, TooManyProofs) for each in results) == 8 - MOST_OF_ORDER
    assert set(PaymentProof.objects.values_list("name", flat=True)) == files_in(media)
    assert len(files_in(media)) == MOST_OF_ORDER


@pytest.mark.django_db
def test_nothing_is_kept_of_an_order_that_awaits_no_transfer(media: Path) -> None:
    attempt = await_transfer()
    close_unpaid(order_id=attempt.order_id)
    PaymentAttempt.objects.update(state=AttemptState.EXPIRED)
    by_dana = make_attempt(make_order())
    for order in (attempt.order, by_dana.order):
        with pytest.raises(NothingAwaited):
            keep_from_customer(order=order, upload=upload())
    assert (PaymentProof.objects.count(), files_in(media)) == (0, set())


@pytest.mark.django_db
def test_one_network_sends_only_so_many(monkeypatch: pytest.MonkeyPatch, media: Path) -> None:
    monkeypatch.setattr("payments.proofs.views.LIMITS", (Limit(1, 3600),))
    assert LIMITS[0].times > MOST_OF_ORDER
    attempt, client = await_transfer(), somebody()
    send(attempt, PDF, client)
    assert "jaringan Anda" in send(attempt, PDF + b" ", client)
    assert len(files_in(media)) == 1


@pytest.mark.django_db
def test_it_lies_beside_the_line_of_the_statement_that_it_may_be_of() -> None:
    attempt = await_transfer()
    other = await_transfer()
    send(attempt)
    proof = PaymentProof.objects.get()
    statement = take(statement_of([attempt.amount_minor, other.amount_minor]))
    shown = {one.line.amount_minor: one.proofs for one in propose(list(statement.lines.all()))}
    assert shown == {attempt.amount_minor: [proof], other.amount_minor: []}
    page = reverse("admin:payments_bankstatement_change", args=[statement.pk])
    assert file_url(proof) in signed_in().get(page).text
    order_page = reverse("admin:orders_order_change", args=[attempt.order_id])
    assert file_url(proof) in signed_in().get(order_page).text


@pytest.mark.django_db
def test_what_a_customer_sent_is_forgotten_and_what_the_bank_says_is_kept(media: Path) -> None:
    refund = to_be_transferred()
    give(refund)
    old, awaited, recent = (await_transfer() for _ in range(3))
    for attempt in (old, awaited, recent):
        send(attempt)
    long_ago = timezone.now() - timedelta(days=91)
    PaymentProof.objects.exclude(attempt=recent).update(uploaded_at=long_ago)
    PaymentAttempt.objects.filter(pk__in=[old.pk, recent.pk]).update(state=AttemptState.EXPIRED)
    assert forget_proofs() == 1
    left = PaymentProof.objects.values_list("attempt", "refund")
    assert set(left) == {(awaited.pk, None), (recent.pk, None), (None, refund.pk)}
    assert len(files_in(media)) == 3
    assert forget_proofs() == 0


# --- the bank's ----------------------------------------------------------------------------------
def give(refund: Refund, data: bytes = PDF, client: Client | None = None) -> Any:
    url = reverse("admin:payments_proof_take", args=[refund.pk])
    return (client or signed_in()).post(url, {"proof": sent(data)}, follow=True)


@pytest.mark.django_db
def test_staff_keep_the_banks_receipt_with_a_refund_and_get_it_back_as_a_file(media: Path) -> None:
    refund = to_be_transferred()
    colleague = make_staff(
        "payments.change_refund",
        "payments.view_paymentproof",
        "orders.view_order",
    )
    client = Client()
    client.force_login(colleague)
    assert give(refund, client=client).status_code == 200
    proof = PaymentProof.objects.get()
    assert (proof.refund, proof.uploaded_by) == (refund, colleague)
    assert files_in(media) == {proof.name}
    answer = client.get(file_url(proof))
    assert answer.content == PDF
    headers = ("Content-Type", "X-Content-Type-Options", "Content-Security-Policy")
    assert [answer[name] for name in headers] == [
        "application/pdf",
        "nosniff",
        "sandbox; default-src 'none'",
    ]
    named = f'attachment; filename="{refund.reference}-{proof.public_id.hex[:8]}.pdf"'
    assert answer["Content-Disposition"] == named
    assert "no-store" in answer["Cache-Control"]
    # Nothing of it is decided by the paper.
    refund.refresh_from_db()
    assert refund.state == "awaiting_transfer"


@pytest.mark.django_db
def test_nobody_without_the_right_sees_or_adds_one(media: Path) -> None:
    refund = to_be_transferred()
    give(refund)
    proof = PaymentProof.objects.get()
    stranger, reader = Client(), Client()
    reader.force_login(make_staff("payments.view_refund", "orders.view_order"))
    assert stranger.get(file_url(proof)).status_code == 302
    assert reader.get(file_url(proof)).status_code == 403
    assert give(refund, photo(), client=reader).status_code == 403
    assert give(refund, b"<html>").status_code == 200
    page = reader.get(reverse("admin:orders_order_change", args=[refund.order_id])).text
    assert file_url(proof) not in page
    assert PaymentProof.objects.count() == len(files_in(media)) == 1


@pytest.mark.django_db
def test_a_refund_that_a_gateway_makes_has_no_paper_of_ours(media: Path) -> None:
    refund = to_be_transferred()
    Refund.objects.update(channel="gateway", gateway="xendit", state="succeeded")
    give(refund)
    assert (PaymentProof.objects.count(), files_in(media)) == (0, set())
    with pytest.raises(IntegrityError):
        PaymentProof.objects.create(refund=refund, name="x", kind="pdf", size=1, sha256="x")


# --- the storage ---------------------------------------------------------------------------------
@pytest.mark.django_db
def test_in_the_bucket_it_lies_where_the_cdn_does_not_read(bucket: Any) -> None:  # noqa: F811
    attempt = await_transfer()
    send(attempt)
    proof = PaymentProof.objects.get()
    assert keys(bucket) == {f"media/{proof.name}"}
    assert signed_in().get(file_url(proof)).content == PDF
    PaymentAttempt.objects.update(state=AttemptState.EXPIRED)
    PaymentProof.objects.update(uploaded_at=timezone.now() - timedelta(days=91))
    assert (forget_proofs(), keys(bucket)) == (1, set())
    bucket.delete()
    PaymentAttempt.objects.update(state=AttemptState.PENDING)
    with pytest.raises(ProofNotStored):
        keep_from_customer(order=attempt.order, upload=upload())
    assert not PaymentProof.objects.exists()


@pytest.mark.django_db
def test_a_file_that_is_gone_is_said_so(media: Path) -> None:
    refund = to_be_transferred()
    give(refund)
    proof = PaymentProof.objects.get()
    (media / proof.name).unlink()
    answer = signed_in().get(file_url(proof), follow=True)
    assert answer.status_code == 200
    assert "attachment" not in answer.headers.get("Content-Disposition", "")
