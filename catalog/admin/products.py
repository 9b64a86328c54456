from typing import Any

from django.conf import settings
from django.contrib import admin
from django.core.files.storage import default_storage
from django.db.models import F, ForeignKey, Min, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.admin.bases import ModelChoiceField, TabularInline
from catalog.admin.labels import category_choices, name_of, with_choices
from catalog.admin.pictures import KeepsPictureFiles, pictures_link
from catalog.admin.translations import TranslatedAdmin, TranslationInline
from catalog.catalogue.offers import prices_now
from catalog.models import (
    CategoryTranslation,
    Product,
    ProductImage,
    ProductOption,
    ProductTranslation,
    StockItem,
    Variant,
)
from shop.core.money import Money


class ProductTranslationInline(TranslationInline[ProductTranslation, Product]):
    model = ProductTranslation
    prepopulated_fields = {"slug": ["name"]}


class ProductOptionInline(TabularInline[ProductOption, Product]):
    model = ProductOption
    extra = 0
    autocomplete_fields = ["option"]


class VariantInline(TabularInline[Variant, Product]):
    """The link leads to the values, prices and stock of a variant."""

    model = Variant
    extra = 0
    show_change_link = True
    fields = ["sku", "barcode", "weight_grams", "is_active", "position"]


def thumbnail(renditions: list[dict[str, Any]] | None) -> str:
    """The smallest file, 48 pixels wide; nothing while there is none."""
    if not renditions:
        return ""
    smallest = min(renditions, key=lambda file: file["width"])
    return format_html(
        '<img src="{}" width="48" height="64" alt="" loading="lazy">',
        default_storage.url(smallest["path"]),
    )


class CategoryFilter(admin.SimpleListFilter):
    title = _("category")
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(pk), path) for pk, path in category_choices()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        value = self.value() or ""
        return queryset.filter(category=int(value)) if value.isdecimal() else queryset


@admin.register(Product)
class ProductAdmin(KeepsPictureFiles, TranslatedAdmin[Product]):
    inlines = [ProductTranslationInline, ProductOptionInline, VariantInline]
    fields = [
        "category",
        "seller",
        "is_published",
        ("publish_from", "publish_until"),
        "pictures",
    ]
    readonly_fields = ["pictures"]
    autocomplete_fields = ["seller"]
    list_display = ["picture", "name", "category_name", "price", "available", "is_published"]
    list_display_links = ["picture", "name"]
    list_editable = ["is_published"]
    list_filter = ["is_published", CategoryFilter]
    list_per_page = 50
    search_fields = ["translations__name", "variants__sku"]
    search_help_text = _("name or SKU")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        own = {"variant__product": OuterRef("pk")}
        lowest = prices_now(currency=settings.DEFAULT_CURRENCY, at=timezone.now()).filter(**own)
        left = StockItem.objects.filter(**own).values("variant__product")
        pictures = ProductImage.objects.filter(product=OuterRef("pk")).exclude(renditions=[])
        return (
            super()
            .get_queryset(request)
            .annotate(
                own_name=name_of(ProductTranslation.objects.filter(product=OuterRef("pk"))),
                in_category=name_of(
                    CategoryTranslation.objects.filter(category=OuterRef("category"))
                ),
                lowest=Subquery(
                    lowest.values("variant__product")
                    .annotate(lowest=Min("amount_minor"))
                    .values("lowest")
                ),
                left=Coalesce(
                    Subquery(left.annotate(left=Sum(F("on_hand") - F("reserved"))).values("left")),
                    0,
                ),
                cover=Subquery(pictures.order_by("position", "pk").values("renditions")[:1]),
            )
            .order_by("-created_at", "-pk")
        )

    @admin.display(description=_("pictures"))
    def pictures(self, product: Product) -> str:
        return pictures_link(product) if product.pk else gettext("Save the product first.")

    @admin.display(description="")
    def picture(self, product: Any) -> str:
        return thumbnail(product.cover)

    @admin.display(description=_("name"), ordering="own_name")
    def name(self, product: Any) -> str:
        return product.own_name or str(product)

    @admin.display(description=_("category"), ordering="in_category")
    def category_name(self, product: Any) -> str | None:
        return product.in_category  # type: ignore[no-any-return]

    @admin.display(description=_("price from"), ordering="lowest")
    def price(self, product: Any) -> str | None:
        if product.lowest is None:
            return None
        return Money(product.lowest, settings.DEFAULT_CURRENCY).format()

    @admin.display(description=_("available"), ordering="left")
    def available(self, product: Any) -> int:
        return product.left  # type: ignore[no-any-return]

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        return with_choices(field, category_choices()) if db_field.name == "category" else field
