"""How often one network may do something, also while Valkey is away."""

from collections.abc import Iterator

import pytest
from django.test import override_settings

from shop.core import throttle
from shop.core.cache import cache_server
from shop.core.clients import network_of
from shop.core.throttle import Limit, Throttled

HOUR = Limit(times=3, seconds=3600)


def times_let_through(*networks: str, tries: int = 5, limits: tuple[Limit, ...] = (HOUR,)) -> int:
    done = 0
    for number in range(tries):
        try:
            throttle.count("test", network=networks[number % len(networks)], limits=limits)
        except Throttled:
            continue
        done += 1
    return done


@pytest.fixture
def _valkey_away(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    server = type(cache_server())
    monkeypatch.setattr(server, "_away_until", float("inf"))
    throttle.forget_own()
    yield
    throttle.forget_own()


def test_each_network_is_let_through_so_often() -> None:
    assert times_let_through("192.0.2.1") == 3
    assert times_let_through("192.0.2.2") == 3


def test_of_several_limits_the_narrowest_holds() -> None:
    assert times_let_through("192.0.2.1", limits=(HOUR, Limit(times=2, seconds=86_400))) == 2


def test_who_is_refused_is_told_when_to_come_back() -> None:
    for _ in range(3):
        throttle.count("test", network="192.0.2.1", limits=[HOUR])

    with pytest.raises(Throttled) as refused:
        throttle.count("test", network="192.0.2.1", limits=[HOUR])

    assert 0 < refused.value.retry_after <= 3600


@pytest.mark.usefixtures("_valkey_away")
def test_without_valkey_a_process_counts_by_itself() -> None:
    assert times_let_through("192.0.2.1") == 3
    assert times_let_through("192.0.2.2") == 3


@pytest.mark.usefixtures("_valkey_away")
def test_without_valkey_no_flood_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "MOST_REMEMBERED", 10)

    times_let_through(*(f"192.0.2.{number}" for number in range(25)), tries=25)

    assert len(throttle._here) <= 10


BALANCER = {"REMOTE_ADDR": "127.0.0.1"}
DIRECT = {"REMOTE_ADDR": "198.51.100.4"}


@pytest.mark.parametrize(
    ("meta", "network"),
    [
        (DIRECT, "198.51.100.4"),
        (DIRECT | {"HTTP_X_FORWARDED_FOR": "192.0.2.9"}, "198.51.100.4"),
        (BALANCER | {"HTTP_X_FORWARDED_FOR": "192.0.2.9, 198.51.100.4, 10.0.3.4"}, "198.51.100.4"),
        ({"REMOTE_ADDR": "", "HTTP_X_FORWARDED_FOR": "198.51.100.4"}, "198.51.100.4"),
        (BALANCER | {"HTTP_X_FORWARDED_FOR": "2001:db8:1:2:3:4:5:6"}, "2001:db8:1:2::/64"),
        (BALANCER | {"HTTP_X_FORWARDED_FOR": "::ffff:198.51.100.4"}, "198.51.100.4"),
        (BALANCER | {"HTTP_X_FORWARDED_FOR": "nobody"}, "unknown"),
        (BALANCER, "unknown"),
    ],
)
def test_a_client_is_who_asked_the_outermost_of_our_proxies(
    meta: dict[str, str], network: str
) -> None:
    with override_settings(TRUSTED_PROXIES=["10.0.0.0/16"]):
        assert network_of(meta) == network


def test_without_proxies_nobody_is_believed() -> None:
    assert network_of(DIRECT | {"HTTP_X_FORWARDED_FOR": "192.0.2.9"}) == "198.51.100.4"
    assert network_of(BALANCER | {"HTTP_X_FORWARDED_FOR": "192.0.2.9"}) == "127.0.0.1"
