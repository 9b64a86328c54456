"""Money on its way back: twice at once, unanswered, failed, impossible, unknown. T37 to T45."""

from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from catalog.tests.builders import make_variant, stock_of
from orders.calling_off import call_off_by_customer
from orders.models import CreditLine, OrderEvent, RefundDue, ReturnOutcome
from orders.tests.builders import make_cart
from orders.tests.life.builders import ask_return, deliver, receive, settle, ship, staff
from payments.checkout import place_and_pay
from payments.models import (
    LedgerTransaction,
    PaymentAttempt,
    PaymentException,
    PaymentReceipt,
    Refund,
)
from payments.polling import LOOKUPS_APART
from payments.refunds.planning import MoreThanReceived, hold_back
from payments.refunds.transfers import record_transferred
from payments.tests.test_checkout import order_form
from tests.racing import race
from tests.scenarios.meanwhile import meanwhile
from tests.scenarios.scene import (
    Scene,
    balance,
    newest_attempt,
    status_of,
    stock,
    troubles,
)

pytestmark = pytest.mark.django_db(transaction=True)


def paid(scene: Scene, method: str = "dana") -> PaymentAttempt:
    attempt = scene.placed(method)
    scene.pay(attempt)
    scene.told()
    assert status_of(attempt) == ("confirmed", "succeeded")
    return attempt


def called_off(scene: Scene, method: str = "dana") -> PaymentAttempt:
    """Paid, and cancelled by its buyer: all of it is to go back."""
    attempt = paid(scene, method)
    call_off_by_customer(order_id=attempt.order_id)
    return attempt


def refunds() -> list[tuple[str, str]]:
    return list(Refund.objects.order_by("pk").values_list("channel", "state"))


def held() -> tuple[int, int]:
    """Given back and held back of the only receipt."""
    receipt = PaymentReceipt.objects.get()
    return receipt.refunded_minor, receipt.refund_pending_minor


def there(scene: Scene) -> list[tuple[int, str]]:
    return [(one["amount"], one["status"]) for one in scene.refunds()]


def settled(scene: Scene, **outcome: str) -> None:
    """The newest refund at the gateway arrives, or does not."""
    scene.sim("refunds/settle", refund_id=scene.refunds()[0]["id"], **outcome)
    scene.told()


def test_t37_two_refunds_of_more_than_came(scene: Scene) -> None:
    paid(scene)
    receipt = PaymentReceipt.objects.get()
    # Two of 100,000 from 161,000.
    outcomes = race([partial(hold_back, receipt, 100_000)] * 4)
    refused = [each for each in outcomes if isinstance(each, MoreThanReceived)]
    assert (outcomes.count(None), len(refused)) == (1, 3)
    assert (held(), there(scene)) == ((0, 100_000), [])
    PaymentReceipt.objects.update(refund_pending_minor=0)


def test_t38_the_webhook_comes_before_the_answer_to_the_refund(scene: Scene, settings: Any) -> None:
    attempt = called_off(scene)

    def arrives() -> None:
        assert Refund.objects.get().state == "submitting"
        settled(scene)
        assert Refund.objects.get().state == "succeeded"

    with meanwhile(scene.gateway.url, "POST /refunds", arrives) as proxy:
        settings.XENDIT_URL = proxy.url
        scene.turn()
    settings.XENDIT_URL = scene.gateway.url
    total = attempt.amount_minor
    assert (refunds(), there(scene)) == ([("gateway", "succeeded")], [(total, "SUCCEEDED")])
    assert (held(), balance("refunds_payable")) == ((total, 0), 0)
    assert LedgerTransaction.objects.filter(kind="refund_paid").count() == 1


