"""`manage.py oversell_drill --variant …`: what will happen when the sale opens?"""

import asyncio
import os
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import F
from django.utils import timezone

from catalog.models import Price, StockItem, Variant
from drills.goods import Goods
from drills.oversell import open_sale
from drills.scratch import CannotMakeDatabase, scratch_shop


class Command(BaseCommand):
    help = (
        "Lets many buyers fight for what there is of a variant, in a scratch shop with a database"
        " of its own, and prints how many were sold, refused and left. The real shop is only read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--variant", required=True, help="its public id, or its SKU")
        parser.add_argument("--buyers", type=int, default=200)
        parser.add_argument("--units", type=int, help="instead of what is available now")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument(
            "--server",
            default=os.environ.get("DATABASE_URL", ""),
            help="URL of a database server whose role may make databases; else the shop's own",
        )
        parser.add_argument(
            "--cache", default="", help="URL of a Valkey that the shop does not use"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        goods = goods_like(_variant(options["variant"]), units=options["units"])
        try:
            with scratch_shop(options["server"], cache=options["cache"]) as shop:
                sale = open_sale(shop, goods, buyers=options["buyers"], seed=options["seed"])
                troubles = asyncio.run(sale)
        except CannotMakeDatabase as error:
            raise CommandError(str(error)) from error
        if troubles:
            raise CommandError("\n".join(troubles))


def _variant(wanted: str) -> Variant:
    """By public id or SKU. Raises CommandError."""
    try:
        found = Variant.objects.filter(public_id=UUID(wanted))
    except ValueError:
        found = Variant.objects.filter(sku=wanted)
    variants = list(found.select_related("product")[:2])
    if len(variants) != 1:
        raise CommandError(f"{'several variants have' if variants else 'no variant has'} {wanted}")
    return variants[0]


def goods_like(variant: Variant, *, units: int | None) -> Goods:
    """The same goods for the scratch shop: price, limit, weight, and what is free at each place."""
    currency = settings.DEFAULT_CURRENCY
    price = (
        Price.objects.filter(variant=variant, currency=currency, valid_from__lte=timezone.now())
        .order_by("-valid_from")
        .first()
    )
    if price is None:
        raise CommandError(f"it has no price in {currency}: nobody could buy it")
    free = StockItem.objects.filter(variant=variant, on_hand__gt=F("reserved"))
    places = list(free.order_by("pk").values_list(F("on_hand") - F("reserved"), flat=True))
    return {
        "name": f"{variant.sku or variant.public_id}",
        "currency": price.currency,
        "price_minor": price.amount_minor,
        "weight_grams": variant.weight_grams,
        "purchase_limit": variant.product.purchase_limit,
        "units": [units] if units is not None else places or [0],
    }
