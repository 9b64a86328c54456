"""A gateway that says "too often" is left in peace, for that call and for as long as it says."""

import httpx
import pytest

from payments.gateways.answers import Answer
from payments.gateways.base import RateLimited
from payments.gateways.calling import LONGEST_REST, SHORTEST_REST, Caller
from payments.gateways.xendit_wire import judged
from payments.tests.gateway_builders import make_xendit
from payments.tests.test_xendit_faults import EVERY, Operation
from shop.core.breaker import Breaker
from shop.core.deadline import deadline
from shop.core.tests.misbehaving import answers, misbehaving

LIMITED = {"error_code": "RATE_LIMIT_EXCEEDED", "message": "slow down"}


@EVERY
@pytest.mark.parametrize(
    ("reset", "retry_after"), [("12.5", 12.5), ("", 0.0), ("soon", 0.0), ("-3", 0.0), ("nan", 0.0)]
)
def test_the_rate_limit_says_when_to_come_back(
    operation: Operation, reset: str, retry_after: float
) -> None:
    limited = answers(429, LIMITED, {"Rate-Limit-Reset": reset})
    with misbehaving(limited) as server, make_xendit(server.url) as xendit:
        assert operation(xendit, 5) == RateLimited("rate limited", retry_after)


@pytest.mark.parametrize(
    ("reset", "rest"), [("12", 12), ("", SHORTEST_REST), ("900", LONGEST_REST)]
)
def test_it_is_not_asked_again_before_and_everything_else_is(reset: str, rest: float) -> None:
    now = 1_000.0
    breaker = Breaker(failures=1)
    with misbehaving(answers(429, LIMITED, {"Rate-Limit-Reset": reset})) as server:
        caller = Caller(
            "xendit",
            client=httpx.Client(),
            breaker=breaker,
            auth=httpx.BasicAuth("key", ""),
            channel_trouble=frozenset(),
            clock=lambda: now,
        )

        def ask(method: str = "GET", path: str = "/v3/payments/{id}") -> object:
            with deadline(5):
                return caller.call(httpx.Request(method, server.url), judged, path=path)

        assert isinstance(ask(), RateLimited)
        asked = len(server.requests)
        now += rest - 0.5
        assert ask() == RateLimited("rate limited", 0.5)
        assert len(server.requests) == asked
        # Another call has a limit of its own, and the gateway itself is well.
        assert isinstance(ask(path="/refunds"), RateLimited)
        assert isinstance(ask("POST"), RateLimited)
        assert (len(server.requests), breaker.wait()) == (asked + 2, 0.0)
        now += 0.5
        assert isinstance(ask(), RateLimited)
        assert len(server.requests) == asked + 3


def test_an_answer_is_no_rest() -> None:
    with misbehaving(answers(200, {"data": []})) as server, make_xendit(server.url) as xendit:
        for _call in range(3):
            xendit.find("R1", timeout=5)
        assert len(server.requests) == 3
    assert isinstance(judged(200, {}, b"{}"), Answer)
