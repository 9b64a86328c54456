"""What customers see of the catalogue: plain values for pages and API, read in few queries.

The number of queries does not depend on how many products, variants or pictures there are.
"""

from catalog.catalogue.categories import CategoryNotFound, category_tree
from catalog.catalogue.listing import SORTS, list_products
from catalog.catalogue.product import ProductNotFound, get_product
from catalog.catalogue.shapes import (
    CategoryLink,
    CategoryView,
    ImageView,
    ListingView,
    OptionValueView,
    OptionView,
    ProductCard,
    ProductPage,
    Swatch,
    VariantView,
)

__all__ = [
    "SORTS",
    "CategoryLink",
    "CategoryNotFound",
    "CategoryView",
    "ImageView",
    "ListingView",
    "OptionValueView",
    "OptionView",
    "ProductCard",
    "ProductNotFound",
    "ProductPage",
    "Swatch",
    "VariantView",
    "category_tree",
    "get_product",
    "list_products",
]
