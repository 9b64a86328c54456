"""The rows behind goods on sale, in a shop that may have nothing else."""

from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalog.inventory import open_stock_in_bulk
from catalog.models import (
    Category,
    CategoryTranslation,
    Location,
    Price,
    Product,
    ProductTranslation,
    Seller,
    Variant,
)
from drills.goods import Goods
from orders.models import (
    Coupon,
    Promotion,
    PromotionKind,
    PromotionTranslation,
    ShippingRate,
    ShippingZone,
)


@transaction.atomic
def fill(wanted: Sequence[Goods], codes: Sequence[str] = ()) -> list[str]:
    """Put these goods on sale; returns the public ids of their variants, in the same order.

    Each of the codes takes ten percent off one order.
    """
    seller = Seller.objects.create(name="Drill")
    category = Category.objects.create()
    CategoryTranslation.objects.create(
        category=category, language="id", name="Drill", slug=f"drill-{category.pk}"
    )
    for currency in {goods["currency"] for goods in wanted}:
        _send_everywhere(currency)
    places = max(len(goods["units"]) for goods in wanted)
    locations = [
        Location.objects.create(
            seller=seller, name=f"Gudang {place}", city="Bandung", province="32", country="ID"
        )
        for place in range(places)
    ]
    variants = [_put_on_sale(goods, seller, category) for goods in wanted]
    open_stock_in_bulk(
        [
            (variant.pk, locations[place].pk, units)
            for variant, goods in zip(variants, wanted, strict=True)
            for place, units in enumerate(goods["units"])
        ],
        reason="drill",
    )
    for code in codes:
        promotion = Promotion.objects.create(
            name=code,
            kind=PromotionKind.PERCENTAGE,
            percent=10,
            currency=settings.DEFAULT_CURRENCY,
        )
        PromotionTranslation.objects.create(promotion=promotion, language="id", label=code)
        Coupon.objects.create(promotion=promotion, code=code, max_uses=1)
    return [str(variant.public_id) for variant in variants]


def _put_on_sale(goods: Goods, seller: Seller, category: Category) -> Variant:
    product = Product.objects.create(
        seller=seller,
        category=category,
        is_published=True,
        purchase_limit=goods["purchase_limit"],
    )
    ProductTranslation.objects.create(
        product=product, language="id", name=goods["name"], slug=f"drill-{product.pk}"
    )
    variant = Variant.objects.create(product=product, weight_grams=goods["weight_grams"])
    Price.objects.create(
        variant=variant,
        currency=goods["currency"],
        amount_minor=goods["price_minor"],
        valid_from=timezone.now(),
    )
    return variant


def _send_everywhere(currency: str) -> None:
    zone = ShippingZone.objects.create(name=f"Drill {currency}", country="ID")
    ShippingRate.objects.create(
        zone=zone,
        courier="DRILL",
        service="REG",
        name="Drill",
        currency=currency,
        first_kg_minor=12_000,
        next_kg_minor=9_000,
        eta_min_days=2,
        eta_max_days=4,
    )
