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


@admin.register(ProductRedirect)
class ProductRedirectAdmin(RecordAdmin[ProductRedirect]):
    list_display = ("slug", "language", "leads_to")
    list_display_links = None
    list_filter = ("language",)
    # The beginning of the old slug: that has an index.
    search_fields = ("slug__startswith",)
    search_help_text = _("The beginning of the old address")

    class Media:
        css = {"all": ["admin_shop/catalogue.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProductRedirect]:
        texts = ProductTranslation.objects.filter(product=OuterRef("product"))
        return super().get_queryset(request).annotate(label=name_of(texts))

    @admin.display(description=_("leads to"))
    def leads_to(self, redirect: Any) -> str:
        page = reverse("admin:catalog_product_change", args=[redirect.product_id])
        return format_html('<a href="{}">{}</a>', page, redirect.label or redirect.product_id)


@admin.register(CategoryRedirect)
class CategoryRedirectAdmin(RecordAdmin[CategoryRedirect]):
    list_display = ("slug", "language", "leads_to")
    list_display_links = None
    list_filter = ("language",)
    search_fields = ("slug__startswith",)
    search_help_text = _("The beginning of the old address")

    class Media:
        css = {"all": ["admin_shop/catalogue.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[CategoryRedirect]:
        texts = CategoryTranslation.objects.filter(category=OuterRef("category"))
        return super().get_queryset(request).annotate(label=name_of(texts))

    @admin.display(description=_("leads to"))
    def leads_to(self, redirect: Any) -> str:
        page = reverse("admin:catalog_category_change", args=[redirect.category_id])
        return format_html('<a href="{}">{}</a>', page, redirect.label or redirect.category_id)
