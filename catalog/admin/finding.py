"""Searching the lists of products, variants and stock: a few narrow searches, joined by key."""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from catalog.bulk_changes import MAX_VARIANTS
from catalog.models import ProductTranslation, Variant

# A search for one letter shall not collect the whole catalogue. One more than can be changed at
# once: a bulk change of all that is listed refuses what may be cut off, instead of missing a part.
MOST_FOUND = MAX_VARIANTS + 1

RowT = TypeVar("RowT", bound=Model)


class FoundList(ChangeList):
    """A list that says when more was found than it shows; `search_form.html` does."""

    is_cut = False

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if self.query:
            last = self.queryset.order_by().values("pk")[MOST_FOUND - 1 : MOST_FOUND]
            self.is_cut = last.exists()


def first_of(rows: QuerySet[RowT], searches: Iterable[Q]) -> QuerySet[RowT]:
    """Those rows that any of the searches finds: of each so many as come first in the list.

    Each search has an index of its own, where one OR would read the table. The filters of the list
    are in `rows`, so they hold before anything is cut off.
    """
    first, *others = (rows.filter(search).values("pk")[:MOST_FOUND] for search in searches)
    return rows.filter(pk__in=first.union(*others))


def with_name(text: str) -> QuerySet[ProductTranslation, Any]:
    """The products (their keys) whose name contains all of the words, in any language."""
    words = Q()
    for word in text.split():
        words &= Q(name__icontains=word)
    return ProductTranslation.objects.filter(words).values("product_id")


def with_sku_from(text: str) -> QuerySet[Variant]:
    """Whose SKU begins so. Typed in capitals, as SKUs are as a rule, or as it is written."""
    begins = Q(sku__startswith=text) | Q(sku__startswith=text.upper())
    return Variant.objects.filter(begins)


def with_code(text: str) -> QuerySet[Variant]:
    """With this SKU, however it is spelt, or this barcode."""
    barcode = Q(barcode=text) & ~Q(barcode="")
    return Variant.objects.filter(Q(sku__iexact=text) | barcode)
