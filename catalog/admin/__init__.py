"""The catalogue for staff. Stock is only shown: it changes through catalog.inventory."""

from catalog.admin.alerts import StockAlertAdmin
from catalog.admin.attributes import AttributeAdmin, AttributeValueAdmin
from catalog.admin.bulk_changes import BulkChangeAdmin
from catalog.admin.categories import CategoryAdmin
from catalog.admin.imports import ImportRunAdmin
from catalog.admin.options import OptionAdmin, OptionValueAdmin
from catalog.admin.pictures import ProductImageAdmin
from catalog.admin.products import ProductAdmin
from catalog.admin.redirects import CategoryRedirectAdmin, ProductRedirectAdmin
from catalog.admin.searching import SearchMissAdmin, SynonymAdmin
from catalog.admin.sellers import LocationAdmin, SellerAdmin
from catalog.admin.size_guides import SizeGuideAdmin
from catalog.admin.stock import StockItemAdmin
from catalog.admin.variants import VariantAdmin

__all__ = [
    "AttributeAdmin",
    "AttributeValueAdmin",
    "BulkChangeAdmin",
    "CategoryAdmin",
    "CategoryRedirectAdmin",
    "ImportRunAdmin",
    "LocationAdmin",
    "OptionAdmin",
    "OptionValueAdmin",
    "ProductAdmin",
    "ProductImageAdmin",
    "ProductRedirectAdmin",
    "SearchMissAdmin",
    "SellerAdmin",
    "SizeGuideAdmin",
    "StockAlertAdmin",
    "StockItemAdmin",
    "SynonymAdmin",
    "VariantAdmin",
]
