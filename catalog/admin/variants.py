from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.admin.labels import name_of, value_choices, with_choices
from catalog.models import Price, ProductTranslation, StockItem, Variant, VariantValue
from shop.core.admin import (
    BaseInlineFormSet,
    ModelAdmin,
    ModelChoiceField,
    ModelForm,
    ReadOnly,
    TabularInline,
)


class VariantValueForm(ModelForm[VariantValue]):
    class Meta:
        model = VariantValue
        fields = ["value"]

    def clean(self) -> dict[str, Any]:
        """A value belongs to one option, so staff chooses only the value."""
        cleaned = super().clean() or self.cleaned_data
        if "value" in cleaned:
            self.instance.option = cleaned["value"].option
        return cleaned


class VariantValueFormSet(BaseInlineFormSet[VariantValue, Variant, ModelForm[VariantValue]]):
    def clean(self) -> None:
        super().clean()
        kept = [
            form.instance.option_id
            for form in self.forms
            if form.cleaned_data.get("value") and not form.cleaned_data.get("DELETE")
        ]
        if len(kept) != len(set(kept)):
            raise ValidationError(_("A variant has one value of each option."))


class VariantValueInline(TabularInline[VariantValue, Variant]):
    model = VariantValue
    form = VariantValueForm
    formset = VariantValueFormSet
    extra = 0

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        return with_choices(field, value_choices())


class PriceInline(TabularInline[Price, Variant]):
    model = Price
    extra = 0
    ordering = ["currency", "valid_from"]


class StockInline(ReadOnly, TabularInline[StockItem, Variant]):
    model = StockItem
    extra = 0
    fields = ["location", "on_hand", "reserved"]


@admin.register(Variant)
class VariantAdmin(ModelAdmin[Variant]):
    """Variants are added on the page of their product; here they get values and prices."""

    inlines = [VariantValueInline, PriceInline, StockInline]
    fields = ["product_name", "sku", "barcode", "weight_grams", "is_active", "position"]
    readonly_fields = ["product_name"]
    list_display = ["__str__", "product_name", "weight_grams", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["sku", "barcode", "product__translations__name"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        texts = ProductTranslation.objects.filter(product=OuterRef("product"))
        rows = super().get_queryset(request).annotate(own_name=name_of(texts))
        return rows.order_by("product_id", "position", "pk")

    @admin.display(description=_("product"))
    def product_name(self, variant: Any) -> str | None:
        return variant.own_name  # type: ignore[no-any-return]
