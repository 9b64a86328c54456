"""The faults, each with what is promised while it lasts (docs/operations.md)."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial

from drills.faults import striking
from drills.faults.figures import Promise
from drills.visits import CHANCES, Intention
from drills.whole import WholeShop

# A gateway gets five seconds in a web request; the rest is the shop's own work on a busy machine.
ORDER_SECONDS = 7.0
# Who cannot pay waits on the pay page: others must come to order.
WINDOW_SHOPPERS = {Intention.ABANDON: 90, Intention.PAY: 10}
WITHOUT_GATEWAY = frozenset({"unknown", "failed", "submitting", "new"})

Strike = Callable[[WholeShop], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Scene:
    name: str
    strike: Strike
    promise: Promise = field(default_factory=Promise)
    chances: Mapping[Intention, int] = field(default_factory=lambda: CHANCES)


def _full(shop: WholeShop) -> AbstractContextManager[None]:
    return striking.valkey_told(
        shop,
        "CONFIG SET maxmemory-policy noeviction",
        "CONFIG SET maxmemory 1",
        "SET drill 1",
        back="CONFIG SET maxmemory 0",
    )


def _read_only(shop: WholeShop) -> AbstractContextManager[None]:
    return striking.valkey_told(
        shop, "REPLICAOF 127.0.0.1 9", "SET drill 1", back="REPLICAOF NO ONE"
    )


def _gateway(mode: str, **more: object) -> Strike:
    return lambda shop: striking.gateway_troubled(shop, {"on": "any", "mode": mode, **more})


def _dead(role: str) -> Strike:
    return partial(striking.kept_dead, role=role)


def _frozen(role: str) -> Strike:
    return partial(striking.frozen, role=role)


# A certain refusal says so at once and is no order's end: "failed" is the attempt, not the order.
_NO_GATEWAY = Promise(order_seconds=ORDER_SECONDS, payments=WITHOUT_GATEWAY)
_SLOW_GATEWAY = Promise(order_seconds=ORDER_SECONDS, payments=WITHOUT_GATEWAY)

SCENES = (
    Scene("F1 valkey gone", _dead("valkey")),
    Scene("F1 valkey frozen", _frozen("valkey")),
    Scene("F1 valkey full", _full),
    Scene("F1 valkey read-only", _read_only),
    Scene("F3 gateway slow", _gateway("slow", seconds=30.0), _SLOW_GATEWAY, WINDOW_SHOPPERS),
    Scene("F3 gateway mute", _frozen("simulator"), _SLOW_GATEWAY, WINDOW_SHOPPERS),
    Scene("F3 gateway 500", _gateway("error_after"), _NO_GATEWAY, WINDOW_SHOPPERS),
    Scene("F3 gateway 503", _gateway("unavailable"), _NO_GATEWAY, WINDOW_SHOPPERS),
    Scene("F3 gateway garbage", _gateway("garbage"), _NO_GATEWAY, WINDOW_SHOPPERS),
    Scene("F3 gateway gone", _dead("simulator"), _NO_GATEWAY, WINDOW_SHOPPERS),
    Scene("F4 webhooks", striking.webhooks_troubled),
    Scene("F8 mail gone", striking.mail_kept_dead),
    Scene(
        "F2 postgres killed",
        partial(striking.killed_once, role="postgres"),
        Promise(away_seconds=10.0),
    ),
)
