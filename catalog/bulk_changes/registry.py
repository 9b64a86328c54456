"""Fields by the name under which a line is stored."""

from catalog.bulk_changes.lines import Field
from catalog.bulk_changes.prices import PriceField
from catalog.bulk_changes.products import CATEGORY, SIZE_GUIDE, AttributeField, PublicationField
from catalog.bulk_changes.stock import StockField

_PLAIN: dict[str, Field] = {
    field.name: field for field in (PublicationField(), CATEGORY, SIZE_GUIDE)
}


def field_named(name: str) -> Field:
    """`price:IDR`, `stock:3`, `attribute:7`, `category` …"""
    if name in _PLAIN:
        return _PLAIN[name]
    kind, _colon, which = name.partition(":")
    match kind:
        case "price":
            return PriceField(which)
        case "stock":
            return StockField(int(which))
        case "attribute":
            return AttributeField(int(which))
        case _:
            raise ValueError(f"no field {name!r}")
