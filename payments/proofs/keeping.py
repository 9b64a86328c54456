"""Proofs are stored where only the shop reads, and shown to staff. No money follows from one.

No file is written or deleted inside a transaction: the storage may be another machine.
"""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models import Order
from payments.models import (
    OPEN_STATES,
    AttemptState,
    PaymentAttempt,
    PaymentProof,
    Refund,
    RefundChannel,
    RefundState,
)
from payments.proofs.reading import Upload
from payments.refunds.locking import lock_refund
from payments.refunds.transfers import NotToBeTransferred, RefundNotFound
from payments.transfers.amounts import GATEWAY
from shop.core.errors import DomainError
from shop.core.throttle import Limit

log = logging.getLogger(__name__)
FOLDER = "proofs/"
MOST_OF_ORDER = 3
MOST_OF_REFUND = 5
# Of one network: who pays three orders in an hour sends nine.
LIMITS = (Limit(12, 3600), Limit(40, 86_400))
AWAY = (OSError, BotoCoreError, Boto3Error, ClientError)


class ProofNotStored(DomainError):
    code = "proof_not_stored"
    status = 503
    message = _("The file could not be stored just now. Please try again in a moment.")


class TooManyProofs(DomainError):
    code = "too_many_proofs"
    status = 422
    message = _("There are {most} files already: more are not needed.")


class NothingAwaited(DomainError):
    code = "nothing_awaited"
    message = _("No transfer of this order is awaited any more.")


def keep_from_customer(*, order: Order, upload: Upload) -> PaymentProof:
    """A customer shows that a transfer was made. The same file again is the same proof.

    Not within a transaction. Raises NothingAwaited, TooManyProofs, ProofNotStored.
    """
    with _stored(upload) as name, transaction.atomic():
        # Held, so that of many that come at once no more than the limit are kept.
        order = Order.objects.locked().get(pk=order.pk)
        attempt = _awaited(order)
        known = PaymentProof.objects.filter(attempt=attempt, sha256=upload.sha256).first()
        if known is not None:
            return known
        if proofs_of(order).count() >= MOST_OF_ORDER:
            raise TooManyProofs(most=MOST_OF_ORDER)
        return _row(name, upload, attempt=attempt)


def _awaited(order: Order) -> PaymentAttempt:
    attempt = _pending(order).order_by("-seq").first()
    if attempt is None:
        raise NothingAwaited
    return attempt


def awaits_proof(order: Order) -> bool:
    """Whether its customer is to transfer money by hand, and may show that it was done."""
    return _pending(order).exists()


def proofs_of(order: Order) -> QuerySet[PaymentProof]:
    """What its customer sent, the oldest first."""
    return PaymentProof.objects.filter(attempt__order=order).order_by("pk")


def _pending(order: Order) -> QuerySet[PaymentAttempt]:
    return PaymentAttempt.objects.filter(order=order, gateway=GATEWAY, state=AttemptState.PENDING)


def keep_of_refund(*, refund_id: int, upload: Upload, user_id: int) -> PaymentProof:
    """Staff keep what the bank says of a refund by hand, before or after it is recorded.

    Not within a transaction. Raises RefundNotFound, NotToBeTransferred, TooManyProofs,
    ProofNotStored.
    """
    if not Refund.objects.filter(pk=refund_id).exists():
        raise RefundNotFound
    with _stored(upload) as name, transaction.atomic():
        refund = lock_refund(refund_id)
        if refund.channel != RefundChannel.BANK_TRANSFER or refund.state not in (
            RefundState.AWAITING_TRANSFER,
            RefundState.SUCCEEDED,
        ):
            raise NotToBeTransferred
        known = PaymentProof.objects.filter(refund=refund, sha256=upload.sha256).first()
        if known is not None:
            return known
        if PaymentProof.objects.filter(refund=refund).count() >= MOST_OF_REFUND:
            raise TooManyProofs(most=MOST_OF_REFUND)
        return _row(name, upload, refund=refund, uploaded_by_id=user_id)


def _row(name: str, upload: Upload, **of: object) -> PaymentProof:
    return PaymentProof.objects.create(
        name=name, kind=upload.kind, size=len(upload.data), sha256=upload.sha256, **of
    )


@contextmanager
def _stored(upload: Upload) -> Iterator[str]:
    """Its file, for a block that commits a row with that name; else it is deleted again."""
    try:
        name = default_storage.save(
            f"{FOLDER}{secrets.token_urlsafe(24)}.{upload.kind}", ContentFile(upload.data)
        )
    except AWAY as error:
        log.exception("proof_not_stored")
        raise ProofNotStored from error
    try:
        yield name
    finally:
        if not PaymentProof.objects.filter(name=name).exists():
            _delete(name)


def _delete(name: str) -> bool:
    """Whether it is gone; one that was gone before is, too."""
    try:
        default_storage.delete(name)
    except AWAY:
        log.exception("proof_not_deleted", extra={"file": name})
        return False
    return True


def read_file(proof: PaymentProof) -> bytes:
    """Raises ProofNotStored where it cannot be read now."""
    try:
        with default_storage.open(proof.name) as file:
            return bytes(file.read())
    except AWAY as error:
        log.exception("proof_not_read", extra={"file": proof.name})
        raise ProofNotStored from error


def forget_proofs() -> int:
    """Delete what customers sent some time ago, once it is not awaited. Returns how many.

    Those of refunds stay: they belong to the books.
    """
    old = PaymentProof.objects.filter(
        refund=None, uploaded_at__lt=timezone.now() - settings.TRANSFER_PROOF_KEPT
    ).exclude(attempt__state__in=OPEN_STATES)
    forgotten = 0
    for proof in old.order_by("pk").iterator(chunk_size=500):
        # The file first: a row without one is found again, a file without one is not.
        if _delete(proof.name):
            proof.delete()
            forgotten += 1
    return forgotten
