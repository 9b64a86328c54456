"""The kinds of rows that an import writes, in the order in which it writes them."""

from catalog.importing.bulk import Delete, Insert, Update, Write
from catalog.importing.known import PRODUCT_FIELDS, TEXT_FIELDS, VARIANT_FIELDS
from catalog.models import (
    Price,
    Product,
    ProductAttribute,
    ProductImage,
    ProductOption,
    ProductTranslation,
    Variant,
    VariantValue,
)

OLD_ATTRIBUTE = Delete(ProductAttribute)
OLD_VALUE = Delete(VariantValue)
OLD_PRICE = Delete(Price)
PRODUCT = Update(Product, "category", "size_guide", *PRODUCT_FIELDS)
PRODUCT_TOUCHED = Update(Product, "updated_at")
TEXT = Update(ProductTranslation, *TEXT_FIELDS)
OPTION_PLACE = Update(ProductOption, "position")
PICTURE_PLACE = Update(ProductImage, "position")
PICTURE_SHOWS = Update(ProductImage, "option_value")
VARIANT = Update(Variant, *VARIANT_FIELDS)
VARIANT_PLACE = Update(Variant, "position")
VALUE = Update(VariantValue, "value")
ENDED_PRICE = Update(Price, "valid_until")
NEW_PRODUCT = Insert(
    Product,
    "id",
    "public_id",
    "seller",
    "category",
    "size_guide",
    *PRODUCT_FIELDS,
    "sold_count",
    "rating_sum",
    "rating_count",
)
NEW_TEXT = Insert(ProductTranslation, "product", "language", *TEXT_FIELDS)
NEW_OPTION = Insert(ProductOption, "product", "option", "position")
NEW_ATTRIBUTE = Insert(ProductAttribute, "product", "value")
NEW_VARIANT = Insert(Variant, "id", "product", "public_id", "position", *VARIANT_FIELDS)
NEW_VALUE = Insert(VariantValue, "variant", "option", "value")
NEW_PRICE = Insert(
    Price,
    "variant",
    "currency",
    "amount_minor",
    "compare_at_minor",
    "valid_from",
    "valid_until",
)
NEW_PICTURE = Insert(
    ProductImage,
    "id",
    "product",
    "option_value",
    "file",
    "width",
    "height",
    "renditions",
    "state",
    "failure",
    "colour",
    "source_url",
    "position",
)
# What goes makes room for what comes; a row is written after those that it points at.
IN_ORDER: tuple[Write, ...] = (
    OLD_ATTRIBUTE,
    OLD_VALUE,
    OLD_PRICE,
    PRODUCT,
    PRODUCT_TOUCHED,
    TEXT,
    OPTION_PLACE,
    PICTURE_PLACE,
    PICTURE_SHOWS,
    VARIANT,
    VARIANT_PLACE,
    VALUE,
    ENDED_PRICE,
    NEW_PRODUCT,
    NEW_TEXT,
    NEW_OPTION,
    NEW_ATTRIBUTE,
    NEW_VARIANT,
    NEW_VALUE,
    NEW_PRICE,
    NEW_PICTURE,
)
