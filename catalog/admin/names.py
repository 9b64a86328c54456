"""Rows of a table that get their names in all languages in the row, not on a page of their own."""

from typing import Any, TypeVar

from django import forms
from django.conf import settings
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shop.core.admin import ModelForm, TabularInline

RowT = TypeVar("RowT", bound=Model)
OwnerT = TypeVar("OwnerT", bound=Model)
LONGEST_CODE, LONGEST_NAME = 40, 60
NAME_FIELDS = [f"name_{code}" for code, _language in settings.LANGUAGES]


class NamedForm(ModelForm[RowT]):
    """Keeps `name_<language>` in the row's `translations`.

    A code that is left empty is made of the name: staff thinks in names.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].required = False
        if self.instance.pk is not None:
            for text in self.row.translations.all():
                self.initial[f"name_{text.language}"] = text.name

    @property
    def row(self) -> Any:
        return self.instance

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        name = cleaned.get(f"name_{settings.LANGUAGE_CODE}")
        if name and not cleaned.get("code"):
            cleaned["code"] = slugify(name)[:LONGEST_CODE]
            if not cleaned["code"]:
                self.add_error("code", _("This name has no Latin letters: type a code."))
        return cleaned

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]  # Django's own hook, which the stubs leave out
        for code, _language in settings.LANGUAGES:
            name = self.cleaned_data.get(f"name_{code}")
            if name:
                self.row.translations.update_or_create(language=code, defaults={"name": name})
            else:
                self.row.translations.filter(language=code).delete()


class NamedInline(TabularInline[RowT, OwnerT]):
    """Rows with `NAME_FIELDS`; those of the shop's first language have to be filled in."""

    form: Any = NamedForm
    # Without JavaScript no row can be added.
    extra = 1

    def get_queryset(self, request: HttpRequest) -> QuerySet[RowT]:
        return super().get_queryset(request).prefetch_related("translations")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        # A form class of its own, because the admin wants to find the fields on the class.
        form = type(self.form.__name__, (self.form,), self.own_fields(request, obj))
        return super().get_formset(request, obj, **{"form": form, **kwargs})

    def own_fields(self, request: HttpRequest, obj: Any) -> dict[str, forms.Field]:
        """The fields that are no columns of the row."""
        return {
            f"name_{code}": forms.CharField(
                label=gettext("Name in %(language)s") % {"language": language},
                max_length=LONGEST_NAME,
                required=code == settings.LANGUAGE_CODE,
            )
            for code, language in settings.LANGUAGES
        }
