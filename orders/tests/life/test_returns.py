"""Goods that come back: asked for, answered, received, and settled."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client

from catalog.models import StockMovement
from catalog.tests.builders import make_variant, stock_of
from orders.closing import close_due
from orders.models import (
    RETURN_TRANSITIONS,
    GoodsCondition,
    Invoice,
    Order,
    OrderEvent,
    RefundDue,
    RefundDueLine,
    Return,
    ReturnOutcome,
    ReturnReason,
    ReturnState,
)
from orders.refunds_due import MoreThanWorth, ReasonMissing, RefundedAlready
from orders.returns.deciding import AnswerMissing, end_return, reject_return
from orders.returns.requesting import (
    NothingToReturn,
    NotReturnable,
    Wanted,
    cancel_return,
    request_return,
)
from orders.returns.settling import (
    MoreThanAsked,
    MoreThanCame,
    NothingReceived,
    Received,
    WrongPlace,
    receive_return,
    worth_of,
)
from orders.status import fulfilment_status
from orders.tests.life.builders import (
    approve,
    ask_return,
    confirmed,
    deliver,
    delivered,
    events,
    left,
    long_ago,
    receive,
    send_mails,
    settle,
    ship,
    staff,
)
from orders.tests.receipts.builders import taxed
from shop.core.errors import InvalidTransition
from tests.racing import race

pytestmark = pytest.mark.django_db
REFUND, EXCHANGE = ReturnOutcome.REFUND, ReturnOutcome.EXCHANGE
OTHER = ReturnReason.OTHER


def test_only_the_steps_of_the_table_can_be_taken() -> None:
    for before in ReturnState:
        for after in ReturnState:
            row = Return(state=before)
            if after in RETURN_TRANSITIONS[before]:
                row.move_to(after)
            else:
                with pytest.raises(InvalidTransition):
                    row.move_to(after)


def test_what_arrived_can_be_returned_within_the_window_and_no_more_of_it() -> None:
    order = delivered({make_variant(): 3})
    assert left(order) == [3]
    ask_return(order, 2)
    assert left(order) == [1]
    with pytest.raises(NotReturnable):
        ask_return(order, 2)
    assert Return.objects.count() == 1
    long_ago(order, settings.RETURN_WINDOW.days + 1)
    assert left(order) == []
    with pytest.raises(NotReturnable):
        ask_return(order)


def test_what_is_on_its_way_or_unpaid_cannot_be_returned() -> None:
    order = confirmed({make_variant(): 2})
    deliver(ship(order, 1))
    ship(order)
    assert left(order) == [1]
    with pytest.raises(NotReturnable):
        ask_return(order, 2)


def test_nothing_chosen_or_somebody_elses_line_is_refused() -> None:
    order, other = delivered(), delivered()
    foreign = other.lines.get().pk
    mine = order.lines.get().pk
    for wanted in ([], [Wanted(mine, 0)], [Wanted(foreign, 1)], [Wanted(mine, 1)] * 2):
        with pytest.raises(NothingToReturn):
            request_return(order_id=order.pk, wanted=wanted, outcome=REFUND, reason=OTHER)
    assert Return.objects.count() == 0


def test_staff_can_return_late_and_after_closing() -> None:
    order = delivered()
    long_ago(order, settings.RETURN_WINDOW.days + 1)
    close_due(within=timedelta(seconds=5))
    order.refresh_from_db()
    assert order.status == "closed"
    with pytest.raises(NotReturnable):
        ask_return(order)
    late = ask_return(order, staff_id=staff().pk)
    settle(receive(late), REFUND)
    order.refresh_from_db()
    assert (order.status, order.fulfilment) == ("closed", "returned")
    assert RefundDue.objects.count() == 1


def test_the_same_form_twice_is_one_return() -> None:
    order = delivered({make_variant(): 2})
    token = uuid4()
    first = ask_return(order, public_id=token)
    assert ask_return(order, public_id=token) == first
    assert Return.objects.count() == 1


def test_the_customer_is_told_at_each_step() -> None:
    order = delivered()
    send_mails()
    asked = ask_return(order)
    approve(asked, answer="Kirim ke Jl. Merdeka 1")
    # The first is about a state that is over: only what is still true is sent.
    (letter,) = send_mails()
    assert "Jl. Merdeka 1" in letter.body
    assert asked.number in letter.body
    receive(asked)
    assert len(send_mails()) == 1
    settle(asked, REFUND)
    (letter,) = send_mails()
    assert "Rp149.000" in letter.body
    assert events(order)[4:] == [
        "return_requested",
        "return_approved",
        "return_received",
        "return_settled",
    ]


def test_a_refusal_says_why_and_frees_the_units() -> None:
    order = delivered()
    asked = ask_return(order)
    with pytest.raises(AnswerMissing):
        reject_return(return_id=asked.pk, user_id=staff().pk, answer="  ")
    for _twice in "12":
        reject_return(return_id=asked.pk, user_id=staff().pk, answer="Sudah dicuci")
    asked.refresh_from_db()
    assert (asked.state, asked.answer, left(order)) == ("rejected", "Sudah dicuci", [1])


def test_the_customer_may_change_their_mind_until_the_answer() -> None:
    order = delivered()
    asked = ask_return(order)
    for _twice in "12":
        cancel_return(order_id=order.pk, public_id=asked.public_id)
    assert left(order) == [1]
    assert events(order).count("return_cancelled") == 1
    again = ask_return(order)
    approve(again)
    with pytest.raises(InvalidTransition):
        cancel_return(order_id=order.pk, public_id=again.public_id)


def test_received_goods_are_on_sale_again_only_if_staff_say_so() -> None:
    shirt = make_variant(on_hand=10)
    order = delivered({shirt: 3})
    receive(ask_return(order), condition=GoodsCondition.WORN)
    assert stock_of(shirt) == (7, 0)
    item = shirt.stock_items.get().pk
    back = ask_return(order)
    for _twice in "12":
        receive(back, restock_item=item)
    assert stock_of(shirt) == (8, 0)
    movement = StockMovement.objects.get(kind="returned")
    assert (movement.quantity, movement.reason) == (1, back.number)
    foreign = make_variant().stock_items.get().pk
    with pytest.raises(WrongPlace):
        receive(ask_return(order), restock_item=foreign)


def test_what_came_is_counted() -> None:
    order = delivered({make_variant(): 3})
    asked = approve(ask_return(order, 2))
    line = asked.lines.get()
    for units, refusal in ((0, NothingReceived), (3, MoreThanAsked), (-1, MoreThanAsked)):
        with pytest.raises(refusal):
            receive_return(
                return_id=asked.pk, received={line.pk: Received(units)}, user_id=staff().pk
            )
    receive(asked, 1)
    # The one that did not come may be asked for again.
    assert left(order) == [2]


def test_partial_refunds_add_up_to_what_was_paid() -> None:
    order = delivered({make_variant(price=100_000): 3})
    line = order.lines.get()
    # As after a discount of the order: a total that three do not divide.
    type(line).objects.filter(pk=line.pk).update(discount_minor=1, total_minor=299_999)
    for _each in range(3):
        settle(receive(ask_return(order)), REFUND)
    amounts = list(RefundDueLine.objects.order_by("pk").values_list("amount_minor", flat=True))
    assert amounts == [99_999, 100_000, 100_000]
    assert fulfilment_status(order=order) == "returned"


def test_a_settled_return_is_settled_once() -> None:
    order = delivered({make_variant(): 2})
    back = receive(ask_return(order))
    for _twice in "12":
        settle(back, REFUND)
    assert RefundDue.objects.get().amount_minor == 149_000
    assert OrderEvent.objects.filter(kind="return_settled").count() == 1


def test_money_is_never_owed_twice_for_one_unit() -> None:
    order = delivered()
    back = receive(ask_return(order))
    line = order.lines.get()
    due = RefundDue.objects.create(
        order=order,
        goods_return=ask_return_void(order),
        amount_minor=149_000,
        currency="IDR",
    )
    RefundDueLine.objects.create(refund_due=due, order_line=line, quantity=1, amount_minor=149_000)
    with pytest.raises(RefundedAlready):
        settle(back, REFUND)
    back.refresh_from_db()
    assert (back.state, RefundDue.objects.count()) == ("received", 1)


def ask_return_void(order: Order) -> Return:
    return Return.objects.create(
        order=order, seq=9, outcome=REFUND, reason=OTHER, state=ReturnState.REJECTED
    )


def test_a_return_that_has_come_does_not_end() -> None:
    back = receive(ask_return(delivered()))
    with pytest.raises(InvalidTransition):
        end_return(return_id=back.pk, user_id=staff().pk)


@pytest.mark.django_db(transaction=True)
def test_two_tabs_ask_for_the_same_unit() -> None:
    order = delivered({make_variant(): 1})

    def ask() -> Return:
        return ask_return(order)

    done = race([ask] * 4)
    assert sum(isinstance(each, Return) for each in done) == 1
    assert sum(isinstance(each, NotReturnable) for each in done) == 3


def test_of_what_came_only_a_part_is_put_back_on_sale() -> None:
    shirt = make_variant(on_hand=10)
    order = delivered({shirt: 3})
    item = shirt.stock_items.get().pk
    asked = ask_return(order, 3)
    with pytest.raises(MoreThanCame):
        receive(asked, 2, restock_item=item, restock_units=3)
    assert stock_of(shirt) == (7, 0)
    receive(asked, 2, restock_item=item, restock_units=1)
    assert stock_of(shirt) == (8, 0)
    line = asked.lines.get()
    assert (line.quantity, line.received_quantity, line.restocked_quantity) == (3, 2, 1)


def test_worn_goods_are_worth_less_and_the_customer_reads_why() -> None:
    order = delivered({make_variant(price=100_000): 1, make_variant(price=50_000): 1})
    wanted = [Wanted(line.pk, 1) for line in order.lines.order_by("pk")]
    asked = request_return(order_id=order.pk, wanted=wanted, outcome=REFUND, reason=OTHER)
    back = receive(asked)
    assert worth_of(back) == 150_000
    for amount, reason, refusal in (
        (150_001, "Dipakai", MoreThanWorth),
        (-1, "Dipakai", MoreThanWorth),
        (100_000, " ", ReasonMissing),
    ):
        with pytest.raises(refusal):
            settle(back, REFUND, amount_minor=amount, reason=reason)
    assert RefundDue.objects.count() == 0
    send_mails()
    settle(back, REFUND, amount_minor=100_000, reason="Sudah dipakai")
    due = RefundDue.objects.get()
    amounts = due.lines.order_by("pk").values_list("amount_minor", flat=True)
    assert (due.amount_minor, due.reason, list(amounts)) == (
        100_000,
        "Sudah dipakai",
        [66_666, 33_334],
    )
    (letter,) = send_mails()
    text = Client().get(f"/en/orders/{order.token}/").text
    for words in ("Rp100.000", "Sudah dipakai"):
        assert (words in letter.body, words in text) == (True, True)
    # What was kept cannot be asked for again.
    with pytest.raises(NotReturnable):
        ask_return(order)


def test_less_money_takes_back_less_tax() -> None:
    order = delivered({taxed(111_000): 1})
    settle(receive(ask_return(order)), REFUND, amount_minor=55_500, reason="Dipakai")
    paper = Invoice.objects.get(kind="credit_note")
    assert (paper.total_minor, paper.tax_minor) == (55_500, 5_500)


def test_what_settles_to_nothing_is_owed_to_nobody() -> None:
    order = delivered()
    settle(receive(ask_return(order)), REFUND, amount_minor=0, reason="Rusak karena dicuci")
    due = RefundDue.objects.get()
    assert (due.amount_minor, due.paid_at is not None) == (0, True)
    assert not Invoice.objects.exists()
    text = Client().get(f"/en/orders/{order.token}/").text
    assert "Settled. No money is given back for it." in text
    assert "Rusak karena dicuci" in text


def test_what_was_asked_and_what_came_are_both_shown() -> None:
    order = delivered({make_variant(): 3})
    receive(ask_return(order, 3), 2)
    assert "2 of 3 reached us" in Client().get(f"/en/orders/{order.token}/").text
