from catalog.models.attribute import (
    Attribute,
    AttributeTranslation,
    AttributeValue,
    AttributeValueTranslation,
    ProductAttribute,
)
from catalog.models.bulk_change import (
    BulkChange,
    BulkChangeLine,
)
from catalog.models.category import (
    Category,
    CategoryRedirect,
    CategoryTranslation,
)
from catalog.models.image import (
    ImageState,
    ProductImage,
)
from catalog.models.importing import (
    ImportProblem,
    ImportRun,
    ImportState,
)
from catalog.models.interest import (
    AlertAddress,
    StockAlert,
    Wishlist,
    WishlistLine,
    hash_alert_email,
)
from catalog.models.listing import (
    CHUNK,
    SOLD_TIERS,
    FacetBits,
    Listing,
    ListingChange,
    ListingSchedule,
    StaleListing,
)
from catalog.models.option import (
    Option,
    OptionTranslation,
    OptionValue,
    OptionValueTranslation,
)
from catalog.models.product import (
    Product,
    ProductOption,
    ProductRedirect,
    ProductTranslation,
    TaxClass,
)
from catalog.models.searching import (
    SearchMiss,
    SearchWord,
    Synonym,
)
from catalog.models.seller import (
    Location,
    Seller,
)
from catalog.models.size_guide import (
    Measure,
    MeasureEntry,
    MeasureTranslation,
    SizeGuide,
    SizeGuideTranslation,
)
from catalog.models.stock import (
    Reservation,
    SoldCountMark,
    StockItem,
    StockMovement,
)
from catalog.models.variant import (
    Price,
    Variant,
    VariantValue,
)
from catalog.models.waiting import Waiting, WaitingState

__all__ = [
    "CHUNK",
    "SOLD_TIERS",
    "AlertAddress",
    "Attribute",
    "AttributeTranslation",
    "AttributeValue",
    "AttributeValueTranslation",
    "BulkChange",
    "BulkChangeLine",
    "Category",
    "CategoryRedirect",
    "CategoryTranslation",
    "FacetBits",
    "ImageState",
    "ImportProblem",
    "ImportRun",
    "ImportState",
    "Listing",
    "ListingChange",
    "ListingSchedule",
    "Location",
    "Measure",
    "MeasureEntry",
    "MeasureTranslation",
    "Option",
    "OptionTranslation",
    "OptionValue",
    "OptionValueTranslation",
    "Price",
    "Product",
    "ProductAttribute",
    "ProductImage",
    "ProductOption",
    "ProductRedirect",
    "ProductTranslation",
    "Reservation",
    "SearchMiss",
    "SearchWord",
    "Seller",
    "SizeGuide",
    "SizeGuideTranslation",
    "SoldCountMark",
    "StaleListing",
    "StockAlert",
    "StockItem",
    "StockMovement",
    "Synonym",
    "TaxClass",
    "Variant",
    "VariantValue",
    "Waiting",
    "WaitingState",
    "Wishlist",
    "WishlistLine",
    "hash_alert_email",
]
