"""The window ends, and money comes before, after and at that moment. T20 to T26."""

from collections.abc import Callable
from functools import partial

import pytest
from django.utils import timezone

from catalog.models import Reservation
from catalog.tests.builders import make_variant, stock_of
from orders.models import Order
from payments.expiry import expire_unpaid
from payments.models import Refund
from payments.money_loop import follow_up
from payments.polling import poll
from tests.racing import race
from tests.scenarios.scene import (
    Scene,
    another_buyer,
    balance,
    dispositions,
    status_of,
    stock,
    troubles,
)

pytestmark = pytest.mark.django_db(transaction=True)
PAID = ("confirmed", "succeeded")
ENDED = ("expired", "cancelled")


def test_t20_late_money_while_the_goods_are_free(scene: Scene) -> None:
    attempt = scene.placed("bca_va")
    scene.window_ends(attempt)
    assert (status_of(attempt), stock(attempt)) == (ENDED, (1, 0))
    scene.pay(attempt, force_late=True)
    scene.told()
    assert (status_of(attempt), stock(attempt)) == (PAID, (0, 0))
    assert (dispositions(), troubles()) == (["applied"], [])
    assert attempt.order.events.filter(kind="confirmed_late").count() == 1


@pytest.mark.parametrize(("method", "channel"), [("dana", "gateway"), ("bca_va", "bank_transfer")])
def test_t21_late_money_for_what_somebody_else_has_bought(
    scene: Scene, method: str, channel: str
) -> None:
    shirt = make_variant(on_hand=1)
    late = scene.placed(method, variant=shirt)
    scene.window_ends(late)
    quick = scene.placed(variant=shirt, contact=another_buyer())
    scene.pay(quick)
    scene.told()
    scene.pay(late, force_late=True)
    scene.told()
    assert (status_of(late), status_of(quick)) == (("expired", "succeeded"), PAID)
    assert (dispositions(), stock_of(shirt)) == (["applied", "unfulfillable"], (0, 0))
    # Its buyer gets all of it back: by itself where the gateway can, else by a task for staff.
    refund = Refund.objects.get()
    assert (refund.order, refund.channel) == (late.order, channel)
    assert refund.amount_minor == late.amount_minor == -balance("refunds_payable")
    assert len(scene.refunds()) == (channel == "gateway")


def test_t22_two_late_payments_for_the_last_one_at_once(scene: Scene) -> None:
    shirt = make_variant(on_hand=1)
    attempts = []
    for contact in ({}, {"contact": another_buyer()}):
        attempts.append(scene.placed(variant=shirt, **contact))
        scene.window_ends(attempts[-1])
    scene.arm("webhook", "drop", probability=1.0)
    for attempt in attempts:
        scene.pay(attempt, force_late=True)
    race([partial(poll, attempt_id=attempt.pk) for attempt in attempts])
    assert sorted(status_of(attempt)[0] for attempt in attempts) == ["confirmed", "expired"]
    assert sorted(dispositions()) == ["applied", "unfulfillable"]
    assert (troubles(), stock_of(shirt)) == (["unfulfillable"], (0, 0))


def test_t23_the_window_ends_while_the_money_comes(scene: Scene) -> None:
    attempt = scene.placed()
    scene.arm("webhook", "drop", probability=1.0)
    scene.pay(attempt)
    ends = partial(expire_unpaid, order_id=attempt.order_id)
    comes = partial(follow_up, attempt_id=attempt.pk)
    both: list[Callable[[], object]] = [ends, comes]
    race(both * 2)
    assert (status_of(attempt), stock(attempt)) == (PAID, (0, 0))
    assert dispositions() == ["applied"]


def test_t24_the_window_ends_unpaid(scene: Scene) -> None:
    """At our window and not the gateway's lifetime: cancelled there, asked, then released."""
    attempt = scene.placed()
    assert attempt.order.reserve_until == attempt.expires_at
    scene.window_ends(attempt)
    assert scene.requests(attempt)[0]["status"] == "CANCELED"
    assert (status_of(attempt), stock(attempt)) == (ENDED, (1, 0))
    scene.window_ends(attempt)
    assert (status_of(attempt), stock(attempt)) == (ENDED, (1, 0))


def test_t25_it_was_paid_before_it_could_be_cancelled(scene: Scene) -> None:
    attempt = scene.placed()
    scene.arm("webhook", "drop", probability=1.0)
    scene.pay(attempt)
    scene.window_ends(attempt)
    assert (status_of(attempt), stock(attempt)) == (PAID, (0, 0))
    # Where neither can be had, nothing is concluded until the grace is over.
    waiting = scene.placed(variant=make_variant(on_hand=1))
    for call in ("cancel", "get"):
        scene.arm(call, "unavailable", probability=1.0)
    scene.window_ends(waiting)
    assert (status_of(waiting), stock(waiting)) == (("pending", "pending"), (1, 1))
    Order.objects.filter(pk=waiting.order_id).update(next_expiry_at=timezone.now())
    scene.later(minutes=46)
    assert (status_of(waiting)[0], stock(waiting)) == ("expired", (1, 0))


def test_t26_a_payment_fails(scene: Scene) -> None:
    attempt = scene.placed()
    scene.sim("fail", reference_id=attempt.reference, failure_code="USER_DECLINED_PAYMENT")
    scene.told()
    # The goods are kept for another try until the window ends, and given back once.
    assert (status_of(attempt), stock(attempt)) == (("pending", "failed"), (1, 1))
    for _twice in "12":
        scene.window_ends(attempt)
        assert (status_of(attempt)[0], stock(attempt)) == ("expired", (1, 0))
    assert list(Reservation.objects.values_list("state", flat=True)) == ["released"]
