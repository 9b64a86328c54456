"""The formats that can be read, told apart by the names of their columns."""

from catalog.importing.formats.base import Format, Reading
from catalog.importing.formats.own import OwnFormat
from catalog.importing.formats.shopify import ShopifyFormat
from catalog.importing.formats.woocommerce import WooCommerceFormat
from catalog.importing.problems import BadFile, Problem
from catalog.importing.sheets import Sheet

FORMATS: dict[str, type[Format]] = {
    known.name: known for known in (OwnFormat, ShopifyFormat, WooCommerceFormat)
}


def format_of(sheet: Sheet, *, name: str = "", reading: Reading) -> Format:
    """The format of that name, or the one whose columns these are. Raises BadFile."""
    if name:
        return FORMATS[name](sheet.header, reading)
    for known in FORMATS.values():
        if known.recognises(sheet.header):
            return known(sheet.header, reading)
    raise BadFile(Problem(1, "", "unknown_format", ", ".join(sheet.header)[:200]))
