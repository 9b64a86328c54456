"""The drills' own checks: each finds the difference that is planted for it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from django.db import connection

from catalog.models import StockItem
from catalog.tests.builders import make_variant
from drills.crash.moments import AIMED, MAILING, REFUND_LEASE, TOLD
from drills.crash.targets import TARGETS, named
from drills.crash.trials import Seen, Trial, phase_counts, plan_trials
from drills.faults.figures import Figures, Promise, answers, figures
from drills.faults.letters import wrong
from drills.reckoning import (
    OPEN_WORK,
    Capture,
    GatewayBook,
    Order,
    ShopBook,
    differences,
    open_work,
    unbalanced,
)
from drills.scratch import Shop
from drills.visits import Asked, Intention, Outcome, Visit, is_meant, is_over, named_by
from orders.tests.builders import make_order
from payments.models import PaymentAttempt
from payments.refunds import sending
from payments.tests.builders import make_attempt, pay
from payments.webhooks import NO_MONEY_YET

Books = tuple[list[Visit], GatewayBook, ShopBook]


def visit(key: str, intention: Intention, *, paid: bool = False, cancelled: bool = False) -> Visit:
    return Visit(
        key,
        intention,
        "dana",
        Outcome.OK,
        number=f"NO-{key}",
        total=160_000,
        is_paid=paid,
        is_cancelled=cancelled,
    )


def order(key: str, status: str) -> Order:
    return Order(f"NO-{key}", status, 160_000, f"{key}@example.com")


LATER = [order("b", "cancelled"), order("c", "cancelled"), order("d", "expired")]


def right() -> Books:
    """Of four buyers one pays, one calls it off, one cancels; the last one walks away."""
    visits = [
        visit("a", Intention.PAY, paid=True),
        visit("b", Intention.REFUND, paid=True, cancelled=True),
        visit("c", Intention.CANCEL, cancelled=True),
        visit("d", Intention.ABANDON),
        Visit("e", Intention.PAY, "dana", Outcome.REFUSED, refusal="409 out_of_stock"),
    ]
    gateway = GatewayBook(
        [Capture("py-a", "NO-a-A1", 160_000), Capture("py-b", "NO-b-A2", 160_000)],
        [("NO-a-A1", "SUCCEEDED"), ("NO-b-A2", "SUCCEEDED"), ("NO-d-A1", "CANCELED")],
        [("NO-b-R1", 160_000)],
    )
    shop = ShopBook(
        [order("a", "confirmed"), *LATER],
        [("py-a", 160_000), ("py-b", 160_000)],
        [("NO-b-R1", 160_000, "succeeded")],
        [
            ("NO-a-A1", "succeeded"),
            ("NO-b-A1", "abandoned"),
            ("NO-b-A2", "succeeded"),
            ("NO-d-A1", "cancelled"),
        ],
    )
    return visits, gateway, shop


def shop_with(**changed: object) -> Callable[[Books], Books]:
    return lambda books: (books[0], books[1], replace(books[2], **changed))  # type: ignore[arg-type]


def gateway_with(**more: list[object]) -> Callable[[Books], Books]:
    def plant(books: Books) -> Books:
        grown = {name: [*getattr(books[1], name), *rows] for name, rows in more.items()}
        return books[0], replace(books[1], **grown), books[2]

    return plant


def first_visit(**changed: object) -> Callable[[Books], Books]:
    def plant(books: Books) -> Books:
        first, *others = books[0]
        return [replace(first, **changed), *others], books[1], books[2]  # type: ignore[arg-type]

    return plant


def test_books_that_agree_have_no_difference() -> None:
    assert differences(*right()) == []


@pytest.mark.parametrize(
    ("plant", "found"),
    [
        (shop_with(orders=LATER), "order NO-a was acknowledged and is lost"),
        (
            shop_with(orders=[order("a", "expired"), *LATER]),
            "order NO-a is expired, its buyer paid",
        ),
        (
            shop_with(orders=[order("a", "confirmed"), order("a", "expired"), *LATER]),
            "a: 2 orders under one key",
        ),
        (
            shop_with(orders=[order("a", "confirmed"), order("e", "pending"), *LATER]),
            "e: 1 orders under one key",
        ),
        (
            first_visit(total=150_000),
            "order NO-a: acknowledged over 150000, is over 160000",
        ),
        (first_visit(trouble="no answer"), "a, who pays: no answer"),
        (
            first_visit(outcome=Outcome.UNKNOWN, unknown=3),
            "a never learnt what became of an order",
        ),
        (
            gateway_with(captures=[Capture("py-c", "NO-a-A2", 160_000)]),
            "order NO-a: charged 320000, meant 160000",
        ),
        (
            gateway_with(captures=[Capture("py-c", "NO-d-A1", 160_000)]),
            "payment py-c over 160000 is not booked",
        ),
        (
            shop_with(receipts=[("py-a", 160_000), ("py-b", 160_000), ("py-b", 160_000)]),
            "receipt of py-b over 160000: no such money came",
        ),
        (shop_with(receipts=[("py-a", 160_000)]), "payment py-b over 160000 is not booked"),
        (
            gateway_with(refunds=[("NO-b-R1", 160_000)]),
            "refund NO-b-R1 over 160000 went out and is not booked, or went out twice",
        ),
        (
            shop_with(refunds=[("NO-b-R1", 160_000, "succeeded"), ("NO-a-R1", 9, "succeeded")]),
            "refund NO-a-R1 over 9 is booked and never went out",
        ),
        (
            gateway_with(requests=[("NO-a-A1", "CANCELED")]),
            "NO-a-A1 was asked for 2 times",
        ),
        (
            gateway_with(requests=[("NO-x-A1", "CANCELED")]),
            "NO-x-A1 was asked for and no attempt says so",
        ),
        (
            gateway_with(requests=[("NO-b-A1", "REQUIRES_ACTION")]),
            "NO-b-A1 could still be paid, its order is over",
        ),
    ],
)
def test_a_planted_difference_is_found(plant: Callable[[Books], Books], found: str) -> None:
    assert found in differences(*plant(right()))


def test_every_part_is_killed_as_often_and_at_every_moment() -> None:
    planned = plan_trials(TARGETS, trials=12, chance=Random(5))
    for target in TARGETS:
        aims = [trial.aim for trial in planned if trial.target == target]
        last = MAILING if target.role == "worker" else None
        assert {aim: aims.count(aim) for aim in aims} == dict.fromkeys([*AIMED, last], 2)
    again = plan_trials(TARGETS, trials=12, chance=Random(5))
    assert planned == again


def test_a_kill_counts_for_the_moments_that_were_there_and_as_missed_without_its_own() -> None:
    trial = Trial(TARGETS[0], TOLD)
    hit, missed = Seen(trial, phases={"told", "mailing"}), Seen(trial, phases={"mailing"})
    unaimed = Seen(Trial(TARGETS[0], None))
    assert [seen.is_hit for seen in (hit, missed, unaimed)] == [True, False, True]
    counts = {"told": 1, "mailing": 2, "none of them": 1}
    assert phase_counts([hit, missed, unaimed]) == counts


def test_parts_are_named_in_a_list_and_a_strange_name_is_refused() -> None:
    assert [target.name for target in named("money,web")] == ["web", "money"]
    with pytest.raises(ValueError, match="webb is none of web-worker, web"):
        named("web,webb")


def test_a_payer_names_what_the_shop_shows() -> None:
    number = {"descriptor": "VIRTUAL_ACCOUNT_NUMBER", "value": "381638"}
    page = {"descriptor": "WEB_URL", "value": "http://gateway/checkout/pr-1"}
    row = {"payment_request_id": "pr-1", "actions": [page]}
    assert named_by({"actions": [number]}) == {"virtual_account_number": "381638"}
    assert named_by({"actions": [page]}) == {"payment_request_id": "pr-1"}
    assert named_by({"actions": []}) is None
    assert named_by(None) is None
    assert is_meant(row, {"payment_request_id": "pr-1"})
    assert not is_meant(row, {"virtual_account_number": "381638"})


def test_the_drills_know_a_claim_that_the_gateway_denies_by_its_words() -> None:
    assert f"<> '{NO_MONEY_YET}'" in OPEN_WORK["unread webhooks"]


@pytest.mark.parametrize(
    "payment",
    [
        None,
        {"state": "failed"},
        {"state": "abandoned"},
    ],
)
def test_a_buyer_knows_when_to_choose_anew(payment: dict[str, str] | None) -> None:
    assert is_over(payment)
    assert not any(is_over({"state": state}) for state in ("pending", "unknown", "succeeded"))


def test_figures_are_those_of_requests_that_began_in_their_stretch() -> None:
    asked = [Asked(0.5, 9.0, 500), Asked(1.0, 0.1, 200), Asked(2.0, 0.3, 503), Asked(3.0, 0.2, 409)]
    seen = figures([*asked, Asked(4.0, 9.0, 0)], since=1.0, until=4.0)
    assert (seen.number, seen.errors, seen.longest) == (3, 1, 0.3)
    assert seen.p95 == pytest.approx(0.29)
    assert seen.away_seconds == pytest.approx(1.3)


def test_answers_are_those_of_orders_that_began_and_ended_in_their_stretch() -> None:
    orders = [
        Asked(0.9, 0.2, 201, "pending"),
        Asked(1.0, 1.0, 201, "unknown"),
        Asked(1.5, 0.1, 503),
        Asked(1.8, 0.3, 201, "pending"),
    ]
    assert answers(orders, since=1.0, until=2.0) == ["unknown"]


CALM = Figures(number=100, errors=0, p95=0.5, longest=0.9)


@pytest.mark.parametrize(
    ("promise", "pages", "orders", "found"),
    [
        (Promise(), replace(CALM, errors=2), CALM, "2 of 100 pages failed, promised 1%"),
        (Promise(), CALM, replace(CALM, errors=2), "2 of 100 orders failed, promised 1%"),
        (Promise(), replace(CALM, p95=1.6), CALM, "pages take 1.6 s (p95), in calm 0.5"),
        (Promise(), CALM, replace(CALM, number=0), "100 pages and 0 orders prove nothing"),
        (
            Promise(order_seconds=5.0),
            CALM,
            replace(CALM, longest=5.1),
            "an order took 5.1 s, promised 5.0",
        ),
        (
            Promise(away_seconds=10.0),
            CALM,
            replace(CALM, errors=50, away_seconds=10.4),
            "requests fail for 10.4 s, promised 10",
        ),
        (
            Promise(payments=frozenset({"unknown"})),
            CALM,
            CALM,
            "orders were answered with a payment that is pending",
        ),
    ],
)
def test_a_promise_that_is_broken_is_told(
    promise: Promise, pages: Figures, orders: Figures, found: str
) -> None:
    assert promise.broken(calm=CALM, pages=pages, orders=orders, answered=["pending"]) == [found]


def test_a_promise_that_is_kept_is_not() -> None:
    promises = [
        Promise(order_seconds=5.0, payments=frozenset({"unknown"})),
        Promise(away_seconds=10.0),
    ]
    shaken = replace(CALM, errors=50, away_seconds=9.9, p95=7.0)
    assert promises[0].broken(calm=CALM, pages=CALM, orders=CALM, answered=["unknown"]) == []
    assert promises[1].broken(calm=CALM, pages=shaken, orders=CALM, answered=[]) == []


def test_letters_that_came_twice_or_never_are_told() -> None:
    payer = visit("a", Intention.PAY, paid=True)
    walker = visit("d", Intention.ABANDON)
    once = Counter({("a@example.com", "Order NO-a"): 1})
    assert wrong(once, [payer, walker]) == ([], [])
    assert wrong(once + once, [payer]) == (["a@example.com was told 2 times: Order NO-a"], [])
    assert wrong(Counter(), [payer]) == ([], ["a paid for order NO-a and was never written to"])


class InTest(Shop):
    """The rows of a test, which nobody else can see."""

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        assert not values
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())


@pytest.mark.django_db
def test_what_is_still_on_its_way_is_counted() -> None:
    shop = InTest("", "", {})
    assert open_work(shop) == {}
    attempt = make_attempt(make_order(lines={make_variant(on_hand=3): 2}))
    [asking] = shop.sql("SELECT count(*) FROM core_outboxmessage WHERE available_at <= now()")
    found = open_work(shop)
    assert (found["unpaid orders"], found.get("work in the outbox", 0)) == (1, asking[0])
    PaymentAttempt.objects.filter(pk=attempt.pk).update(state="unknown")
    assert open_work(shop)["payments in the making"] == 1


@pytest.mark.django_db
def test_units_that_are_neither_sold_nor_there_are_told() -> None:
    shop = InTest("", "", {})
    shirt = make_variant(on_hand=3)
    assert unbalanced(shop) == []
    order = make_order(lines={shirt: 2})
    [wrong_shelf] = unbalanced(shop)
    assert wrong_shelf.endswith("3 came, 3 are there, 2 reserved, 0 sold")
    pay(make_attempt(order))
    assert unbalanced(shop) == []
    StockItem.objects.filter(variant=shirt).update(on_hand=0)
    [wrong_shelf] = unbalanced(shop)
    assert wrong_shelf.endswith("3 came, 0 are there, 0 reserved, 2 sold")


def test_a_refund_that_is_being_sent_is_seen_by_its_lease() -> None:
    """Another lease than the shop's, and no kill would ever be aimed at one."""
    assert sending.LEASE == REFUND_LEASE
