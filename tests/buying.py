"""A customer of the JSON API, as the mobile app is one."""

from typing import Any
from uuid import uuid4

import httpx

from tests.running import RunningShop, eventually

Json = dict[str, Any]
ADDRESS = {
    "recipient_name": "Siti Aminah",
    "phone": "0812-3456-7890",
    "street": "Jl. Braga No. 12",
    "region": "32.73.19",
    "postal_code": "40111",
    "country": "ID",
    "notes": "pagar hijau",
}


class Customer:
    """Buys through the API and remembers what was answered."""

    def __init__(self, shop: RunningShop, *, language: str = "id") -> None:
        self.shop = shop
        self.email = f"siti-{uuid4().hex[:10]}@example.com"
        self.api = f"{shop.url}/api/v1"
        self.language = language
        self.order: Json = {}

    def ask(self, method: str, path: str, *, status: int = 200, **more: Any) -> Json:
        headers = {"Accept-Language": self.language} | more.pop("headers", {})
        answer = httpx.request(method, self.api + path, headers=headers, timeout=30, **more)
        assert answer.status_code == status, f"{answer.status_code}: {answer.text}"
        body: Json = answer.json() if answer.content else {}
        return body

    def first_variant(self, *, at_least: int = 1) -> Json:
        """A variant of the demo boutique that there is enough of."""
        products = self.ask("GET", "/products")["results"]
        for product in products:
            detail = self.ask("GET", f"/products/{product['slug']}")
            for variant in detail["variants"]:
                if variant["available"] >= at_least:
                    found: Json = variant
                    return found
        raise AssertionError("the demo boutique is sold out")

    def fill_cart(self, variant_id: str, quantity: int = 1) -> str:
        token: str = self.ask("POST", "/carts", status=201)["token"]
        self.ask("PUT", f"/carts/{token}/lines/{variant_id}", json={"quantity": quantity})
        return token

    def order_form(self, cart: str, *, method: str = "bca_va", **details: str) -> Json:
        where = {"region": ADDRESS["region"], "country": "ID"}
        quotes = self.ask("POST", f"/carts/{cart}/shipping-quotes", json={"address": where})
        total = quotes["totals"]["total"]["amount"]
        return {
            "cart": cart,
            "email": self.email,
            "phone": ADDRESS["phone"],
            "language": self.language,
            "address": ADDRESS,
            "shipping": quotes["chosen"],
            "payment": {"method": method, "details": details},
            "expected_total": {"amount": total, "currency": "IDR"},
        }

    def place(self, form: Json, *, key: str | None = None) -> Json:
        headers = {"Idempotency-Key": key or uuid4().hex}
        self.order = self.ask("POST", "/orders", status=201, json=form, headers=headers)
        return self.order

    def buy(self, *, method: str = "bca_va", variant_id: str = "", **details: str) -> Json:
        """Place an order for one piece; it waits for its payment afterwards."""
        cart = self.fill_cart(variant_id or self.first_variant()["id"])
        return self.place(self.order_form(cart, method=method, **details))

    @property
    def reference(self) -> str:
        return f"{self.order['number']}-A1"

    def status(self) -> str:
        headers = {"X-Order-Token": self.order["token"]}
        seen: str = self.ask("GET", f"/orders/{self.order['number']}", headers=headers)["status"]
        return seen

    def wait_until(self, status: str) -> None:
        eventually(lambda: self.status() == status, what=f"order to be {status}")

    def wait_for_mails(self, count: int) -> list[str]:
        """The subjects of the mails to this customer, once there are so many."""
        eventually(lambda: len(self.shop.mails(to=self.email)) >= count, what=f"{count} mails")
        return [str(mail["Subject"]) for mail in self.shop.mails(to=self.email)]
