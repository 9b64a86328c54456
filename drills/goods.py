"""`python -m drills.goods`, in the environment of a scratch shop: put goods into it.

Reads the keywords of `drills.filling.fill` as JSON from standard input and prints the public ids
of the variants in the same order. One whole-country fare, so that every address can be reached.
"""

import json
import os
import sys
from typing import TypedDict

import django


class Goods(TypedDict):
    """What is put on sale; `units` are those of each place it lies at."""

    name: str
    currency: str
    price_minor: int
    weight_grams: int
    purchase_limit: int | None
    units: list[int]


def some(*units: int) -> Goods:
    """A shirt that there are so many of at each place."""
    return {
        "name": "Kemeja",
        "currency": "IDR",
        "price_minor": 149_000,
        "weight_grams": 250,
        "purchase_limit": None,
        "units": list(units),
    }


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    django.setup()
    from drills.filling import fill  # noqa: PLC0415 - not before the setup

    print(json.dumps(fill(**json.load(sys.stdin))))


if __name__ == "__main__":
    main()
