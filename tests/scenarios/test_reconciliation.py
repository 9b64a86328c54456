"""What only the gateway's list tells, keys that change, and what follows a commit. T46 to T51."""

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from orders.holding import HeldBack
from orders.tests.life.builders import send_mails, ship
from payments.models import (
    GatewayTransaction,
    LedgerTransaction,
    PaymentAttempt,
    PaymentException,
    PaymentReceipt,
    StatementReading,
)
from payments.reconciling.reading import read_page, schedule_readings
from payments.tests.builders import make_capture, pay
from payments.tests.gateway_builders import CALLBACK_TOKENS
from shop.core import outbox
from shop.core.models import OutboxMessage
from tests.scenarios.scene import (
    Scene,
    balance,
    books_untouched,
    dispositions,
    status_of,
    troubles,
)

pytestmark = pytest.mark.django_db(transaction=True)
PAID = ("confirmed", "succeeded")
UNKNOWN = {"event": "something.new", "data": {}}


def paid_unseen(scene: Scene) -> PaymentAttempt:
    """Its money lies at the gateway, and nothing has told the shop."""
    attempt = scene.placed()
    scene.arm("webhook", "drop", probability=1.0)
    scene.pay(attempt)
    scene.told()
    assert status_of(attempt)[0] == "pending"
    return attempt


def test_t46_money_that_nothing_told_of(scene: Scene) -> None:
    attempt = paid_unseen(scene)
    stranger = scene.sim("transactions/add", amount=75_000, reference_id="POS-7")
    scene.reconcile()
    assert (status_of(attempt), dispositions()) == (PAID, ["applied"])
    # What is only listed is told, and not booked.
    trouble = PaymentException.objects.get()
    assert (trouble.kind, stranger["product_id"] in trouble.note) == ("unmatched", True)
    assert balance("gateway_clearing:xendit") == attempt.amount_minor
    for _twice in "12":
        scene.reconcile()
    assert (dispositions(), troubles()) == (["applied"], ["unmatched"])
    assert StatementReading.objects.get(name="nightly").last_counts["listed"] == 2


def test_t47_money_that_the_gateway_does_not_list(scene: Scene) -> None:
    attempt = scene.placed()
    pay(attempt, make_capture(attempt.amount_minor))
    scene.later(hours=49)
    scene.reconcile()
    assert troubles() == ["phantom"]
    [trouble] = PaymentException.objects.all()
    assert (trouble.order, trouble.receipt) == (attempt.order, PaymentReceipt.objects.get())
    attempt.order.refresh_from_db()
    with pytest.raises(HeldBack):
        ship(attempt.order)
    scene.reconcile()
    assert troubles() == ["phantom"]


def test_t48_fee_settlement_and_withdrawal(scene: Scene) -> None:
    attempt = scene.placed()
    scene.pay(attempt)
    scene.told()
    scene.sim("transactions/settle", all=True)
    for _twice in "12":
        GatewayTransaction.objects.update(next_match_at=timezone.now())
        scene.reconcile()
    [row] = GatewayTransaction.objects.all()
    fee, tax = balance("gateway_fee"), balance("ppn_in")
    # DANA takes 1.5 % and its VAT.
    assert (fee, tax) == (2_415, 266)
    assert balance("gateway_clearing:xendit") == row.net.minor == attempt.amount_minor - fee - tax
    scene.clock.advance(seconds=1)
    scene.sim("transactions/withdraw")
    for _twice in "12":
        scene.reconcile()
        assert (balance("gateway_clearing:xendit"), balance("bank:main")) == (0, row.net.minor)
    assert LedgerTransaction.objects.filter(kind="withdrawal").count() == 1
    assert troubles() == []


def test_t49_a_run_that_dies_midway_and_runs_that_come_twice(scene: Scene) -> None:
    attempts = [paid_unseen(scene) for _buyer in range(2)]
    # More rows than a page holds, all of one moment.
    for number in range(50):
        scene.sim("transactions/add", amount=1_000, type="ADJUSTMENT_ADD", reference_id=f"{number}")
    schedule_readings()
    nightly = StatementReading.objects.get(gateway="xendit", name="nightly")
    read_page(reading_id=nightly.pk)
    assert GatewayTransaction.objects.count() == 50
    scene.reconcile()
    assert GatewayTransaction.objects.count() == 52
    assert [status_of(attempt) for attempt in attempts] == [PAID, PAID]
    before = LedgerTransaction.objects.count(), len(troubles())
    assert before[1] == 50
    scene.reconcile()
    assert (LedgerTransaction.objects.count(), len(troubles())) == before
    assert dispositions() == ["applied", "applied"]


def test_t50_tokens_are_rotated(scene: Scene, settings: Settings) -> None:
    attempt = scene.placed()
    old, new = CALLBACK_TOKENS[0], "token-of-tomorrow"
    settings.XENDIT_CALLBACK_TOKENS = [new, old]
    assert scene.forge(UNKNOWN)["tries"][0]["status"] == 200
    settings.XENDIT_CALLBACK_TOKENS = [new]
    assert scene.forge(UNKNOWN)["tries"][0]["status"] == 401
    # What the gateway still sends under the old one is not lost: it is asked about.
    scene.pay(attempt)
    scene.told()
    assert (status_of(attempt)[0], dispositions()) == ("pending", [])
    scene.later(seconds=61)
    assert (status_of(attempt), dispositions()) == (PAID, ["applied"])
    settings.XENDIT_CALLBACK_TOKENS = [new, old]


def test_t51_mail_follows_the_commit(scene: Scene) -> None:
    attempt = scene.placed()
    OutboxMessage.objects.all().delete()

    with transaction.atomic():
        pay(attempt, make_capture(attempt.amount_minor))
        transaction.set_rollback(True)
    assert (OutboxMessage.objects.count(), books_untouched(), send_mails()) == (0, True, [])
    scene.pay(attempt)
    scene.told()
    [message] = OutboxMessage.objects.filter(topic="order-confirmed")
    # Whoever took it is no more, and its lease goes by.
    assert message.pk in outbox.claim_for_publishing()
    assert message.pk not in outbox.claim_for_publishing()
    OutboxMessage.objects.update(available_at=timezone.now(), claimed_at=None)
    assert message.pk in outbox.claim_for_publishing()
    mail.outbox.clear()
    assert [outbox.deliver(message.pk) for _worker in "12"] == [True, False]
    assert len(mail.outbox) == 1
