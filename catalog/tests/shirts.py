"""A few shirts that differ in all that listings are narrowed down by."""

from catalog.models import (
    Attribute,
    AttributeTranslation,
    AttributeValue,
    AttributeValueTranslation,
    Product,
    ProductAttribute,
)
from catalog.tests.builders import follow_up, make_product, make_seller, make_variant


def material(product: Product, code: str) -> None:
    """Give the product a material."""
    attribute, is_new = Attribute.objects.get_or_create(code="material")
    if is_new:
        AttributeTranslation.objects.create(attribute=attribute, language="id", name="Bahan")
        AttributeTranslation.objects.create(attribute=attribute, language="en", name="Material")
    value, is_new = AttributeValue.objects.get_or_create(attribute=attribute, code=code)
    if is_new:
        for language in ("id", "en"):
            AttributeValueTranslation.objects.create(value=value, language=language, name=code)
    ProductAttribute.objects.create(product=product, value=value)


def make_shirts() -> None:
    """A red S and a blue M of one shirt; a blue L, sold out; a cheap one of linen."""
    other = make_seller("Batik Jaya")
    first = make_product("Kemeja Satu")
    make_variant(product=first, colour="terakota", size="S", price=250_000)
    make_variant(product=first, colour="navy", size="M", price=250_000)
    material(first, "katun")
    second = make_product("Kemeja Dua")
    make_variant(product=second, colour="navy", size="L", on_hand=0, price=350_000)
    material(second, "katun")
    third = make_product("Kemeja Tiga", seller=other)
    make_variant(product=third, colour="gading", size="M", price=90_000, compare_at=120_000)
    material(third, "linen")
    follow_up()
