"""Importing a file: upload, try, read what is wrong, import. Workers do it; the page watches."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from catalog.admin.product_pages import may
from catalog.importing import options as choices
from catalog.importing import runs
from catalog.importing.export import exported
from catalog.importing.formats import FORMATS
from catalog.importing.options import ImportOptions
from catalog.importing.pace import Pace
from catalog.importing.problems import message_of
from catalog.importing.reports import counts_of, problem_rows
from catalog.importing.uploads import take_upload
from catalog.models import ImportProblem, ImportRun, ImportState, Location, Seller
from shop.core.admin import ModelAdmin, Paginator, ReadOnly, csv_download
from shop.core.errors import DomainError
from shop.core.money import CURRENCY_CHOICES
from shop.core.spreadsheets import csv_file

PROBLEMS_A_PAGE = 50
# Nobody reads a million of them on pages; the download has all.
PROBLEMS_SHOWN = 20 * PROBLEMS_A_PAGE
STOCK_CHOICES = [(choices.SET, _("set to the file's number")), (choices.KEEP, _("leave alone"))]
NO_STOCK = (choices.NONE, _("leave alone; new variants begin with none"))
FOUND_OUT = ("", _("found out from the file"))
FORMAT_NAMES = {"etalase": _("our own"), "shopify": "Shopify", "woocommerce": "WooCommerce"}


class ImportForm(forms.Form):
    file = forms.FileField(label=_("File"))
    format = forms.ChoiceField(
        label=_("Format"),
        required=False,
        choices=[FOUND_OUT, *((name, FORMAT_NAMES[name]) for name in FORMATS)],
    )
    on_problem = forms.ChoiceField(
        label=_("When something is wrong with a product"),
        choices=[
            (choices.SKIP, _("leave that product out")),
            (choices.REFUSE, _("import nothing of the file")),
        ],
    )
    stock = forms.ChoiceField(
        label=_("Stock of variants that are there already"),
        choices=[*STOCK_CHOICES, NO_STOCK],
    )
    create_categories = forms.BooleanField(label=_("Create missing categories"), required=False)
    category = forms.CharField(
        label=_("Category for products that have none"),
        required=False,
        help_text=_("A path of names, such as Wanita > Atasan."),
    )
    seller = forms.ModelChoiceField(
        label=_("Seller"),
        queryset=Seller.objects.order_by("name"),
        required=False,
        help_text=_("Whose products, where the file does not say."),
    )
    location = forms.ModelChoiceField(
        label=_("Location of the stock"),
        queryset=Location.objects.order_by("seller__name", "name"),
        required=False,
        help_text=_("Where the file does not say."),
    )
    language = forms.ChoiceField(
        label=_("Language of the texts"), choices=settings.LANGUAGES, initial=settings.LANGUAGE_CODE
    )
    currency = forms.ChoiceField(
        label=_("Currency of the prices"),
        choices=CURRENCY_CHOICES,
        initial=settings.DEFAULT_CURRENCY,
    )

    def __init__(self, *args: Any, may_set_stock: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stock = self.fields["stock"]
        if not may_set_stock and isinstance(stock, forms.ChoiceField):
            stock.choices = [NO_STOCK]

    def clean_file(self) -> "UploadedFile[bytes]":
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > settings.IMPORT_MAX_BYTES:
            limit = filesizeformat(settings.IMPORT_MAX_BYTES)
            text = gettext(
                "The file is larger than %(limit)s. Split it, or have it imported with "
                "manage.py import_catalogue on the server."
            )
            raise ValidationError(text % {"limit": limit})
        return file

    def options(self) -> ImportOptions:
        given = dict(self.cleaned_data)
        seller, location = given.pop("seller"), given.pop("location")
        return ImportOptions.restored(
            given
            | {
                "seller": str(seller.public_id) if seller else "",
                "location": f"#{location.pk}" if location else "",
            }
        )


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnly, ModelAdmin[ImportRun]):
    """Rows only; whoever may add a run may also stop and resume it.

    An import does what the editor does with a thousand products at once, so it asks for the same
    permissions, and an export shows what the editor shows.
    """

    list_display = ["name", "format", "kind", "state", "rows", "problem_count", "created_at"]
    list_filter = ["state", "is_dry_run"]
    ordering = ["-pk"]
    show_full_result_count = False
    change_list_template = "admin/catalog/importrun/change_list.html"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # The permission of the model, which ReadOnly takes from everybody.
        may_add = super(ReadOnly, self).has_add_permission(request)
        return may_add and may(request, "add_product") and may(request, "change_product")

    def _may_export(self, request: HttpRequest) -> bool:
        may_add = super(ReadOnly, self).has_add_permission(request)
        return may_add and (may(request, "view_product") or may(request, "change_product"))

    def _may_work_on(self, request: HttpRequest, run: ImportRun) -> bool:
        """Stock is a matter of its own, as in the editor."""
        is_about_stock = run.options.get("stock", choices.SET) != choices.NONE
        return self.has_add_permission(request) and (
            may(request, "change_stockitem") or not is_about_stock
        )

    @admin.display(description=_("kind"))
    def kind(self, run: ImportRun) -> str:
        return gettext("dry run") if run.is_dry_run else gettext("import")

    @admin.display(description=_("rows"))
    def rows(self, run: ImportRun) -> str:
        return f"{run.next_row:,} / {run.total_rows:,}" if run.total_rows else "–"

    def get_urls(self) -> list[URLPattern]:
        def step(route: str, view: Any, name: str) -> URLPattern:
            found: URLPattern = path(
                route, self.admin_site.admin_view(view), name=f"catalog_importrun_{name}"
            )
            return found

        return [
            step("export/", require_GET(self.export_view), "export"),
            step("<int:pk>/problems.csv", require_GET(self.problems_view), "problems"),
            step("<int:pk>/now/", require_POST(self.now_view), "now"),
            step("<int:pk>/stop/", require_POST(self.stop_view), "stop"),
            step("<int:pk>/resume/", require_POST(self.resume_view), "resume"),
            *super().get_urls(),
        ]

    # --- pages ------------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {"may_export": self._may_export(request), **(extra_context or {})}
        return super().changelist_view(request, context)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        self._refuse_unless_allowed(request)
        form = ImportForm(
            request.POST or None,
            request.FILES or None,
            may_set_stock=may(request, "change_stockitem"),
        )
        if request.method == "POST" and form.is_valid():
            run = take_upload(
                file=form.cleaned_data["file"], options=form.options(), actor_id=request.user.pk
            )
            return redirect("admin:catalog_importrun_change", run.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import a catalogue"),
            "opts": self.opts,
            "form": form,
            "limit": settings.IMPORT_MAX_BYTES,
        }
        return TemplateResponse(request, "admin/catalog/importrun/add.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        number = int(object_id) if object_id.isdecimal() else 0
        run = get_object_or_404(ImportRun.objects.select_related("actor"), pk=number)
        page = _Problems(run).get_page(request.GET.get("page"))
        situation = _situation(run)
        # Counted when all are there: the page looks again every few seconds until then.
        counts = [] if situation["is_working"] else counts_of(run)
        context = {
            **self.admin_site.each_context(request),
            "title": run.name,
            "opts": self.opts,
            "run": run,
            "pace": Pace.of(run),
            "page": page,
            "problems": [(problem, message_of(problem.code)) for problem in page],
            "counts": [(message_of(code), count) for code, count in counts],
            "more": max(run.problem_count - PROBLEMS_SHOWN, 0),
            "may_change": self._may_work_on(request, run),
            **situation,
        }
        return TemplateResponse(request, "admin/catalog/importrun/run.html", context)

    # --- steps ------------------------------------------------------------------------------

    def now_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._step(request, pk, runs.import_now)

    def stop_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._step(request, pk, runs.stop)

    def resume_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._step(request, pk, runs.resume)

    def _step(self, request: HttpRequest, pk: int, do: Any) -> HttpResponse:
        self._refuse_unless_allowed(request)
        if not self._may_work_on(request, get_object_or_404(ImportRun, pk=pk)):
            raise PermissionDenied
        try:
            do(pk)
        except DomainError as error:
            messages.error(request, error.user_message)
        return redirect("admin:catalog_importrun_change", pk)

    def _refuse_unless_allowed(self, request: HttpRequest) -> None:
        if not self.has_add_permission(request):
            raise PermissionDenied

    # --- downloads --------------------------------------------------------------------------

    def problems_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        run = get_object_or_404(ImportRun, pk=pk)
        return csv_download(csv_file(problem_rows(run)), f"problems-{run.pk}.csv")

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        if not self._may_export(request):
            raise PermissionDenied
        return csv_download(exported(), f"catalogue-{timezone.localdate():%Y-%m-%d}.csv")


class _Problems(Paginator[ImportProblem]):
    """The first of a run's problems, without counting them."""

    def __init__(self, run: ImportRun) -> None:
        super().__init__(run.problems.order_by("line", "column", "code"), PROBLEMS_A_PAGE)
        self._run = run

    @cached_property
    def count(self) -> int:
        return min(self._run.problem_count, PROBLEMS_SHOWN)


def _situation(run: ImportRun) -> dict[str, bool]:
    """What the page offers."""
    is_silent = run.beat_at is not None and run.beat_at < timezone.now() - 4 * runs.LEASE
    is_working = run.state in (ImportState.WAITING, ImportState.RUNNING)
    # A run without a stored file was started on the server, and goes on there.
    has_file = bool(run.file)
    return {
        "is_working": is_working,
        "is_silent": is_working and is_silent,
        "is_halted": runs.is_halted(run),
        "can_import": run.is_dry_run and run.state == ImportState.DONE and has_file,
        "can_resume": has_file and (run.state == ImportState.STOPPED or (is_working and is_silent)),
    }
