"""A client of Midtrans for the tests, and the control calls that a test makes on its simulator."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from django.test import Client

from payments.gateways.midtrans import Midtrans, MidtransConfig
from shop.core.breaker import Breaker
from shop.core.deadline import DeadlineTransport

Json = dict[str, Any]
SERVER_KEYS = ("SB-Mid-server-of-today", "SB-Mid-server-of-yesterday")


@contextmanager
def make_midtrans(
    url: str, *, server_keys: tuple[str, ...] = SERVER_KEYS, breaker: Breaker | None = None
) -> Iterator[Midtrans]:
    config = MidtransConfig(url=url, snap_url=url, server_keys=server_keys, qris_acquirer="gopay")
    with httpx.Client(transport=DeadlineTransport(keepalive_expiry=5), trust_env=False) as client:
        yield Midtrans(config, client=client, breaker=breaker or Breaker())


class MidtransSimulator:
    """Midtrans' side of the simulator at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url

    def control(self, verb: str, order_id: str, **more: object) -> Json:
        """`pay`, `deny`, `expire`, `cancel`, `challenge`, `refund`, `confirm-refunds`, `resend`,
        `forge`; the newest transaction of the order id, or the page that bears it."""
        body = {"order_id": order_id} | more
        response = httpx.post(f"{self.url}/_sim/midtrans/{verb}", json=body)
        assert response.status_code == 200, response.text
        answer: Json = response.json()
        return answer

    def withdraw(self) -> int:
        """All that is settled goes to our bank; how much that is."""
        response = httpx.post(f"{self.url}/_sim/midtrans/withdraw", json={})
        assert response.status_code == 200, response.text
        amount: int = response.json()["amount"]
        return amount

    def report(self) -> bytes:
        """What the dashboard gives to be downloaded."""
        return httpx.get(f"{self.url}/midtrans/report.csv").raise_for_status().content

    def transactions(self, order_id: str) -> list[Json]:
        """Newest first."""
        return self._list("transactions", order_id=order_id)

    def notifications(self, transaction_id: str) -> list[Json]:
        """The bodies of all, oldest first."""
        listed = self._list("notifications", transaction_id=transaction_id)
        return [each["body"] for each in reversed(listed)]

    def page(self, order_id: str) -> Json:
        pages = self._list("pages")
        return next(
            each
            for each in pages
            if each["document"]["transaction_details"]["order_id"] == order_id
        )

    def _list(self, what: str, **params: str) -> list[Json]:
        found: list[Json] = httpx.get(
            f"{self.url}/_sim/midtrans/{what}", params=params | {"limit": "1000"}
        ).json()["data"]
        return found


def send(client: Client, body: Json) -> int:
    return client.post(
        "/webhooks/midtrans/", data=json.dumps(body), content_type="application/json"
    ).status_code


def deliver(client: Client, simulator: MidtransSimulator, order_id: str) -> list[Json]:
    """All notifications of the newest transaction of that name, each accepted by the shop."""
    newest = simulator.transactions(order_id)[0]
    sent = simulator.notifications(newest["transaction_id"])
    assert [send(client, body) for body in sent] == [200] * len(sent)
    return sent
