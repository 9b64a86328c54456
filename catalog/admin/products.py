"""Products: the list, a new one in a few fields, and the details of one.

Variants, planned prices and the preview are pages of their own, see `product_pages.TABS`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied
from django.db.models import ForeignKey, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.admin.attributes import ProductAttributeInline
from catalog.admin.bulk_changes import bulk_change_action
from catalog.admin.labels import category_choices, with_choices
from catalog.admin.matrix import edit_variants
from catalog.admin.new_product import add_product
from catalog.admin.pictures import KeepsPictureFiles, pictures_link
from catalog.admin.planned import plan_prices
from catalog.admin.product_forms import (
    ProductForm,
    ProductTextForm,
    ProductTextFormSet,
)
from catalog.admin.product_list import CategoryFilter, ProductList, find_products, thumbnail
from catalog.admin.product_pages import currency, head_of, publication_badge
from catalog.admin.publication import copy_product, preview, publish_product
from catalog.admin.translations import TranslatedAdmin, TranslationInline
from catalog.editing.products import clock, touch
from catalog.models import Product, ProductTranslation
from shop.core.admin import BigTableAdmin, ModelChoiceField
from shop.core.money import Money


class ProductTranslationInline(TranslationInline[ProductTranslation, Product]):
    model = ProductTranslation
    verbose_name = _("text")
    verbose_name_plural = _("texts")
    form = ProductTextForm
    formset = ProductTextFormSet
    fieldsets = (
        (None, {"fields": ("language", "name", "slug")}),
        (
            _("Description"),
            {
                "classes": ("collapse",),
                "fields": ("description", "material", "care", "fit", "model_size"),
            },
        ),
        (
            _("Search engines"),
            {"classes": ("collapse",), "fields": ("seo_title", "seo_description")},
        ),
    )


@admin.register(Product)
class ProductAdmin(KeepsPictureFiles, TranslatedAdmin[Product], BigTableAdmin[Product]):
    form = ProductForm
    inlines = [ProductTranslationInline, ProductAttributeInline]
    fieldsets = (
        (None, {"fields": ("category", "pictures", "seen")}),
        (
            _("Publication dates"),
            {
                "classes": ("collapse",),
                "fields": (("publish_from", "publish_until"),),
                "description": _("Empty: as soon as it is published, and without an end."),
            },
        ),
        (
            _("More"),
            {
                "classes": ("collapse",),
                "fields": (
                    "seller",
                    "size_guide",
                    ("purchase_limit", "purchase_limit_days"),
                    "payment_minutes",
                    "tax_class",
                ),
            },
        ),
    )
    readonly_fields = ("pictures",)
    autocomplete_fields = ("seller", "size_guide")
    change_form_template = "admin/catalog/product/change.html"
    list_display = ("picture", "name", "category_name", "price", "available", "published")
    list_display_links = ("picture", "name")
    list_filter = ("is_published", CategoryFilter)
    search_fields = ("translations__name", "variants__sku")
    search_help_text = _("name or SKU")
    actions = (bulk_change_action,)

    class Media:
        css = {"all": ["admin_shop/product.css"]}

    # --- the list --------------------------------------------------------------------------------
    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ProductList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Product], search_term: str
    ) -> tuple[QuerySet[Product], bool]:
        found = find_products(queryset, search_term) if search_term.strip() else queryset
        return found, False

    @admin.display(description=_("pictures"))
    def pictures(self, product: Product) -> SafeString:
        return pictures_link(product)

    @admin.display(description="")
    def picture(self, product: Any) -> str:
        return thumbnail(product.facts["cover"])

    @admin.display(description=_("name"))
    def name(self, product: Any) -> str:
        return product.facts["name"] or str(product)

    @admin.display(description=_("category"))
    def category_name(self, product: Any) -> str | None:
        name: str | None = product.facts["category"]
        return name

    @admin.display(description=_("price from"), empty_value="–")
    def price(self, product: Any) -> str | None:
        lowest = product.facts["lowest"]
        return None if lowest is None else Money(lowest, currency()).format()

    @admin.display(description=_("available"))
    def available(self, product: Any) -> SafeString:
        text = '{} <span class="unit">{}</span>'
        return format_html(text, product.facts["left"], gettext("available"))

    @admin.display(description=_("published"))
    def published(self, product: Product) -> SafeString:
        return publication_badge(product, at=timezone.now())

    # --- one product -----------------------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        pages: list[tuple[str, str, Callable[..., HttpResponse]]] = [
            ("variants", "variants/", edit_variants),
            ("planned", "planned/", plan_prices),
            ("preview", "preview/<str:code>/", preview),
            ("publish", "publish/", publish_product),
            ("copy", "copy/", copy_product),
        ]
        own = [
            path(
                f"<int:product_id>/{address}",
                self.admin_site.admin_view(view),
                name=f"catalog_product_{name}",
            )
            for name, address, view in pages
        ]
        return [*own, *super().get_urls()]

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Product | None:
        """Locked while a form is saved, so that the check of its token holds until the commit."""
        found = super().get_object(request, object_id, from_field)
        if found is None or request.method != "POST":
            return found
        return Product.objects.select_for_update(of=("self",), no_key=True).get(pk=found.pk)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Mapping[str, Any] | None = None,
    ) -> HttpResponse:
        product = super().get_object(request, object_id)
        own = {}
        if product is not None and self.has_view_or_change_permission(request, product):
            head = head_of(request, product, page="change")
            own = {"head": head, "title": head.name, "show_save_and_add_another": False}
        return super().change_view(request, object_id, form_url, {**own, **(extra_context or {})})

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        return with_choices(field, category_choices()) if db_field.name == "category" else field

    def formfield_for_dbfield(
        self, db_field: Any, request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        """A product chooses among what there is; changing that is not its page's business."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget = field.widget.widget
        return field

    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Only what was changed, so that counts which the shop keeps here are not set back."""
        own = {field.name for field in Product._meta.fields}
        obj.save(update_fields=own & set(form.changed_data))

    def save_related(
        self,
        request: HttpRequest,
        form: Any,
        formsets: Sequence[Any],
        change: bool,  # noqa: FBT001 - Django's signature
    ) -> None:
        super().save_related(request, form, formsets, change)
        touch(form.instance, at=clock())

    # --- a new one -------------------------------------------------------------------------------
    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: Mapping[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return add_product(request)
