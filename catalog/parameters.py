"""The names that addresses and forms of the catalogue use for themselves.

The codes of options and attributes stand beside them (`?size=m`), so none may have such a name.
"""

# What narrows down, sorts and turns the pages of a list.
LISTING = (
    "q",
    "exact",
    "category",
    "seller",
    "price",
    "min_price",
    "max_price",
    "in_stock",
    "reduced",
    "sort",
    "page",
)
API_LISTING = ("page_size", "cursor")
# Which variant a product's page shows, what went wrong with the last try, and that somebody is told
# when it is back.
PRODUCT = ("variant", "missing", "problem", "waiting")
# The form that puts a variant into the cart.
BUYING = ("product", "quantity", "then", "csrfmiddlewaretoken")
RESERVED = frozenset((*LISTING, *API_LISTING, *PRODUCT, *BUYING))


def is_reserved(code: str) -> bool:
    return code.lower() in RESERVED
