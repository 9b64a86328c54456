"""What search is taught by staff, and what customers look for in vain."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from catalog.models import SearchMiss, Synonym
from catalog.search.understanding import words_of
from shop.core.admin import BigTableAdmin, ModelForm
from shop.core.templatetags.shop import moment


def phrases_of(words: str) -> dict[str, str]:
    """What is compared → as it was typed, in that order."""
    typed = [" ".join(each.split()) for each in words.split(",")]
    return {" ".join(words_of(each)): each for each in typed if words_of(each)}


class SynonymForm(ModelForm[Synonym]):
    def clean_words(self) -> str:
        phrases = phrases_of(self.cleaned_data["words"])
        if len(phrases) < 2:
            raise ValidationError(
                _("Write at least two different words, separated by a comma: kaos, t-shirt.")
            )
        # As many as staff has typed in: read whole, like search itself does.
        for other in Synonym.objects.exclude(pk=self.instance.pk):
            for phrase in phrases.keys() & phrases_of(other.words).keys():
                raise ValidationError(
                    _("“%(word)s” is in another group already: %(words)s. Add the words there."),
                    params={"word": phrases[phrase], "words": other.words},
                )
        return ", ".join(phrases.values())


@admin.register(Synonym)
class SynonymAdmin(BigTableAdmin[Synonym]):
    form = SynonymForm
    list_display = ("words",)
    search_fields = ("words",)
    ordering = ("words",)

    def save_model(self, request: HttpRequest, obj: Synonym, form: Any, change: Any) -> None:
        """What was looked for in vain by one of these words is dealt with."""
        super().save_model(request, obj, form, change)
        found, _by_model = SearchMiss.objects.filter(query__in=phrases_of(obj.words)).delete()
        if found:
            text = ngettext(
                "%(number)s search without result is off the list.",
                "%(number)s searches without result are off the list.",
                found,
            )
            messages.info(request, text % {"number": found})


@admin.action(description=_("Done: take off the list"), permissions=["delete"])
def take_off(
    modeladmin: BigTableAdmin[SearchMiss], request: HttpRequest, queryset: QuerySet[SearchMiss]
) -> None:
    queryset.delete()


@admin.register(SearchMiss)
class SearchMissAdmin(BigTableAdmin[SearchMiss]):
    """What is searched for most comes first. Nothing of who searched is known."""

    list_display = ("query", "times", "language", "last", "teach")
    list_display_links = None
    list_filter = ("language",)
    search_fields = ("query",)
    ordering = ("-count", "-last_at", "pk")
    actions = (take_off,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_list_display(self, request: HttpRequest) -> Any:
        may_teach = request.user.has_perm("catalog.add_synonym")
        return self.list_display if may_teach else self.list_display[:-1]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        # The same with a page in between that asks again: too much for a list of queries.
        actions.pop("delete_selected", None)
        return actions

    class Media:
        css = {"all": ["admin_shop/catalogue.css"]}

    @admin.display(description=_("times"))
    def times(self, miss: SearchMiss) -> str:
        return f"{number_format(miss.count, force_grouping=True)}×"

    @admin.display(description=_("last"))
    def last(self, miss: SearchMiss) -> str:
        return moment(miss.last_at)

    @admin.display(description="")
    def teach(self, miss: SearchMiss) -> str:
        """A synonym with the query in it; staff adds the word that the shop uses."""
        page = reverse("admin:catalog_synonym_add")
        return format_html(
            '<a href="{}?{}">{}</a>',
            page,
            urlencode({"words": f"{miss.query}, "}),
            gettext("Make a synonym of it"),
        )
