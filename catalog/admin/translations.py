"""Texts beside what they describe: one row per language, at least one."""

from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest

from shop.core.admin import ModelAdmin, StackedInline

RowT = TypeVar("RowT", bound=Model)
TranslationT = TypeVar("TranslationT", bound=Model)
LANGUAGES = [code for code, _name in settings.LANGUAGES]


class TranslationInline(StackedInline[TranslationT, RowT]):
    min_num = 1
    max_num = len(LANGUAGES)
    extra = len(LANGUAGES) - 1


class TranslatedAdmin(ModelAdmin[RowT]):
    """Offers a form for each language when something new is added."""

    def get_formset_kwargs(
        self, request: HttpRequest, obj: RowT, inline: Any, prefix: str
    ) -> dict[str, Any]:
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        if isinstance(inline, TranslationInline) and obj.pk is None:
            kwargs["initial"] = [{"language": code} for code in LANGUAGES]
        return kwargs
