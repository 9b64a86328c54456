from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.admin.labels import name_of
from catalog.admin.translations import TranslatedAdmin, TranslationInline
from catalog.models import Option, OptionTranslation, OptionValue, OptionValueTranslation
from shop.core.admin import BigTableAdmin, ModelForm


class OptionTranslationInline(TranslationInline[OptionTranslation, Option]):
    model = OptionTranslation


@admin.register(Option)
class OptionAdmin(TranslatedAdmin[Option]):
    """The values, of which there may be thousands, are a list of their own."""

    inlines = [OptionTranslationInline]
    list_display = ["code", "name", "values", "is_facet", "position"]
    list_editable = ["position"]
    search_fields = ["code", "translations__name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Option]:
        texts = OptionTranslation.objects.filter(option=OuterRef("pk"))
        rows = super().get_queryset(request).annotate(own_name=name_of(texts))
        return rows.order_by("position", "pk")

    @admin.display(description=_("name"))
    def name(self, option: Any) -> str | None:
        name: str | None = option.own_name
        return name

    @admin.display(description=_("values"))
    def values(self, option: Option) -> SafeString:
        values = reverse("admin:catalog_optionvalue_changelist")
        return format_html(
            '<a href="{}?option__id__exact={}">{}</a>', values, option.pk, _("Show the values")
        )


class OptionValueTranslationInline(TranslationInline[OptionValueTranslation, OptionValue]):
    model = OptionValueTranslation


class OptionValueForm(ModelForm[OptionValue]):
    class Meta:
        # The browser's own colour picker sends exactly the #rrggbb that the column wants, but it
        # cannot send nothing: a size would come back black.
        widgets = {"swatch": forms.TextInput(attrs={"placeholder": "#b5593c", "size": 8})}


@admin.register(OptionValue)
class OptionValueAdmin(TranslatedAdmin[OptionValue], BigTableAdmin[OptionValue]):
    form = OptionValueForm
    inlines = [OptionValueTranslationInline]
    list_display = ["name", "option", "colour", "code", "position"]
    list_editable = ["position"]
    list_filter = ["option"]
    list_select_related = ["option"]
    search_fields = ["code", "translations__name"]
    ordering = ("option__position", "option_id", "position", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[OptionValue]:
        texts = OptionValueTranslation.objects.filter(value=OuterRef("pk"))
        return super().get_queryset(request).annotate(own_name=name_of(texts))

    @admin.display(description=_("name"))
    def name(self, value: Any) -> str:
        return str(value.own_name or value.code)

    @admin.display(description=_("colour"), empty_value="")
    def colour(self, value: OptionValue) -> str | None:
        if not value.swatch:
            return None
        # An attribute, not a style: the content security policy forbids inline styles.
        return format_html(
            '<svg width="20" height="20" viewBox="0 0 20 20" role="img" aria-label="{0}">'
            '<circle cx="10" cy="10" r="9" fill="{0}"/></svg>',
            value.swatch,
        )
