"""The mobile app of the tests: it knows addresses and JSON, and nothing of the code behind them."""

import json
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.test import Client

from catalog.models import Variant
from catalog.tests.builders import make_variant
from orders.tests.builders import SUMUR_BANDUNG, make_rate

Json = dict[str, Any]
API = "/api/v1"


class App:
    def __init__(self, language: str = "id") -> None:
        self.language = language
        self._http = Client()

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: object = None, **headers: str) -> HttpResponse:
        return self.send("POST", path, body, **headers)

    def put(self, path: str, body: object, **headers: str) -> HttpResponse:
        return self.send("PUT", path, body, **headers)

    def delete(self, path: str, **headers: str) -> HttpResponse:
        return self.send("DELETE", path, **headers)

    def send(self, method: str, path: str, body: object = None, **headers: str) -> HttpResponse:
        """A header is named in capitals or not, with underscores: `x_order_token`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        response: HttpResponse = self._http.generic(  # type: ignore[assignment]  # the stubs' own type
            method,
            API + path,
            b"" if body is None else json.dumps(body).encode(),
            content_type="application/json",
            headers={"accept-language": self.language} | named,
        )
        return response

    def filled_cart(self, variant: Variant, quantity: int = 1) -> str:
        token: str = answer_of(self.post("/carts"), 201)["token"]
        path = f"/carts/{token}/lines/{variant.public_id}"
        answer_of(self.put(path, {"quantity": quantity}), 200)
        return token

    def order_body(self, cart: str, *, method: str = "dana", **changes: Any) -> Json:
        """What the app sends after it has shown the cart and the cheapest courier."""
        make_rate()
        address = {"region": SUMUR_BANDUNG, "country": "ID"}
        quotes = answer_of(self.post(f"/carts/{cart}/shipping-quotes", {"address": address}), 200)
        total = quotes["totals"]["total"]["amount"]

        return {
            "cart": cart,
            "email": "siti@example.com",
            "phone": "0812 3456 7890",
            "language": self.language,
            "address": {
                "recipient_name": "Siti Aminah",
                "street": "Jl. Braga No. 12",
                "region": SUMUR_BANDUNG,
                "postal_code": "40111",
                "country": "ID",
                "notes": "",
            },
            "shipping": quotes["chosen"],
            "payment": {"method": method, "details": {}},
            "expected_total": {"amount": total, "currency": "IDR"},
        } | changes

    def place(self, body: Json, *, key: str | None = None) -> HttpResponse:
        return self.post("/orders", body, idempotency_key=key or str(uuid4()))

    def placed(self, *, method: str = "dana", variant: Variant | None = None) -> Json:
        """An order of one shirt."""
        cart = self.filled_cart(variant or make_variant())
        return answer_of(self.place(self.order_body(cart, method=method)), 201)


def answer_of(response: HttpResponse, status: int) -> Json:
    assert response.status_code == status, response.content
    expected = "application/json" if status < 300 else "application/problem+json"
    assert response.headers["Content-Type"] == expected
    document: Json = json.loads(response.content)
    return document


def problem_of(response: HttpResponse, status: int, code: str) -> Json:
    """The problem, which says the same in its body as in its status line."""
    document = answer_of(response, status)
    assert (document["status"], document["code"]) == (status, code)
    assert document["detail"]
    return document
