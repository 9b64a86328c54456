"""What the fuzzer is told of the shop: things that there are, and bodies that do something.

Loaded by Schemathesis (`SCHEMATHESIS_HOOKS`). Most cases name what their person has, the others
keep what was made up. Each answer is counted, by operation and status.
"""

import atexit
import json
import os
import random
from collections import Counter
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import schemathesis
import yaml

Json = dict[str, Any]
PEOPLE: Json = json.loads(Path(os.environ["FUZZ_PEOPLE"]).read_text())
WHO = os.environ["FUZZ_WHO"]
URL = os.environ["FUZZ_URL"]
COUNTS = Path(os.environ["FUZZ_COUNTS"])
# The other customer and staff come with the customer's tokens in their hands.
HAS: Json = PEOPLE[WHO].get("has") or PEOPLE["customer"]["has"]
IS_HOLDER = WHO in ("guest", "customer")
SHARE_OF_REAL = 0.9
SHARE_OF_BODIES = 0.5
ENDS_SIGN_IN = {
    "POST /api/v1/auth/logout",
    "DELETE /api/v1/me/devices",
    "DELETE /api/v1/me/devices/{device}",
}
NEW_PASSWORD = "POST /api/v1/auth/password/change"
# Of the same person, another order than that which has arrived.
INSTEAD = {
    "POST /api/v1/orders/{number}/cancel": "to_cancel",
    "POST /api/v1/orders/{number}/payments": "to_pay",
    "POST /api/v1/products/{slug}/reviews": "to_review",
    "PUT /api/v1/reviews/{review}/helpful": "others",
}

chance = random.Random(int(os.environ["FUZZ_SEED"]))
# A new password ends the sign-in that it was chosen with.
changing = cycle(PEOPLE["changing"])
spares, emails = cycle(PEOPLE["spares"]), cycle(PEOPLE["emails"])
registrations, resets = cycle(PEOPLE["registrations"]), cycle(PEOPLE["resets"])
answers: Counter[tuple[str, int]] = Counter()


@schemathesis.deserializer("application/vnd.oai.openapi", "application/vnd.oai.openapi+json")
def read_document(context: Any, response: Any) -> Any:
    return yaml.safe_load(response.content)


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Json) -> None:
    label = case.operation.label
    # Each from a network of its own, or the shop's limits would be all that is tested.
    case.headers["X-Forwarded-For"] = f"10.{chance.randrange(256)}.{chance.randrange(256)}.1"
    if "Idempotency-Key" in case.headers:
        # As servers do with all headers.
        case.headers["Idempotency-Key"] = str(case.headers["Idempotency-Key"]).strip(" \t")
    spare = next(spares) if label in ENDS_SIGN_IN else {}
    is_example = case.meta is not None and case.meta.phase.name.value == "examples"
    if case.path_parameters and (is_example or chance.random() < SHARE_OF_REAL):
        name_things(case, HAS | HAS.get(INSTEAD.get(label, ""), {}) | spare)
    elif "device" in case.path_parameters:
        # One of the list of devices would be that which asks.
        case.path_parameters["device"] = str(uuid4())
    if WHO != "guest":
        case.headers["Authorization"] = f"Bearer {spare.get('access') or bearer(label)}"
    body = BODIES.get(label)
    if body and (is_example or chance.random() < SHARE_OF_BODIES):
        case.body = body()
        case.media_type = "application/json"
        if "Idempotency-Key" in headers_of(case):
            case.headers["Idempotency-Key"] = str(uuid4())


def bearer(label: str) -> str:
    return str(next(changing) if label == NEW_PASSWORD else PEOPLE[WHO]["bearer"])


def name_things(case: Any, has: Json) -> None:
    for name in case.path_parameters:
        place = case.path.split("/")[3] if name == "token" else name
        if place in has:
            case.path_parameters[name] = has[place]
    if IS_HOLDER and "X-Order-Token" in headers_of(case):
        case.headers["X-Order-Token"] = has["order_token"]


def headers_of(case: Any) -> set[str]:
    return {one.name for one in case.operation.headers}


def refresh() -> Json:
    return {"refresh_token": next(spares)["refresh"]}


def login() -> Json:
    email = next(emails)
    return {"email": email, "password": PEOPLE["password"], "device_name": "Pixel 9"}


def registration() -> Json:
    body = {"full_name": "Siti", "password": PEOPLE["password"], "device_name": "Pixel"}
    return body | {"token": next(registrations)}


def order() -> Json:
    """Of a new cart: placed with its own total it goes through."""
    with httpx.Client(base_url=f"{URL}/api/v1", timeout=30) as shop:
        if WHO != "guest":
            shop.headers["Authorization"] = f"Bearer {PEOPLE[WHO]['bearer']}"
        cart = shop.post("/carts").json()["token"]
        shop.put(f"/carts/{cart}/lines/{HAS['variant']}", json={"quantity": 1})
        address = {"region": "31.74.03.1002"}
        quotes = shop.post(f"/carts/{cart}/shipping-quotes", json={"address": address}).json()
    total = quotes["totals"]["total"]
    return {
        "cart": cart,
        "email": f"{uuid4().hex[:12]}@example.com",
        "phone": "0812 3456 7890",
        "language": "id",
        "address": {
            "recipient_name": "Siti Rahma",
            "street": "Jl. Kemang Raya 12",
            "region": "31.74.03.1002",
            "postal_code": "12730",
            "country": "ID",
        },
        "shipping": quotes["chosen"],
        "payment": {"method": "dana", "details": {}},
        "expected_total": {"amount": total["amount"], "currency": total["currency"]},
    }


BODIES: dict[str, Callable[[], Json]] = {
    "POST /api/v1/auth/login": login,
    "POST /api/v1/auth/refresh": refresh,
    "POST /api/v1/auth/verify-email": registration,
    "PUT /api/v1/auth/password/reset": lambda: {
        "token": next(resets),
        "password": PEOPLE["password"],
    },
    "POST /api/v1/auth/password/change": lambda: {
        "current_password": PEOPLE["password"],
        "password": PEOPLE["password"],
    },
    "PUT /api/v1/carts/{token}/coupon": lambda: {"code": PEOPLE["coupon"]},
    "PUT /api/v1/carts/{token}/lines/{variant}": lambda: {"quantity": chance.randint(1, 3)},
    "POST /api/v1/orders": order,
    "POST /api/v1/orders/{number}/returns": lambda: {
        "lines": [{"variant": HAS["variant"], "quantity": 1}],
        "outcome": "refund",
        "reason": "too_small",
    },
    "POST /api/v1/products/{slug}/reviews": lambda: {
        "variant": HAS["to_review"]["variant"],
        "rating": 5,
    },
    "POST /api/v1/orders/{number}/payments": lambda: {"method": "dana"},
    "POST /api/v1/waiting": lambda: {
        "variant": HAS["wanted"],
        "email": f"{uuid4().hex[:12]}@example.com",
    },
    "POST /api/v1/stock-alerts": lambda: {
        "variant": HAS["wanted"],
        "email": f"{uuid4().hex[:12]}@example.com",
    },
    "POST /api/v1/carts/{token}/shipping-quotes": lambda: {"address": {"region": "31.74.03.1002"}},
}


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    answers[case.operation.label, response.status_code] += 1


@atexit.register
def tell() -> None:
    told = [[label, status, times] for (label, status), times in sorted(answers.items())]
    COUNTS.write_text(json.dumps(told))
