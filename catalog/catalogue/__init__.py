"""What customers see of the catalogue: plain values for pages and API, read in few queries.

The number of queries does not depend on how many products, variants or pictures there are.
"""

from catalog.catalogue.categories import (
    CategoryNotFound,
    category_tree,
)
from catalog.catalogue.filters import Filters, read_filters
from catalog.catalogue.listing import SORTS, Place, best_sellers, list_products
from catalog.catalogue.product import (
    ProductNotFound,
    get_product,
    option_codes,
    preview_product,
)
from catalog.catalogue.related import related_products
from catalog.catalogue.shapes import (
    CategoryLink,
    CategoryView,
    Facet,
    FacetValue,
    ImageView,
    ListingView,
    OptionValueView,
    OptionView,
    ProductCard,
    ProductPage,
    SizeGuideView,
    Swatch,
    VariantView,
)
from catalog.catalogue.vocabulary import Vocabulary, read_vocabulary

__all__ = [
    "SORTS",
    "CategoryLink",
    "CategoryNotFound",
    "CategoryView",
    "Facet",
    "FacetValue",
    "Filters",
    "ImageView",
    "ListingView",
    "OptionValueView",
    "OptionView",
    "Place",
    "ProductCard",
    "ProductNotFound",
    "ProductPage",
    "SizeGuideView",
    "Swatch",
    "VariantView",
    "Vocabulary",
    "best_sellers",
    "category_tree",
    "get_product",
    "list_products",
    "option_codes",
    "preview_product",
    "read_filters",
    "read_vocabulary",
    "related_products",
]
