"""Size guides: a table of measures × sizes in centimetres, kept in millimetres."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.admin.labels import value_choices
from catalog.admin.names import NAME_FIELDS, NamedForm, NamedInline
from catalog.admin.numbers import CommaDecimalField
from catalog.admin.translations import TranslatedAdmin, TranslationInline
from catalog.models import Measure, MeasureEntry, SizeGuide, SizeGuideTranslation
from shop.core.admin import BigTableAdmin, ModelForm
from shop.core.choosing import choice_field

LONGEST_CM = 400
SIZE_PREFIX = "size_"


class CentimetreField(CommaDecimalField):
    """Whole and half centimetres, as a tape shows them; its value is in millimetres."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=Decimal("0.5"), max_value=LONGEST_CM, required=False, **kwargs)
        self.widget.attrs |= {"size": 4, "maxlength": 5}

    def clean(self, value: Any) -> int | None:
        centimetres: Decimal | None = super().clean(value)
        if centimetres is None:
            return None
        if centimetres * 2 % 1:
            raise ValidationError(_("Whole or half centimetres only, such as 52 or 52.5."))
        return int(centimetres * 10)

    def prepare_value(self, value: Any) -> Any:
        """Millimetres from the database; what was typed comes back as it was."""
        if not isinstance(value, int):
            return value
        return f"{value // 10}.5" if value % 10 else str(value // 10)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class SizeGuideForm(ModelForm[SizeGuide]):
    """`ticked` are the columns that the page shows."""

    ticked: Sequence[int] = ()
    sizes = forms.TypedMultipleChoiceField(
        label=_("Sizes in the table"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Each is a column. Without its tick a column goes, with what is in it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["sizes"] = self.ticked
        # Colours are no sizes.
        choice_field(self, "sizes").choices = value_choices(swatch="")


class SizeGuideTranslationInline(TranslationInline[SizeGuideTranslation, SizeGuide]):
    model = SizeGuideTranslation
    verbose_name = _("text")
    verbose_name_plural = _("texts")


class MeasureForm(NamedForm[Measure]):
    """A row of the table: the measure's names, and a cell for each size."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            for entry in self.instance.entries.all():
                self.initial[f"{SIZE_PREFIX}{entry.size_id}"] = entry.millimetres

    def cells(self) -> dict[int, int | None]:
        """Size pk → millimetres."""
        return {
            int(name.removeprefix(SIZE_PREFIX)): self.cleaned_data[name]
            for name in self.fields
            if name.startswith(SIZE_PREFIX)
        }

    def _save_m2m(self) -> None:
        super()._save_m2m()
        cells = self.cells()
        empty = [size for size, millimetres in cells.items() if millimetres is None]
        self.instance.entries.filter(size__in=empty).delete()
        MeasureEntry.objects.bulk_create(
            [
                MeasureEntry(measure=self.instance, size_id=size, millimetres=millimetres)
                for size, millimetres in cells.items()
                if millimetres is not None
            ],
            update_conflicts=True,
            unique_fields=["measure", "size"],
            update_fields=["millimetres"],
        )


class MeasureInline(NamedInline[Measure, SizeGuide]):
    model = Measure
    form = MeasureForm
    ordering = ["position", "pk"]
    verbose_name = _("measure")
    verbose_name_plural = _("measures in centimetres")
    classes = ["wide-table"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Measure]:
        entries = Prefetch("entries", MeasureEntry.objects.all())
        return super().get_queryset(request).prefetch_related(entries)

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        """Without JavaScript no row can be added, so a new table has some."""
        return 1 if sizes_of(obj) else 4

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        sizes = [f"{SIZE_PREFIX}{pk}" for pk in columns_of(request, obj)]
        return [*NAME_FIELDS, *sizes, "position", "code"]

    def own_fields(self, request: HttpRequest, obj: Any) -> dict[str, forms.Field]:
        names = super().own_fields(request, obj)
        cells = {
            f"{SIZE_PREFIX}{pk}": CentimetreField(label=name)
            for pk, name in columns_of(request, obj).items()
        }
        return names | cells


def columns_of(request: HttpRequest, guide: SizeGuide | None) -> Mapping[int, str]:
    """Size pk → its name: those with entries, and those just chosen, which the address keeps.

    An empty table is nowhere stored: a guide knows only its entries.
    """
    chosen = {int(text) for text in request.GET.getlist("sizes") if text.isdecimal()}
    used = sizes_of(guide) | chosen
    return {pk: name.partition(": ")[2] for pk, name in value_choices(pk__in=used)}


def sizes_of(guide: SizeGuide | None) -> set[int]:
    if guide is None:
        return set()
    entries = MeasureEntry.objects.filter(measure__guide=guide)
    return set(entries.values_list("size_id", flat=True))


@admin.register(SizeGuide)
class SizeGuideAdmin(TranslatedAdmin[SizeGuide], BigTableAdmin[SizeGuide]):
    """A new guide gets its name and sizes first, then the table with these columns."""

    form = SizeGuideForm
    inlines = [SizeGuideTranslationInline, MeasureInline]
    fields = ["name", "sizes"]
    list_display = ["name"]
    search_fields = ["name"]
    ordering = ("name",)

    class Media:
        css = {"all": ["admin_shop/catalogue.css"]}

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj else [SizeGuideTranslationInline]

    def get_form(
        self,
        request: HttpRequest,
        obj: Any = None,
        change: bool = False,  # noqa: FBT001 - Django's signature
        **kwargs: Any,
    ) -> Any:
        ticked = {"ticked": list(columns_of(request, obj))}
        form = type("SizeGuideForm", (SizeGuideForm,), ticked)
        return super().get_form(request, obj, change, **{"form": form, **kwargs})

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        super().save_related(request, form, formsets, change)
        kept = form.cleaned_data["sizes"]
        MeasureEntry.objects.filter(measure__guide=form.instance).exclude(size__in=kept).delete()

    def response_add(
        self, request: HttpRequest, obj: SizeGuide, post_url_continue: str | None = None
    ) -> HttpResponse:
        answer = super().response_add(request, obj, post_url_continue)
        return answer if IS_POPUP_VAR in request.POST else self.table_of(obj, request.POST)

    def response_change(self, request: HttpRequest, obj: SizeGuide) -> HttpResponse:
        answer = super().response_change(request, obj)
        sizes = {int(text) for text in request.POST.getlist("sizes")}
        is_wider = not sizes <= set(columns_of(request, obj))
        return self.table_of(obj, request.POST) if is_wider else answer

    def table_of(self, guide: SizeGuide, sent: QueryDict) -> HttpResponse:
        """The page of the guide with the columns that were just ticked."""
        query = QueryDict(mutable=True)
        query.setlist("sizes", sent.getlist("sizes"))
        page = reverse("admin:catalog_sizeguide_change", args=[guide.pk])
        return HttpResponseRedirect(f"{page}?{query.urlencode()}")
