"""The catalogue for staff. Stock is only shown: it changes through catalog.inventory."""

from catalog.admin.bulk_changes import BulkChangeAdmin
from catalog.admin.categories import CategoryAdmin
from catalog.admin.imports import ImportRunAdmin
from catalog.admin.options import OptionAdmin, OptionValueAdmin
from catalog.admin.pictures import ProductImageAdmin
from catalog.admin.products import ProductAdmin
from catalog.admin.sellers import SellerAdmin
from catalog.admin.stock import StockItemAdmin
from catalog.admin.variants import VariantAdmin

__all__ = [
    "BulkChangeAdmin",
    "CategoryAdmin",
    "ImportRunAdmin",
    "OptionAdmin",
    "OptionValueAdmin",
    "ProductAdmin",
    "ProductImageAdmin",
    "SellerAdmin",
    "StockItemAdmin",
    "VariantAdmin",
]
