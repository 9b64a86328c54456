"""Carts, what it costs to send them, and where they can go."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from orders.merging import Choice
from orders.models import RateSource
from orders.priced_cart import PricedCart, PricedLine
from orders.promotions.coupons import LONGEST_CODE
from orders.promotions.troubles import Trouble
from shop.api.serializers.catalogue import ImageShape
from shop.api.serializers.credit import CreditBody, CreditShape
from shop.api.serializers.fields import (
    Body,
    Email,
    MinorUnits,
    MoneyShape,
    Shape,
    Text,
    Token,
    Whole,
)
from shop.api.serializers.moments import Moment


class NewCartBody(Body):
    """Nothing is asked of a guest: the body is empty or `{}`."""

    guest_cart = Token(required=False, help_text="Of the cart before signing in.")
    choice = serializers.ChoiceField(
        choices=[choice.value for choice in Choice],
        required=False,
        help_text="What to keep: both `together`, that of the `device`, or that of the `account`.",
    )


class CartTokenShape(Shape):
    token = serializers.UUIDField(help_text="Whoever has it may see and change the cart.")


class QuantityBody(Body):
    quantity = Whole(min_value=0, help_text="Exactly that many; 0 removes the line. At most 99.")


class ProductLinkShape(Shape):
    slug = serializers.CharField(source="product_slug")
    name = serializers.CharField(source="product_name")


class CartLineShape(Shape):
    variant = serializers.UUIDField(source="variant_id")
    product = ProductLinkShape(source="*")
    variant_name = serializers.CharField()
    image = serializers.SerializerMethodField()
    quantity = serializers.IntegerField()
    unit_price = MoneyShape(help_text="Today's price.")
    seen_price = MoneyShape(help_text="The price when the line was last set.")
    price_changed = serializers.BooleanField()
    total = MoneyShape()
    available = serializers.IntegerField(
        help_text="To this cart: with what is held for it and what its unpaid order has reserved."
    )
    is_short = serializers.BooleanField(help_text="There is less of it than wanted.")
    is_buyable = serializers.BooleanField(help_text="False once it left the catalogue.")
    held_until = Moment(allow_null=True, help_text="Where the queue holds units for this cart.")

    @extend_schema_field(ImageShape(allow_null=True))
    def get_image(self, line: PricedLine) -> dict[str, Any] | None:
        image = self.context["images"].get(line.variant_pk)
        return dict(ImageShape(image).data) if image and image.is_ready else None


class CouponBody(Body):
    code = Text(max_length=LONGEST_CODE, help_text="Capitals and spaces do not matter.")


class DiscountShape(Shape):
    label = serializers.CharField(  # type: ignore[assignment]  # the class only declares it
        help_text="In the language of the request."
    )
    code = serializers.CharField(help_text="Empty for one that needs no code.")
    amount = MoneyShape()


class CouponTroubleShape(Shape):
    code = serializers.ChoiceField(source="trouble", choices=[trouble.value for trouble in Trouble])
    message = serializers.CharField(help_text="For the person, in the language of the request.")


class CouponShape(Shape):
    code = serializers.CharField(source="offers.code")
    discount = MoneyShape(source="coupon_discount")
    trouble = CouponTroubleShape(
        source="coupon_trouble", allow_null=True, help_text="Why it takes nothing off."
    )


class NudgeShape(Shape):
    label = serializers.CharField()  # type: ignore[assignment]  # the class only declares it
    missing = MoneyShape(help_text="Goods for so much more, and it applies.")
    minimum = MoneyShape()


class CartShape(CartTokenShape):
    version = serializers.CharField(
        help_text="Of its goods and quantities; send it as `cart_version` with the order."
    )
    lines = CartLineShape(many=True)
    subtotal = MoneyShape(help_text="At list prices, without shipping.")
    discounts = DiscountShape(many=True)
    coupon = serializers.SerializerMethodField(help_text="The code in the cart, if there is one.")
    nudges = NudgeShape(many=True, help_text="Free shipping that is nearly reached.")
    total = MoneyShape(help_text="Without shipping.")
    item_count = serializers.IntegerField()
    has_problems = serializers.BooleanField(
        help_text="A line is short or no longer sold: it cannot be ordered like that."
    )

    @extend_schema_field(CouponShape(allow_null=True))
    def get_coupon(self, priced: PricedCart) -> dict[str, Any] | None:
        return dict(CouponShape(priced).data) if priced.offers.code else None


class DestinationBody(Body):
    region = Text(
        max_length=13,
        required=False,
        help_text="Code of a district or a village, from `GET regions`; none abroad.",
    )
    country = Text(max_length=2, min_length=2, default=settings.DEFAULT_COUNTRY)
    postal_code = Text(
        max_length=12,
        default="",
        allow_blank=True,
        help_text="With it the couriers may be asked themselves; without it the table answers.",
    )


class ShippingChoiceBody(Body):
    group = Text(max_length=60)
    option = Text(max_length=90)


def unique_groups(value: list[dict[str, str]]) -> list[dict[str, str]]:
    """Raises ValidationError where a group is chosen for twice."""
    if len({choice["group"] for choice in value}) < len(value):
        raise serializers.ValidationError(_("A group may appear only once."))
    return value


class ShippingQuoteBody(Body):
    address = DestinationBody()
    shipping = serializers.ListField(
        child=ShippingChoiceBody(),
        required=False,
        max_length=100,
        help_text="What is chosen so far; the cheapest option of every other group.",
    )
    email = Email(
        max_length=254,
        required=False,
        help_text="With it the totals know what is limited to so many per customer.",
    )
    phone = Text(max_length=40, required=False, help_text="As `email`.")
    credit = CreditBody(required=False, help_text="Gift cards that are to pay.")

    def validate_shipping(self, value: list[dict[str, str]]) -> list[dict[str, str]]:
        return unique_groups(value)


class ShippingOptionShape(Shape):
    option = serializers.CharField(source="code", help_text="Send it back as `option`: `jne:reg`.")
    courier = serializers.CharField()
    service = serializers.CharField()
    name = serializers.CharField()
    amount = MoneyShape()
    eta_min_days = serializers.IntegerField(
        allow_null=True, help_text="Working days; null where the courier does not say."
    )
    eta_max_days = serializers.IntegerField(allow_null=True)
    arrives_from = serializers.DateField(
        allow_null=True, help_text="If it is ordered today, packing included."
    )
    arrives_until = serializers.DateField(allow_null=True)
    price_by = serializers.ChoiceField(
        choices=RateSource.choices,
        source="source",
        help_text="`table`: by the shop's own table; else the courier API that was asked.",
    )


class ShippingGroupShape(Shape):
    group = serializers.CharField(source="key", help_text="Send it back as `group`.")
    seller_name = serializers.CharField()
    ships_from = serializers.CharField()
    weight_grams = serializers.IntegerField()
    options = ShippingOptionShape(many=True, help_text="The cheapest first.")


class TotalsShape(Shape):
    subtotal = MinorUnits("subtotal_minor")
    discount = MinorUnits("discount_minor")
    shipping = MinorUnits("shipping_minor")
    shipping_discount = MinorUnits("shipping_discount_minor")
    tax = MinorUnits("tax_minor", help_text="In the prices, but for `tax_added`.")
    tax_added = MinorUnits("tax_added_minor", help_text="The part of it that is beside them.")
    rounding = MinorUnits("rounding_minor")
    total = MinorUnits("total_minor")


class ChosenShape(Shape):
    group = serializers.CharField()
    option = serializers.CharField()


class ShippingQuoteShape(Shape):
    groups = ShippingGroupShape(many=True, help_text="One parcel per seller and place of origin.")
    chosen = ChosenShape(many=True, help_text="What the totals are computed with.")
    discounts = DiscountShape(many=True)
    totals = TotalsShape(help_text="With what is chosen; its `total` is the `expected_total`.")
    credit = CreditShape(allow_null=True, help_text="Null where no gift card was sent.")
