"""`python -m bench.orders.loop`, in the environment of a shop: its placing transaction alone.

`loop 200 1`: make 200 orders of one variant ready, say so, wait for a line, place them one after
the other, and print the seconds it took. `capture`: print one transaction as a script of pgbench.
"""

import json
import sys
import time
from typing import Any
from uuid import UUID

import django
import psycopg

django.setup()

from django.db import connection  # noqa: E402 - not before the setup
from django.test.utils import CaptureQueriesContext  # noqa: E402 - as above

from bench.orders.drafts import Draft, drafts  # noqa: E402 - as above
from bench.orders.script import script  # noqa: E402 - as above
from orders.models import Order  # noqa: E402 - as above
from payments.models import PaymentAttempt  # noqa: E402 - as above

WARM_UP = 20


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def loop(number: int, skus: int) -> None:
    ready = list(drafts(number, skus))
    for draft in drafts(WARM_UP, skus):
        draft.place()
    say("ready")
    sys.stdin.readline()
    began = time.perf_counter()
    for draft in ready:
        draft.place()
    say(str(time.perf_counter() - began))


def capture() -> None:
    [draft] = drafts(1, 1)
    written_out: list[str] = []

    def write_out(execute: Any, sql: str, values: Any, *more: Any) -> Any:
        """With its values in the text: those of a prepared statement are sent beside it."""
        written_out.append(psycopg.ClientCursor(connection.connection).mogrify(sql, values))
        return execute(sql, values, *more)

    with CaptureQueriesContext(connection) as queries, connection.execute_wrapper(write_out):
        placed, attempt = draft.place()
    if attempt is None:
        raise RuntimeError("an order of nothing needs no payment")
    texts = iter(written_out)
    statements = [
        query["sql"] if query["sql"] in ("BEGIN", "COMMIT") else next(texts)
        for query in queries.captured_queries
    ]
    [group], [line] = placed.order.groups.all(), placed.order.lines.all()
    numbers = {
        draft.checkout.cart.pk: "n",
        placed.order.pk: "key_0",
        group.pk: "key_1",
        line.pk: "key_2",
        attempt.pk: "key_4",
        line.variant_id: "variant",
        line.stock_item_id: "item",
        draft.checkout.priced.lines[0].product_pk: "product",
    }
    written = script(statements, numbers=numbers, texts=_texts(draft, placed.order, attempt))
    first = {name: pk for pk, name in numbers.items() if name in ("variant", "item", "product")}
    say(json.dumps({"script": written, "statements": len(statements) - 2, "first": first}))


def _texts(draft: Draft, order: Order, attempt: PaymentAttempt) -> list[str | UUID]:
    """What no other order has; the cart first, as `placing.write_carts` numbers them."""
    buyer = draft.checkout.buyer
    return [
        draft.checkout.cart.token,
        order.holder,
        attempt.public_id,
        order.token,
        order.number,
        draft.request.request_hash,
        draft.request.key,
        draft.checkout.contact.phone.removeprefix("+62812"),
        *buyer.values(),
        *(str(int(key[:15], 16)) for key in buyer.values()),
    ]


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments == ["capture"]:
        capture()
    else:
        loop(int(arguments[0]), int(arguments[1]))
