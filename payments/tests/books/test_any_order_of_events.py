"""Whatever happens to orders, and in whatever order: the books stay right, and no unit is made up.

A state machine of hypothesis plays customers, gateway, courier, staff and clock at random. Beside
it runs a model so small that it can be seen to be right: how many of each unit are free.
`make drill-orders` plays for longer.
"""

import os
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from catalog import waiting
from catalog.inventory import receive_stock
from catalog.models import Reservation, StockMovement, Waiting, WaitingState
from catalog.tests.builders import make_variant
from orders.calling_off import SentAlready, call_off
from orders.carts import TooFewInStock, set_quantity
from orders.checkout import SoldOut
from orders.fulfilment import NotPaid
from orders.models import CallOffReason, Cart, Coupon, Order, OrderStatus, ReturnOutcome
from orders.placing import TooManyOpenOrders, place_order
from orders.promotions.uses import PromotionUsedUp
from orders.settlement import close_unpaid
from orders.tests.builders import make_cart, make_checkout, make_contact, make_rate
from orders.tests.life.builders import ask_return, deliver, receive, settle, ship, staff
from orders.tests.promotions.builders import make_coupon, with_code
from payments.books import differences
from payments.cancelling import PaidAlready, cancel_unpaid
from payments.models import PaymentAttempt, Refund
from payments.refunds.deciding import send_by_bank
from payments.refunds.transfers import record_transferred
from payments.tests.builders import make_attempt, make_capture, pay
from payments.tests.invariants import broken

EXAMPLES = int(os.environ.get("DRILL_ORDERS", "8"))
STEPS = int(os.environ.get("DRILL_ORDERS_STEPS", "15"))
PEOPLE = [make_contact(f"siti{n}@example.com", f"08123456780{n}") for n in range(4)]
which = st.integers(min_value=0, max_value=99)
OPEN = [WaitingState.WAITING, WaitingState.OFFERED]


