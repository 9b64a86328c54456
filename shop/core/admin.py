"""Bases of every app's admin: Django's classes with type arguments, and lists that never grow slow.

Django's own classes take no type arguments when the program runs.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import PAGE_VAR
from django.core import paginator as paging
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.db.models.expressions import Combinable
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    StreamingHttpResponse,
)
from django.utils.formats import number_format
from django.utils.functional import cached_property
from django.utils.text import capfirst

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin
    StackedInline = admin.StackedInline
    TabularInline = admin.TabularInline
    ModelForm = forms.ModelForm
    BaseInlineFormSet = forms.BaseInlineFormSet
    ModelChoiceField = forms.ModelChoiceField
    Paginator = paging.Paginator
else:

    def _subscriptable(base):
        return type(base.__name__, (base,), {"__class_getitem__": classmethod(lambda cls, _: cls)})

    ModelAdmin = _subscriptable(admin.ModelAdmin)
    StackedInline = _subscriptable(admin.StackedInline)
    TabularInline = _subscriptable(admin.TabularInline)
    ModelForm = _subscriptable(forms.ModelForm)
    BaseInlineFormSet = _subscriptable(forms.BaseInlineFormSet)
    ModelChoiceField = _subscriptable(forms.ModelChoiceField)
    Paginator = _subscriptable(paging.Paginator)

RowT = TypeVar("RowT", bound=Model)


class ReadOnly:
    """Rows that staff reads and only the shop's operations write."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class BoundedPaginator(Paginator[Any]):
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
    actions: Sequence[Any] | None = None
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator

    def get_paginator(
        self, request: HttpRequest, queryset: QuerySet[RowT], *args: Any, **kwargs: Any
    ) -> Paginator[Any]:
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


class RecordPageAdmin(RecordAdmin[RowT]):
    """Records that are shown on a page of their own instead of in a form."""

    def render_page(self, request: HttpRequest, row: RowT, /) -> HttpResponse:
        raise NotImplementedError

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Mapping[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        return self.render_page(request, row)


def csv_download(pieces: Iterable[bytes], name: str) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8", headers=headers)
