"""Catalogue pages and small shared values, kept in Valkey until what they show changes.

`cached_page` declares a view, `versions.bump` says what has changed, `remember` keeps a value that
many pages need; `show_cards_of` is for a page that shows some other products. What holds is
described in docs/architecture.md, "Caching".
"""

from catalog.caching.building import show_cards_of
from catalog.caching.remembered import remember
from catalog.caching.rules import CACHE_CONTROL, cached_page

__all__ = ["CACHE_CONTROL", "cached_page", "remember", "show_cards_of"]
