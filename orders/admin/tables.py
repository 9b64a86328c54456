"""Admin bases for tables that grow without end, and for rows that nobody edits."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.contrib import admin
from django.contrib.admin.views.main import PAGE_VAR
from django.core import paginator as paging
from django.db.models import Model, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest, HttpResponse
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.text import capfirst

from catalog.admin.bases import ModelAdmin, ReadOnly

RowT = TypeVar("RowT", bound=Model)

if TYPE_CHECKING:
    Paginator = paging.Paginator[Any]
else:
    # Django's own class takes no type argument when the program runs.
    Paginator = paging.Paginator


class BoundedPaginator(Paginator):
    """Counts some pages ahead and no further: a full count reads the whole table."""

    AT_LEAST = 1000
    PAGES_AHEAD = 10
    page_now = 1

    @property
    def reach(self) -> int:
        return max(self.AT_LEAST, (self.page_now + self.PAGES_AHEAD) * self.per_page)

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        if not isinstance(rows, QuerySet):
            return len(rows)
        return rows.order_by()[: self.reach + 1].count()

    @property
    def shown_count(self) -> str:
        """`1.000+` where there is more than was counted."""
        number = number_format(min(self.count, self.reach), force_grouping=True)
        return f"{number}+" if self.count > self.reach else number


class BigTableAdmin(ModelAdmin[RowT]):
    """A list that costs the same at a thousand rows and at a million."""

    ordering: ClassVar[tuple[str | Combinable, ...]] = ("-pk",)
    sortable_by = ()
    actions: Sequence[str] | None = None
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator

    def get_paginator(
        self, request: HttpRequest, queryset: QuerySet[RowT], *args: Any, **kwargs: Any
    ) -> Paginator:
        pages = super().get_paginator(request, queryset, *args, **kwargs)
        page = request.GET.get(PAGE_VAR, "")
        if isinstance(pages, BoundedPaginator) and page.isdecimal():
            pages.page_now = int(page)
        return pages

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = {"title": capfirst(self.opts.verbose_name_plural)}
        return super().changelist_view(request, title | (extra_context or {}))


class RecordAdmin(ReadOnly, BigTableAdmin[RowT]):
    """Rows that the shop's operations write and staff read."""
