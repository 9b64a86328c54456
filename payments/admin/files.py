"""Files of banks, couriers and gateways: read in; some are then decided line by line."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from payments.models import LineState
from payments.tables import LARGEST_FILE, Unreadable
from shop.core.admin import ReadOnly, RecordAdmin, RowT
from shop.core.errors import DomainError

# Each is a transaction of its own; the rest waits for the next press of the button.
AT_ONCE = 200
LATER, NOBODYS, ASIDE = "", "none", "aside"


class FileForm(forms.Form):
    file = forms.FileField(label=_("CSV file"))

    def clean_file(self) -> "UploadedFile[bytes]":
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_FILE:
            raise forms.ValidationError(Unreadable.message)
        return file


class UploadAdmin(RecordAdmin[RowT]):
    """Whoever may add one reads it in."""

    form_class: ClassVar[type[FileForm]] = FileForm
    add_title: ClassVar[str | Promise] = ""

    def take(self, form: forms.Form, user_id: int | None) -> RowT:
        """Raises DomainError."""
        raise NotImplementedError

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # The permission of the model, which ReadOnly takes from everybody.
        return super(ReadOnly, self).has_add_permission(request)

    def _page_of(self, row: Model) -> HttpResponse:
        return redirect(f"admin:payments_{self.opts.model_name}_change", row.pk)

    def _template(self, name: str) -> str:
        return f"admin/payments/{self.opts.model_name}/{name}.html"

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = self.form_class(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                return self._page_of(self.take(form, request.user.pk))
            except DomainError as error:
                form.add_error("file", error.user_message)
        context = {
            **self.admin_site.each_context(request),
            "title": self.add_title,
            "opts": self.opts,
            "form": form,
        }
        return TemplateResponse(request, self._template("add"), context)


class FileAdmin(UploadAdmin[RowT]):
    """Whoever may change one decides about its lines."""

    def lines_of(self, row: RowT) -> list[Any]:
        raise NotImplementedError

    def propose(self, lines: list[Any]) -> list[Any]:
        raise NotImplementedError

    def decisions(
        self, data: QueryDict, lines: list[Any], user_id: int | None
    ) -> Iterator[Callable[[], bool]]:
        """What was decided of the lines that are open; each returns whether it did anything."""
        raise NotImplementedError

    def _may_decide(self, request: HttpRequest) -> bool:
        return super(ReadOnly, self).has_change_permission(request)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Mapping[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        lines = self.lines_of(row)
        if request.method == "POST":
            return self._decide(request, row, lines)
        context = {
            **self.admin_site.each_context(request),
            "title": str(row),
            "opts": self.opts,
            "file": row,
            "proposals": self.propose(lines),
            "decided": [line for line in lines if line.state != LineState.NEW],
            "may_decide": self._may_decide(request),
        }
        return TemplateResponse(request, self._template("page"), context)

    def _decide(self, request: HttpRequest, row: RowT, lines: list[Any]) -> HttpResponse:
        """Safe to send twice: a line is decided once."""
        if not self._may_decide(request):
            raise PermissionDenied
        done = 0
        for number, decide in enumerate(self.decisions(request.POST, lines, request.user.pk)):
            if number == AT_ONCE:
                messages.info(request, gettext("There are more: press the button again."))
                break
            try:
                done += decide()
            except DomainError as error:
                messages.error(request, error.user_message)
        if done:
            text = ngettext("%(done)s line was decided.", "%(done)s lines were decided.", done)
            messages.success(request, text % {"done": done})
        return self._page_of(row)