class Life(RuleBasedStateMachine):
    """One shop with two kinds of goods and a coupon for two."""

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        make_rate()
        self.shirts = [make_variant(on_hand=3), make_variant(on_hand=2)]
        self.made = {shirt.pk: stock for shirt, stock in zip(self.shirts, (3, 2), strict=True)}
        self.coupon = make_coupon(max_uses=2, max_uses_per_customer=1)
        self.orders: list[Order] = []
        self.buyers: dict[int, int] = {}

    def teardown(self) -> None:
        try:
            assert [str(difference) for difference in differences()] == []
        finally:
            transaction.set_rollback(True)
            self.undone.__exit__(None, None, None)

    def one(self, number: int) -> Order:
        order = self.orders[number % len(self.orders)]
        order.refresh_from_db()
        return order

    def free(self, place: int) -> int:
        item = self.shirts[place].stock_items.get()
        return item.on_hand - item.reserved

    @rule(person=which, place=st.integers(0, 1), units=st.integers(1, 2), has_code=st.booleans())
    def somebody_orders(self, person: int, place: int, units: int, *, has_code: bool) -> None:
        free = self.free(place)
        try:
            cart = make_cart({self.shirts[place]: units})
        except TooFewInStock:
            assert units > free
            return
        is_placed = self._place(with_code(cart) if has_code else cart, person)
        assert is_placed is None or is_placed == (units <= free)

    def _place(self, cart: Cart, person: int) -> bool | None:
        """Whether there was enough; None where it was refused for the buyer's sake."""
        try:
            checkout = make_checkout(cart, contact=PEOPLE[person % len(PEOPLE)])
            until = timezone.now() + timedelta(minutes=30)
            with transaction.atomic():
                order = place_order(checkout=checkout, reserve_until=until)
        except SoldOut:
            return False
        except (TooManyOpenOrders, PromotionUsedUp):
            return None
        make_attempt(order)
        self.orders.append(order)
        self.buyers[order.pk] = person
        return True

    @precondition(lambda self: self.orders)
    @rule(number=which, units=st.integers(1, 3))
    def the_same_cart_is_placed_again(self, number: int, units: int) -> None:
        order = self.one(number)
        if order.status != OrderStatus.PENDING or order.cart_token is None:
            return
        cart = Cart.objects.get(token=order.cart_token)
        line = order.lines.get(replaces=None)
        try:
            set_quantity(cart_token=cart.token, variant_id=line.variant.public_id, quantity=units)
        except TooFewInStock:
            return
        cart.refresh_from_db()
        is_placed = self._place(cart, self.buyers[order.pk])
        order.refresh_from_db()
        assert (order.status == OrderStatus.CANCELLED) == bool(is_placed)

    @precondition(lambda self: self.orders)
    @rule(number=which, share=st.sampled_from([1, 1, 2]))
    def money_comes(self, number: int, share: int) -> None:
        """On time or late, for the first time or again, all of it or half."""
        order = self.one(number)
        attempt = PaymentAttempt.objects.get(order=order)
        pay(attempt, make_capture(order.total_minor // share))

    @precondition(lambda self: self.orders)
    @rule(number=which, times=st.integers(1, 2))
    def the_window_ends(self, number: int, times: int) -> None:
        order = self.one(number)
        was_open = order.status == OrderStatus.PENDING
        ended = [close_unpaid(order_id=order.pk) for _time in range(times)]
        assert ended == [was_open, False][:times]

    @precondition(lambda self: self.orders)
    @rule(number=which)
    def the_buyer_cancels(self, number: int) -> None:
        order = self.one(number)
        try:
            cancel_unpaid(order_id=order.pk)
        except PaidAlready:
            assert order.status in (OrderStatus.CONFIRMED, OrderStatus.CLOSED)

    @precondition(lambda self: self.orders)
    @rule(number=which, is_restocked=st.booleans())
    def a_paid_order_is_called_off(self, number: int, *, is_restocked: bool) -> None:
        order = self.one(number)
        was_owed = order.status == OrderStatus.CONFIRMED
        try:
            done = call_off(
                order_id=order.pk,
                reason=CallOffReason.OTHER,
                user_id=staff().pk,
                restock=is_restocked,
            )
            assert done == was_owed
        except SentAlready:
            assert order.returns.exists()
        except NotPaid:
            assert order.confirmed_at is None

    @precondition(lambda self: self.orders)
    @rule(number=which)
    def money_is_given_back(self, number: int) -> None:
        for refund in Refund.objects.open().filter(order=self.one(number)):
            by_hand = send_by_bank(refund_id=refund.pk, user_id=staff().pk)
            done = [
                record_transferred(
                    refund_id=by_hand.pk,
                    paid_on=timezone.localdate(),
                    reference="BCA 1",
                    user_id=staff().pk,
                )
                for _twice in "12"
            ]
            assert done == [True, False]

    @precondition(lambda self: self.orders)
    @rule(number=which, is_restocked=st.booleans())
    def a_unit_is_sent_and_comes_back(self, number: int, *, is_restocked: bool) -> None:
        order = self.one(number)
        if order.status != OrderStatus.CONFIRMED or order.returns.exists():
            return
        deliver(ship(order))
        line = order.lines.get()
        item = line.stock_item_id if is_restocked else None
        settle(receive(ask_return(order), restock_item=item), ReturnOutcome.REFUND)

    @rule(person=which, place=st.integers(0, 1), units=st.integers(1, 2))
    def somebody_waits(self, person: int, place: int, units: int) -> None:
        is_reserved = self.shirts[place].stock_items.get().reserved > 0
        may_wait = is_reserved and self.free(place) == 0
        try:
            waiting.join(
                variant_id=self.shirts[place].public_id,
                quantity=units,
                email=f"antre{person % 5}@example.com",
                language="id",
                is_own=True,
            )
        except waiting.NothingReserved:
            assert not may_wait
        else:
            assert may_wait

    @rule(number=which, gives_up=st.booleans())
    def a_turn_ends(self, number: int, *, gives_up: bool) -> None:
        """Somebody gives up a place in the queue, or does not use a hold in time."""
        queue = list(Waiting.objects.filter(state__in=OPEN).order_by("pk"))
        if not queue:
            return
        one = queue[number % len(queue)]
        if gives_up:
            waiting.leave(token=one.token)
        elif one.state == WaitingState.OFFERED:
            Waiting.objects.filter(pk=one.pk).update(hold_until=timezone.now())
            assert waiting.lapse(waiting_id=one.pk)
            assert not waiting.lapse(waiting_id=one.pk)

    @rule(place=st.integers(0, 1))
    def goods_arrive(self, place: int) -> None:
        shirt = self.shirts[place]
        receive_stock(stock_item_id=shirt.stock_items.get().pk, quantity=1)
        self.made[shirt.pk] += 1

    @invariant()
    def every_unit_is_free_held_or_sold(self) -> None:
        for shirt in self.shirts:
            item = shirt.stock_items.get()
            held = Reservation.objects.filter(stock_item=item, state=Reservation.State.HELD)
            moved = StockMovement.objects.filter(stock_item=item)
            gone = -sum(
                moved.filter(kind__in=["sold", "returned"]).values_list("quantity", flat=True)
            )
            free = item.on_hand - item.reserved
            assert free >= 0
            assert free + sum(row.quantity for row in held) + gone == self.made[shirt.pk]

    @invariant()
    def nobody_waits_while_something_is_free(self) -> None:
        for place, shirt in enumerate(self.shirts):
            queue = Waiting.objects.filter(variant=shirt, state=WaitingState.WAITING)
            assert self.free(place) == 0 or not queue.exists()

    @invariant()
    def the_coupon_is_had_twice_at_most(self) -> None:
        assert Coupon.objects.get(pk=self.coupon.pk).uses <= 2

    @invariant()
    def the_books_are_right(self) -> None:
        assert broken() == []


@pytest.mark.django_db
def test_whatever_happens_the_books_stay_right() -> None:
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            # A failure is shown as it was met: to make it smaller takes minutes with a database.
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
