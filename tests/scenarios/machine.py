"""Orders, gateway, staff, clock and network, in any order: the rules of T52.

Whatever is refused is refused; what is accepted must leave the books right after every step. At the
end all that is under way arrives, the gateway's list is read, and I1 to I8 hold at both ends.
"""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, suppress
from typing import Any

from django.test import TransactionTestCase
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from catalog.models import Variant
from catalog.tests.builders import make_variant
from orders.calling_off import call_off
from orders.fulfilment import ship_lines
from orders.models import CallOffReason, Order, OrderStatus
from orders.tests.builders import make_contact
from orders.tests.life.builders import staff
from payments.cancelling import cancel_by_customer, cancel_unpaid
from payments.checkout import pay_again
from payments.models import PaymentAttempt, PaymentException, PaymentReceipt, Refund
from payments.polling import nudge
from payments.refunds.exceptions import refund_exception
from payments.refunds.transfers import record_transferred
from payments.tests.invariants import broken
from shop.core.errors import DomainError
from tests.scenarios.scene import Scene

METHODS = ["dana", "dana", "bca_va", "qris", "ovo"]
TROUBLE = ["", "", "", "reset_before", "reset_after", "unavailable", "error_after"]
WEBHOOK_TROUBLE = ["drop", "duplicate", "replay", "reorder", "wrong_token", "truncate"]
which = st.integers(min_value=0, max_value=99)
methods = st.sampled_from(METHODS)
troubles = st.sampled_from(TROUBLE)
steps_taken = 0


