from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.admin.labels import category_choices, language, name_of, with_choices
from catalog.admin.translations import TranslatedAdmin, TranslationInline
from catalog.catalogue.categories import branches
from catalog.models import Category, CategoryTranslation
from shop.core.admin import ModelChoiceField, ModelForm


class CategoryForm(ModelForm[Category]):
    def clean_parent(self) -> Category | None:
        parent: Category | None = self.cleaned_data["parent"]
        below = {
            each.pk
            for top in branches(language())
            for branch in top.walk()
            if branch.pk == self.instance.pk
            for each in branch.walk()
        }
        if parent and parent.pk in below:
            raise ValidationError(_("A category cannot lie below itself."))
        return parent


class CategoryTranslationInline(TranslationInline[CategoryTranslation, Category]):
    model = CategoryTranslation
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Category)
class CategoryAdmin(TranslatedAdmin[Category]):
    form = CategoryForm
    inlines = [CategoryTranslationInline]
    list_display = ["name", "above", "position"]
    list_editable = ["position"]
    search_fields = ["translations__name"]
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        texts = CategoryTranslation.objects
        return (
            super()
            .get_queryset(request)
            .annotate(
                own_name=name_of(texts.filter(category=OuterRef("pk"))),
                parent_name=name_of(texts.filter(category=OuterRef("parent"))),
            )
            .order_by("parent__position", "parent_id", "position", "pk")
        )

    @admin.display(description=_("name"))
    def name(self, category: Any) -> str:
        return category.own_name or str(category.pk)

    @admin.display(description=_("in"), empty_value="")
    def above(self, category: Any) -> str | None:
        name: str | None = category.parent_name
        return name

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        return with_choices(field, category_choices())
