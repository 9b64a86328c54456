"""Old addresses that still lead to their products and categories."""

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from catalog.admin.labels import name_of
from catalog.models import (
    CategoryRedirect,
    CategoryTranslation,
    ProductRedirect,
    ProductTranslation,
)
from shop.core.admin import RecordAdmin


class RedirectAdmin(RecordAdmin[Any]):
    """`owner`: what the address leads to, product or category."""

    owner: str
    list_display = ("slug", "language", "leads_to")
    list_display_links = None
    list_filter = ("language",)
    # The beginning of the old slug: that has an index.
    search_fields = ("slug__startswith",)
    search_help_text = _("The beginning of the old address")

    class Media:
        css = {"all": ["admin_shop/catalogue.css"]}

    def texts(self) -> QuerySet[Any]:
        """Where the old addresses lead to: of products or of categories."""
        raise NotImplementedError(f"{type(self).__name__}.texts")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        labelled: QuerySet[Any] = rows.annotate(label=name_of(self.texts()))
        return labelled

    @admin.display(description=_("leads to"))
    def leads_to(self, redirect: Any) -> str:
        pk = getattr(redirect, f"{self.owner}_id")
        page = reverse(f"admin:catalog_{self.owner}_change", args=[pk])
        return format_html('<a href="{}">{}</a>', page, redirect.label or pk)


@admin.register(ProductRedirect)
class ProductRedirectAdmin(RedirectAdmin):
    owner = "product"

    def texts(self) -> QuerySet[ProductTranslation]:
        return ProductTranslation.objects.filter(product=OuterRef("product"))


@admin.register(CategoryRedirect)
class CategoryRedirectAdmin(RedirectAdmin):
    owner = "category"

    def texts(self) -> QuerySet[CategoryTranslation]:
        return CategoryTranslation.objects.filter(category=OuterRef("category"))