class Failures(logging.Handler):
    """What the money loop survives, a test must not."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            self.seen.append(self.format(record))


class Interleavings(RuleBasedStateMachine):
    """One shop with three of one shirt and two of another, at a gateway that `gateways` opens.

    Every rule may always be played, and does nothing where there is nothing to do: what is drawn
    must not hang on how two threads have met.
    """

    gateways: Callable[[], AbstractContextManager[Scene]]

    def __init__(self) -> None:
        super().__init__()
        self.opened = ExitStack()
        self.scene = self.opened.enter_context(type(self).gateways())
        self.shirts: list[Variant] = [make_variant(on_hand=3), make_variant(on_hand=2)]
        self.failures = Failures()
        logging.getLogger("payments.money_loop").addHandler(self.failures)

    def teardown(self) -> None:
        try:
            self.scene.end()
            assert self.failures.seen == []
        finally:
            self.opened.close()
            logging.getLogger("payments.money_loop").removeHandler(self.failures)
            # As after every test that commits.
            TransactionTestCase()._fixture_teardown()  # type: ignore[attr-defined]  # not in the stubs

    # --- customers -------------------------------------------------------------------------------
    @rule(
        place=st.integers(0, 1), method=st.sampled_from(METHODS), trouble=st.sampled_from(TROUBLE)
    )
    def somebody_orders(self, place: int, method: str, trouble: str) -> None:
        self._count()
        buyer = Order.objects.count()
        contact = make_contact(f"siti{buyer}@example.com", f"08123456{buyer:04}")
        self._arm("create", trouble)
        details = {"phone": contact.phone} if method == "ovo" else {}
        self._may(
            self.scene.placed, method, variant=self.shirts[place], contact=contact, details=details
        )

    @rule(number=which, method=methods, trouble=troubles)
    def another_method_is_chosen(self, number: int, method: str, trouble: str) -> None:
        self._count()
        if not Order.objects.exists():
            return
        self._arm("create", trouble)
        details = {"phone": "081234567890"} if method == "ovo" else {}
        self._may(pay_again, order=self._one(number), method=method, details=details)

    @rule(number=which, more=st.sampled_from([0, 0, 0, 0, -50_000, 7_000]), late=st.booleans())
    def money_comes(self, number: int, more: int, *, late: bool) -> None:
        """On time or late, short or over, for the first time or again."""
        self._count()
        if not PaymentAttempt.objects.exists():
            return
        attempt = self._attempt(number)
        forced = {"force_late": True, "force_duplicate": True} if late else {}
        self._try("pay", attempt, amount=attempt.amount_minor + more, **forced)

    @rule(number=which, end=st.sampled_from(["fail", "expire"]), silent=st.booleans())
    def a_request_ends(self, number: int, end: str, *, silent: bool) -> None:
        self._count()
        if not PaymentAttempt.objects.exists():
            return
        self._try(end, self._attempt(number), silent=silent)

    @rule(number=which, by_staff=st.booleans())
    def an_order_is_cancelled(self, number: int, *, by_staff: bool) -> None:
        self._count()
        if not Order.objects.exists():
            return
        order = self._one(number)
        if not by_staff:
            self._may(cancel_by_customer, order_id=order.pk, seen_paid=True)
        elif order.status == OrderStatus.PENDING:
            self._may(cancel_unpaid, order_id=order.pk, user_id=staff().pk)
        else:
            self._may(
                call_off,
                order_id=order.pk,
                reason=CallOffReason.OTHER,
                user_id=staff().pk,
                restock=True,
            )

    # --- staff -----------------------------------------------------------------------------------
    @rule(number=which)
    def goods_are_sent(self, number: int) -> None:
        self._count()
        if not Order.objects.filter(status="confirmed").exists():
            return
        order = self._one(number)
        if order.status == OrderStatus.CONFIRMED:
            group = order.groups.get()
            self._may(
                ship_lines,
                group_id=group.pk,
                courier="JNE",
                tracking_number=f"JP{group.pk}",
                actor_id=staff().pk,
            )

    @rule(number=which)
    def what_does_not_fit_is_given_back(self, number: int) -> None:
        self._count()
        if not PaymentException.objects.filter(resolved_at=None).exists():
            return
        told = PaymentException.objects.filter(resolved_at=None).order_by("pk")
        self._may(refund_exception, exception_id=told[number % len(told)].pk, user_id=staff().pk)

    @rule(number=which)
    def staff_transfer_a_refund(self, number: int) -> None:
        self._count()
        if not Refund.objects.filter(state="awaiting_transfer").exists():
            return
        waiting = Refund.objects.filter(state="awaiting_transfer").order_by("pk")
        self._may(
            record_transferred,
            refund_id=waiting[number % len(waiting)].pk,
            paid_on=timezone.localdate(),
            reference=f"BCA {number}",
            user_id=staff().pk,
        )

    # --- the gateway -----------------------------------------------------------------------------
    @rule(number=which, outcome=st.sampled_from(["succeeded", "succeeded", "failed"]))
    def a_refund_ends(self, number: int, outcome: str) -> None:
        self._count()
        if not Refund.objects.filter(channel="gateway").exists():
            return
        listed = [one for one in self.scene.refunds() if one["status"] == "PENDING"]
        if listed:
            why = {"failure_code": "REFUND_FAILED"} if outcome == "failed" else {}
            refund = listed[number % len(listed)]["id"]
            self._tick()
            self.scene.sim("refunds/settle", refund_id=refund, outcome=outcome, **why)

    @rule(number=which, part=st.sampled_from([10_000, 60_000]))
    def the_gateways_own_pages_give_back(self, number: int, part: int) -> None:
        self._count()
        if not PaymentReceipt.objects.exists():
            return
        attempt = self._attempt(number)
        self._try("refunds/create", attempt, amount=part, outcome="succeeded")

    @rule(what=st.sampled_from(["settle", "withdraw", "charge-back", "return"]), number=which)
    def the_gateway_keeps_its_books(self, what: str, number: int) -> None:
        self._count()
        self._tick()
        if what in ("charge-back", "return"):
            receipts = PaymentReceipt.objects.filter(gateway="xendit").order_by("pk")
            if receipts:
                payment = receipts[number % len(receipts)].payment_id
                self._control(f"transactions/{what}", payment_id=payment)
        else:
            self._control(f"transactions/{what}", **({"all": True} if what == "settle" else {}))

    # --- the network -----------------------------------------------------------------------------
    @rule(mode=st.sampled_from(WEBHOOK_TROUBLE))
    def the_next_webhook_is_troubled(self, mode: str) -> None:
        self._count()
        times = {"times": 1} if mode in ("duplicate", "replay", "truncate") else {}
        self.scene.arm("webhook", mode, **times)

    @rule(on=st.sampled_from(["get", "list", "cancel", "refund"]), mode=troubles)
    def the_next_call_is_troubled(self, on: str, mode: str) -> None:
        self._count()
        self._arm(on, mode)

    @rule(number=which, event=st.sampled_from(["payment.capture", "refund.succeeded", "new"]))
    def somebody_forges(self, number: int, event: str) -> None:
        self._count()
        if not PaymentAttempt.objects.exists():
            return
        attempt = self._attempt(number)
        about = {"reference_id": attempt.reference, "payment_request_id": attempt.gateway_ref}
        self.scene.sim("webhooks/forge", body={"event": event, "data": about})

    @rule(number=which)
    def all_is_told_again(self, number: int) -> None:
        self._count()
        if not PaymentAttempt.objects.exists():
            return
        self._try("resend", self._attempt(number))

    # --- time ------------------------------------------------------------------------------------
    @rule()
    def webhooks_come(self) -> None:
        self._count()
        self.scene.told()

    @rule(minutes=st.sampled_from([0, 1, 1, 10, 31, 60 * 25]))
    def time_goes_by(self, minutes: int) -> None:
        self._count()
        self.scene.later(minutes=minutes)

    @rule(minutes=st.sampled_from([15, 60]))
    def the_gateways_time_goes_by(self, minutes: int) -> None:
        self._count()
        self.scene.clock.moment = max(self.scene.clock.moment, timezone.now())
        self.scene.gateway_time_passes(minutes=minutes)

    @rule(number=which)
    def a_buyer_says_to_have_paid(self, number: int) -> None:
        self._count()
        if not Order.objects.exists():
            return
        nudge(self._one(number))

    @rule(number=which)
    def a_window_ends(self, number: int) -> None:
        self._count()
        if not Order.objects.filter(status="pending").exists():
            return
        Order.objects.filter(pk=self._one(number).pk, status="pending").update(
            next_expiry_at=timezone.now()
        )
        self.scene.turn()

    @rule()
    def the_list_is_read(self) -> None:
        self._count()
        self.scene.reconcile()

    @invariant()
    def the_books_are_right(self) -> None:
        assert broken() == []

    # --- how -------------------------------------------------------------------------------------
    def _count(self) -> None:
        global steps_taken
        steps_taken += 1

    def _one(self, number: int) -> Order:
        return Order.objects.order_by("pk")[number % Order.objects.count()]

    def _attempt(self, number: int) -> PaymentAttempt:
        attempts = PaymentAttempt.objects.order_by("pk")
        return attempts[number % attempts.count()]

    def _arm(self, on: str, mode: str) -> None:
        if mode:
            self.scene.arm(on, mode)

    def _may(self, do: Any, /, *values: Any, **named: Any) -> None:
        """A refusal is an answer."""
        with suppress(DomainError):
            do(*values, **named)

    def _try(self, call: str, attempt: PaymentAttempt, **more: Any) -> None:
        self._tick()
        self._control(call, reference_id=attempt.reference, **more)

    def _control(self, call: str, **body: Any) -> None:
        """The gateway may refuse: what is over cannot fail, nobody withdraws nothing."""
        answer = self.scene.control.post(f"/_sim/{call}", json=body)
        assert answer.status_code < 500, answer.text

    def _tick(self) -> None:
        self.scene.clock.advance(seconds=1)
