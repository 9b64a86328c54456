from catalog.models.category import Category, CategoryTranslation
from catalog.models.image import ProductImage
from catalog.models.option import (
    Option,
    OptionTranslation,
    OptionValue,
    OptionValueTranslation,
)
from catalog.models.product import Product, ProductOption, ProductTranslation
from catalog.models.seller import Location, Seller
from catalog.models.stock import Reservation, StockItem, StockMovement
from catalog.models.variant import Price, Variant, VariantValue

__all__ = [
    "Category",
    "CategoryTranslation",
    "Location",
    "Option",
    "OptionTranslation",
    "OptionValue",
    "OptionValueTranslation",
    "Price",
    "Product",
    "ProductImage",
    "ProductOption",
    "ProductTranslation",
    "Reservation",
    "Seller",
    "StockItem",
    "StockMovement",
    "Variant",
    "VariantValue",
]
