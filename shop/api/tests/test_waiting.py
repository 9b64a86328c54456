"""The queue for last units by the API."""

from uuid import uuid4

import pytest

from catalog.models import Waiting
from catalog.tests.builders import make_product, make_variant, stock_of
from catalog.waiting import LIMITS
from orders.settlement import close_unpaid
from orders.tests.builders import make_order
from orders.tests.queueing import wait
from shop.api.tests.client import App, answer_of, problem_of
from shop.api.tests.test_document import assert_valid
from shop.core.models import OutboxMessage

pytestmark = pytest.mark.django_db


def test_from_the_last_one_reserved_by_another_to_ones_own_order() -> None:
    shirt = make_variant(product=make_product("Kemeja"), on_hand=1)
    order = make_order(lines={shirt: 1})
    app = App("en")
    body = {"variant": str(shirt.public_id), "email": "Siti@Example.com"}

    first, again = app.post("/waiting", body), app.post("/waiting", body)
    assert [(one.status_code, one.content) for one in (first, again)] == [(204, b"")] * 2
    place = Waiting.objects.get()
    assert (place.email, place.language) == ("siti@example.com", "en")
    assert OutboxMessage.objects.filter(topic="waiting-confirm").count() == 2

    assert answer_of(app.get(f"/waiting/{place.token}"), 200)["state"] == "asked"
    other = wait(shirt)
    confirmed = answer_of(app.post(f"/waiting/{place.token}/confirm"), 200)
    assert_valid("/waiting/{token}", "get", "200", confirmed)
    until = order.reserve_until.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert (confirmed["state"], confirmed["ahead"], confirmed["next_free_at"]) == (
        "waiting",
        0,
        until,
    )
    assert answer_of(app.get(f"/waiting/{other.token}"), 200)["ahead"] == 1

    close_unpaid(order_id=order.pk)
    offered = answer_of(app.get(f"/waiting/{place.token}"), 200)
    assert offered["state"] == "offered"
    cart = answer_of(app.post("/carts"), 201)["token"]
    for _ in range(2):
        held = answer_of(app.put(f"/carts/{cart}/holds/{place.token}", None), 200)
    assert_valid("/carts/{token}", "get", "200", held)
    [line] = held["lines"]
    assert (line["quantity"], line["available"], line["held_until"]) == (
        1,
        1,
        offered["held_until"],
    )
    assert stock_of(shirt) == (1, 1)


def test_who_leaves_gives_it_to_the_next() -> None:
    shirt = make_variant(on_hand=1)
    order = make_order(lines={shirt: 1})
    first, second = wait(shirt, 1), wait(shirt, 2)
    close_unpaid(order_id=order.pk)

    for _ in range(2):
        left = answer_of(App().delete(f"/waiting/{first.token}"), 200)
        assert (left["state"], left["held_until"]) == ("left", None)

    second.refresh_from_db()
    assert second.state == "offered"
    cart = App().filled_cart(make_variant())
    problem_of(App().put(f"/carts/{cart}/holds/{first.token}", None), 409, "hold_over")


def test_what_is_free_or_unknown_is_refused() -> None:
    body = {"variant": str(make_variant().public_id), "email": "siti@example.com"}
    problem_of(App().post("/waiting", body), 409, "nothing_reserved")
    problem_of(App().post("/waiting", body | {"variant": str(uuid4())}), 404, "waiting_not_found")
    problem = problem_of(App().post("/waiting", body | {"quantity": 6}), 400, "validation_error")
    assert list(problem["errors"]) == ["quantity"]
    for answer in (
        App().get(f"/waiting/{uuid4()}"),
        App().delete(f"/waiting/{uuid4()}"),
        App().post(f"/waiting/{uuid4()}/confirm"),
    ):
        problem_of(answer, 404, "waiting_not_found")
    problem_of(App().put(f"/carts/{uuid4()}/holds/{uuid4()}", None), 404, "cart_not_found")
    assert not Waiting.objects.exists()


def test_a_network_that_joins_too_often_is_told_how_long_to_wait() -> None:
    body = {"variant": str(make_variant().public_id)}
    for number in range(LIMITS[0].times):
        App().post("/waiting", body | {"email": f"siti{number}@example.com"})

    answer = App().post("/waiting", body | {"email": "budi@example.com"})

    problem_of(answer, 429, "throttled")
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
