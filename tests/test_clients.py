"""The reference clients buy something from the running shop, each in its own language."""

import json
import subprocess
from pathlib import Path
from uuid import uuid4

import playwright
import pytest
from etalase_api import Etalase, Problem

from tests.running import ROOT, RunningShop, eventually

# Playwright brings a Node.js along, which reads TypeScript as it is.
NODE = Path(playwright.__file__).parent / "driver" / "node"


def test_the_python_client_goes_from_the_list_to_a_paid_order(shop: RunningShop) -> None:
    with Etalase(f"{shop.url}/api/v1", language="en") as api:
        page = api.list_products(in_stock=True, page_size=2, sort="price_asc")
        more = api.following(page)
        assert more is not None
        assert not {card["slug"] for card in page["results"]} & {
            card["slug"] for card in more["results"]
        }
        product = api.get_product(more["results"][0]["slug"])
        variant = next(one for one in product["variants"] if one["available"])

        cart = api.create_cart()["token"]
        assert api.set_cart_line(cart, variant["id"], {"quantity": 1})["item_count"] == 1
        quote = api.quote_shipping(cart, {"address": {"region": "32.73.19", "country": "ID"}})
        placed = api.place_order(
            {
                "cart": cart,
                "email": f"siti-{uuid4().hex[:10]}@example.com",
                "phone": "0812 3456 7890",
                "language": "en",
                "address": {
                    "recipient_name": "Siti Aminah",
                    "street": "Jl. Braga No. 12",
                    "region": "32.73.19",
                    "postal_code": "40111",
                    "country": "ID",
                },
                "shipping": [
                    {"group": one["group"], "option": one["option"]} for one in quote["chosen"]
                ],
                "payment": {"method": "bca_va"},
                "expected_total": {"amount": quote["totals"]["total"]["amount"], "currency": "IDR"},
            },
            idempotency_key=uuid4().hex,
        )
        number, token = placed["number"], placed["token"]
        shop.pay(f"{number}-A1")
        eventually(
            lambda: api.get_order(number, order_token=token)["status"] == "confirmed",
            what="the order to be confirmed",
        )
        assert api.get_receipt(number, order_token=token).startswith(b"%PDF")
        with pytest.raises(Problem) as refused:
            api.get_order(number, order_token="guess")
        assert (refused.value.status, refused.value.code) == (404, "order_not_found")


@pytest.mark.browser
def test_the_example_in_typescript_places_an_order(shop: RunningShop) -> None:
    example = ROOT / "clients" / "typescript" / "example.ts"
    ran = subprocess.run(
        [NODE, example, f"{shop.url}/api/v1"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    status = shop.sql("SELECT status FROM orders_order WHERE number = %s", told.pop("number"))
    assert (told, status) == (
        {"status": "pending", "lines": [[True, 1]], "refused": [404, "order_not_found"]},
        [("pending",)],
    )