@pytest.mark.parametrize("arrives", [True, False], ids=["it-got-there", "it-did-not"])
def test_t39_a_refund_without_an_answer(
    scene: Scene,
    arrives: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    attempt = called_off(scene)
    scene.arm("refund", "reset_after" if arrives else "reset_before")
    scene.turn()
    assert refunds() == [("gateway", "unknown")]
    scene.later(seconds=3)
    scene.later(seconds=LOOKUPS_APART.total_seconds() + 2)
    total = attempt.amount_minor
    # Looked up, never repeated; what certainly never arrived is asked for under another name.
    assert there(scene) == [(total, "PENDING")]
    lost = [] if arrives else [("gateway", "failed")]
    assert refunds() == [*lost, ("gateway", "pending")]
    settled(scene)
    assert refunds() == [*lost, ("gateway", "succeeded")]
    assert held() == (total, 0)


def test_t40_a_refund_fails_after_it_was_accepted(scene: Scene) -> None:
    attempt = called_off(scene)
    scene.turn()
    assert refunds() == [("gateway", "pending")]
    settled(scene, outcome="failed", failure_code="REFUND_FAILED")
    # Held back for the next try, which is somebody's.
    assert refunds() == [("gateway", "failed"), ("bank_transfer", "awaiting_transfer")]
    assert (held(), RefundDue.objects.get().paid_at) == ((0, attempt.amount_minor), None)
    assert OrderEvent.objects.filter(order=attempt.order, kind="refund_failed").count() == 1
    assert balance("refunds_payable") == -attempt.amount_minor


def test_t41_a_method_that_gives_nothing_back(scene: Scene) -> None:
    attempt = called_off(scene, "bca_va")
    scene.turn()
    [refund] = Refund.objects.all()
    assert (refunds(), there(scene)) == ([("bank_transfer", "awaiting_transfer")], [])
    done = partial(
        record_transferred,
        refund_id=refund.pk,
        paid_on=timezone.localdate(),
        reference="BCA 1",
        user_id=staff().pk,
    )
    assert [done(), done()] == [True, False]
    assert (held(), balance("bank:main")) == ((attempt.amount_minor, 0), -attempt.amount_minor)


def test_a_gateway_that_gives_nothing_back_though_our_table_says_so(scene: Scene) -> None:
    called_off(scene)
    scene.sim("settings", no_refunds=["DANA"])
    scene.turn()
    assert refunds() == [("gateway", "failed"), ("bank_transfer", "awaiting_transfer")]
    assert Refund.objects.earliest("pk").failure_code == "REFUND_NOT_SUPPORTED"


def test_t42_a_refund_that_the_gateway_does_not_take_now(scene: Scene) -> None:
    attempt = called_off(scene)
    scene.sim("settings", balance=1)
    scene.turn()
    refund = Refund.objects.get()
    assert (refund.state, refund.failure_code) == ("approved", "INSUFFICIENT_BALANCE")
    scene.sim("settings", balance=None)
    scene.sim("refunds/create", reference_id=attempt.reference, amount=1_000)
    scene.later(minutes=10)
    refund.refresh_from_db()
    assert (refund.state, refund.failure_code) == ("approved", "REFUND_IN_PROGRESS")
    settled(scene, outcome="failed", failure_code="REFUND_FAILED")
    scene.later(minutes=10)
    assert refunds() == [("gateway", "pending")]
    # Past its window no gateway is asked at all.
    late = paid(scene)
    scene.later(days=30)
    call_off_by_customer(order_id=late.order_id)
    asked_before = len(there(scene))
    scene.turn()
    assert refunds()[-1] == ("bank_transfer", "awaiting_transfer")
    assert len(there(scene)) == asked_before


def test_t43_one_of_two_lines_goes_back(scene: Scene) -> None:
    shirt, skirt = make_variant(price=100_000, on_hand=1), make_variant(price=49_000, on_hand=1)
    order = place_and_pay(**order_form(make_cart({shirt: 1, skirt: 1}))).order
    attempt = newest_attempt(order)
    scene.pay(attempt)
    scene.told()
    order.refresh_from_db()
    deliver(ship(order))
    settle(receive(ask_return(order), restock_item=None), ReturnOutcome.REFUND)
    # Staff did not say that it is on sale again.
    assert (stock_of(shirt), stock_of(skirt)) == ((0, 0), (0, 0))
    scene.turn()
    settled(scene)
    back = RefundDue.objects.get().amount_minor
    assert held() == (back, 0)
    assert 0 < back < attempt.amount_minor
    paper = CreditLine.objects.filter(invoice__refund_due__isnull=False)
    assert sum(paper.values_list("amount_minor", flat=True)) == back


def test_t44_a_refund_from_the_gateways_own_pages(scene: Scene) -> None:
    attempt = paid(scene)
    scene.sim("refunds/create", reference_id=attempt.reference, amount=10_000, outcome="succeeded")
    scene.told()
    scene.sim("resend", reference_id=attempt.reference)
    scene.told()
    assert refunds() == [("gateway", "succeeded")]
    assert (held(), troubles()) == ((10_000, 0), ["foreign_refund"])
    assert balance("gateway_clearing:xendit") == attempt.amount_minor - 10_000
    assert status_of(attempt)[0] == "confirmed"


def test_t45_the_payers_bank_takes_the_money_back(scene: Scene) -> None:
    attempt = paid(scene)
    payment_id = PaymentReceipt.objects.get().payment_id
    scene.sim("transactions/settle", all=True)
    scene.sim("transactions/charge-back", payment_id=payment_id)
    for _twice in "12":
        scene.reconcile()
        assert balance("chargeback_loss") == attempt.amount_minor
    assert (troubles(), PaymentException.objects.get().order) == (["chargeback"], attempt.order)
    assert (status_of(attempt)[0], stock(attempt)) == ("confirmed", (0, 0))
