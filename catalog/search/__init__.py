"""Search: in PostgreSQL alone, right with the commit of a change, bounded whatever the words.

Words live in `Listing.words`, which the database writes. Typing errors are measured against
`SearchWord`, synonyms come from `Synonym`; both take effect at once.
"""

from catalog.search.misses import prune_misses, record_miss
from catalog.search.results import Results, search_products
from catalog.search.suggestions import Suggestions, suggest

__all__ = [
    "Results",
    "Suggestions",
    "prune_misses",
    "record_miss",
    "search_products",
    "suggest",
]
