"""Wishlists as the API shows them, and what is waited for."""

from rest_framework import serializers

from shop.api.serializers.catalogue import ProductCardShape
from shop.api.serializers.fields import Body, Email, MoneyShape, Shape, Token


class NewWishlistBody(Body):
    """Nothing is asked: the body is empty or `{}`."""


class WishlistTokenShape(Shape):
    token = serializers.UUIDField(help_text="Whoever has it may see and change the wishlist.")


class WishlistLineShape(Shape):
    slug = serializers.CharField(help_text="In the language of the request; removes the line.")
    name = serializers.CharField()
    product = ProductCardShape(
        source="card", allow_null=True, help_text="Null once it is no longer sold."
    )
    kept_price = MoneyShape(help_text="Of its cheapest variant when it was kept.")
    is_cheaper = serializers.BooleanField(help_text="Than when it was kept.")


class WishlistShape(WishlistTokenShape):
    lines = WishlistLineShape(many=True, help_text="What was kept last comes first.")


class StockAlertBody(Body):
    variant = Token(help_text="`id` of a variant that is sold out.")
    email = Email(max_length=254)
