"""What products are like as a whole: attributes, their values, and which a product has."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import ForeignKey, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.admin.labels import NOTHING, attribute_choices, name_of
from catalog.admin.names import NAME_FIELDS, NamedInline
from catalog.admin.translations import TranslatedAdmin, TranslationInline
from catalog.models import (
    Attribute,
    AttributeTranslation,
    AttributeValue,
    AttributeValueTranslation,
    Product,
    ProductAttribute,
)
from shop.core.admin import BigTableAdmin, ModelChoiceField, TabularInline

# More than anybody wants to scroll through: from here on values are searched for.
MOST_CHOICES = 200


class AttributeTranslationInline(TranslationInline[AttributeTranslation, Attribute]):
    model = AttributeTranslation
    verbose_name = _("name")
    verbose_name_plural = _("names")


class AttributeValueInline(NamedInline[AttributeValue, Attribute]):
    model = AttributeValue
    fields = [*NAME_FIELDS, "code", "position"]
    ordering = ["position", "pk"]
    verbose_name = _("value")
    verbose_name_plural = _("values")


@admin.register(Attribute)
class AttributeAdmin(TranslatedAdmin[Attribute]):
    inlines = [AttributeTranslationInline, AttributeValueInline]
    fields = ["code", "is_facet", "position"]
    list_display = ["name", "code", "is_facet", "position"]
    list_editable = ["position"]
    search_fields = ["code", "translations__name"]
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attribute]:
        texts = AttributeTranslation.objects.filter(attribute=OuterRef("pk"))
        rows = super().get_queryset(request).annotate(own_name=name_of(texts))
        return rows.order_by("position", "pk")

    @admin.display(description=_("name"))
    def name(self, attribute: Any) -> str:
        return str(attribute.own_name or attribute.code)


class AttributeValueTranslationInline(TranslationInline[AttributeValueTranslation, AttributeValue]):
    model = AttributeValueTranslation
    verbose_name = _("name")
    verbose_name_plural = _("names")


@admin.register(AttributeValue)
class AttributeValueAdmin(TranslatedAdmin[AttributeValue], BigTableAdmin[AttributeValue]):
    """For finding one among many; as a rule values are edited with their attribute."""

    inlines = [AttributeValueTranslationInline]
    fields = ["attribute", "code", "position"]
    autocomplete_fields = ["attribute"]
    list_display = ["name", "attribute_name", "code", "position"]
    search_fields = ["code", "translations__name"]
    ordering = ("attribute__position", "attribute_id", "position", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AttributeValue]:
        own = AttributeValueTranslation.objects.filter(value=OuterRef("pk"))
        owners = AttributeTranslation.objects.filter(attribute=OuterRef("attribute"))
        rows = super().get_queryset(request).select_related("attribute")
        return rows.annotate(label=name_of(own), attribute_label=name_of(owners))

    @admin.display(description=_("name"))
    def name(self, value: AttributeValue) -> str:
        return str(value)

    @admin.display(description=_("attribute"))
    def attribute_name(self, value: Any) -> str:
        return str(value.attribute_label or value.attribute)


class SearchedSelect(AutocompleteSelect):
    """Knows the few choices that are taken already; Django's own asks for each row's by itself."""

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        return forms.Select.optgroups(self, name, value, attrs)


class ProductAttributeInline(TabularInline[ProductAttribute, Product]):
    """The values of a product, below the names of their attributes; searched for where many."""

    model = ProductAttribute
    # Without JavaScript no row can be added.
    extra = 1
    fields = ["value"]
    verbose_name = _("attribute")
    verbose_name_plural = _("attributes")

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is None or db_field.name != "value":
            return field
        if AttributeValue.objects.all()[: MOST_CHOICES + 1].count() > MOST_CHOICES:
            field.widget = SearchedSelect(db_field, self.admin_site)
            field.choices = [("", NOTHING), *attribute_choices(pk__in=_taken(request))]
        else:
            field.choices = [("", NOTHING), *attribute_choices()]
        return field


def _taken(request: HttpRequest) -> set[int]:
    """The values that the page shows: those of the product, and those just sent."""
    match = request.resolver_match
    product_pk = str(match.kwargs.get("object_id", "")) if match else ""
    sent = {
        int(str(text))
        for name, text in request.POST.items()
        if name.startswith("attributes-") and str(text).isdecimal()
    }
    if not product_pk.isdecimal():
        return sent
    having = ProductAttribute.objects.filter(product=int(product_pk))
    return sent | set(having.values_list("value_id", flat=True))
