"""What can be wrong in a file, in words for the person who has to mend it."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shop.core.errors import DomainError

MAX_VALUE = 200
MAX_COLUMN = 120

# These are only said: the product is imported all the same.
NOTICES = {
    "unknown_column": _("Nobody here knows this column; it was left out."),
    "shortened": _("The text was too long and has been shortened."),
    "bad_picture": _("This is no address of a picture (https://…); the picture was left out."),
    "mangled_barcode": _("A spreadsheet has rounded this barcode; it was left out."),
    "missing_price": _("The variant has no price; nobody can buy it until it has one."),
    "stock_not_counted": _("The file counts no stock for this variant; it starts with none."),
    "stock_below_zero": _("Less than nothing cannot be in stock; it is 0 now."),
    "stock_shared": _(
        "This number is for several variants together; it was given to the first one."
    ),
}
REASONS = {
    "missing_column": _("The file has no column of this name, and cannot be read without it."),
    "unknown_format": _(
        "These are not the columns of Shopify, WooCommerce or our own export. "
        "The first line must hold the names of the columns."
    ),
    "empty_file": _("There is no row of data in the file."),
    "undecodable": _(
        "The letters of the file cannot be read. Save it as “CSV UTF-8” and try again."
    ),
    "broken_row": _("The quotation marks of this row do not match; it cannot be read."),
    "broken_rest": _(
        "A quotation mark that opens here is never closed; nothing from this line on can be read."
    ),
    "endless_cell": _(
        "A cell of this row is larger than 8 MB; nothing from this line on can be read. "
        "Probably a quotation mark that opens here is never closed."
    ),
    "unreadable": _(
        "This product could not be read. Look for unusual cells in its rows, "
        "or tell your developer."
    ),
    "too_many_cells": _("This row has more cells than there are columns."),
    "bad_character": _("There is a character in it that cannot be stored."),
    "missing_name": _("The product has no name."),
    "too_long": _("The text is too long."),
    "bad_identifier": _("This is no identifier of ours. Leave the cell blank for something new."),
    "bad_slug": _("An address may hold only letters without accents, digits, - and _."),
    "repeated_slug": _("Another product in this file has the same address."),
    "slug_taken": _("Another product of the shop has this address."),
    "not_a_number": _("This is no number."),
    "not_whole": _("This must be a whole number."),
    "negative": _("This must not be negative."),
    "too_large": _("This number is too large."),
    "ambiguous_number": _(
        "It is not clear whether the separator stands before decimals or before thousands. "
        "Write 149000 or 149000.00."
    ),
    "too_fine": _("The currency has no coin as small as that."),
    "not_yes_or_no": _("Write yes or no."),
    "not_a_time": _(
        "This is no date or time of the years 1970 to 9998. Write 2026-01-31 or 2026-01-31T18:00."
    ),
    "period_ends_first": _("The end must come after the beginning."),
    "bad_schedule": _("A period of prices is written like 149000/199000 @ 2026-01-01..2026-02-01."),
    "periods_overlap": _("Two prices would hold at the same time."),
    "price_before_not_higher": _("The price before must be higher than the price."),
    "unknown_unit": _("Weights are written in g, kg, oz or lb."),
    "missing_category": _("The product has no category, and none was named for such products."),
    "unknown_category": _(
        "There is no such category. Create it first, or import with “create categories”."
    ),
    "ambiguous_category": _("There are several categories of that name: write the whole path."),
    "unknown_seller": _("There is no such seller."),
    "ambiguous_seller": _("It is not clear whose product this is: name the seller."),
    "other_seller": _("The product belongs to another seller."),
    "unknown_location": _("There is no such location of this seller."),
    "missing_location": _("The seller has no location for the stock, or several: name one."),
    "unknown_size_guide": _("There is no such size guide."),
    "missing_option_value": _("An option without a value, or a value without its option."),
    "reserved_name": _(
        "Addresses of the shop use this name for something else: "
        "call the option or attribute differently."
    ),
    "repeated_option": _("The same option stands here twice."),
    "repeated_variant": _("Another row of this product has the same options."),
    "variant_elsewhere": _("This variant belongs to another product."),
    "unknown_type": _("Products of this type cannot be imported."),
    "missing_parent": _("The product that this variation belongs to is not in the file."),
    "no_variants": _("A variable product without a single variation cannot be bought."),
    "too_many_variants": _("This would make too many variants."),
    "stock_below_reserved": _("More than that is reserved for open orders."),
    "not_taken": _(
        "The database did not take it; somebody may have changed the product at that moment. "
        "Import the file again."
    ),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Lines count from 1 as an editor shows them. A problem of the whole file has no column."""

    line: int
    column: str
    code: str
    value: str = ""

    @property
    def is_fatal(self) -> bool:
        """Whether the product it belongs to cannot be imported."""
        return self.code not in NOTICES

    def key(self) -> tuple[int, str, str]:
        return self.line, self.column[:MAX_COLUMN], self.code


def message_of(code: str) -> str | Promise:
    return NOTICES.get(code) or REASONS[code]


class BadFile(DomainError):
    """The file as a whole cannot be read; `problem` says where and why."""

    code = "bad_import_file"
    message = _("The file cannot be read.")

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"line {problem.line}: {problem.code}")
        self.problem = problem

    @property
    def user_message(self) -> str:
        return str(message_of(self.problem.code))
