"""Paid twice: by two methods, by the gateway's fault, by two hands. T34 to T36."""

from collections.abc import Callable
from functools import partial

import pytest

from orders.tests.life.builders import staff
from payments.checkout import pay_again
from payments.models import PaymentException, PaymentReceipt, Refund
from payments.refunds.exceptions import refund_exception
from payments.tests.transfers.builders import only_line
from payments.transfers.booking import book_line_to_order
from tests.racing import race
from tests.scenarios.scene import (
    Scene,
    dispositions,
    status_of,
    stock,
    troubles,
)

pytestmark = pytest.mark.django_db(transaction=True)
PAID = ("confirmed", "succeeded")


def test_t34_paid_by_two_methods(scene: Scene) -> None:
    va = scene.placed("bca_va")
    dana = pay_again(order=va.order, method="dana", details={})
    scene.pay(va)
    scene.pay(dana)
    scene.told()
    assert (status_of(va), status_of(dana), stock(va)) == (PAID, PAID, (0, 0))
    assert (sorted(dispositions()), troubles()) == (["applied", "duplicate"], ["duplicate"])
    refund_exception(exception_id=PaymentException.objects.get().pk, user_id=None)
    # Of the two it is the one that can go back by itself, whichever came first.
    refund = Refund.objects.get()
    assert (refund.channel, refund.amount_minor) == ("gateway", dana.amount_minor)
    assert refund.receipt is not None
    assert refund.receipt.attempt == dana
    scene.turn()
    scene.sim("refunds/settle", reference_id=refund.reference)
    scene.told()
    assert (status_of(va)[0], troubles()) == ("confirmed", [])


def test_t35_one_request_is_paid_twice_at_the_gateway(scene: Scene) -> None:
    attempt = scene.placed()
    scene.pay(attempt)
    scene.pay(attempt, force_duplicate=True)
    scene.told()
    scene.reconcile()
    assert sorted(dispositions()) == ["applied", "duplicate"]
    assert PaymentReceipt.objects.filter(attempt=attempt).count() == 2
    assert (status_of(attempt), troubles(), stock(attempt)) == (PAID, ["duplicate"], (0, 0))


def test_t36_staff_book_the_money_twice_while_a_webhook_brings_it(scene: Scene) -> None:
    """The way staff mark an order as paid is a line of the bank's statement."""
    attempt = scene.placed()
    line = only_line(attempt.amount_minor)
    book = partial(
        book_line_to_order, line_id=line.pk, number=attempt.order.number, user_id=staff().pk
    )
    scene.pay(attempt)
    scene.knocked()
    hands: list[Callable[[], object]] = [book, scene.turn, book]
    race(hands)
    gateways = PaymentReceipt.objects.values_list("gateway", flat=True)
    assert sorted(gateways) == ["bank_transfer", "xendit"]
    assert sorted(dispositions()) == ["applied", "duplicate"]
    assert (status_of(attempt), stock(attempt)) == (PAID, (0, 0))
    assert troubles() == ["duplicate"]
