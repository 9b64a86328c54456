"""Gateways' reports: read in, and what each of them changed."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from payments.admin.files import FileForm, UploadAdmin
from payments.gateways.registry import REPORTS
from payments.models import GatewayReport, ReportOutcome
from payments.reconciling.reporting import Days, take_report
from shop.core.admin import RecordPageAdmin

# Of a file with more, the rest is in the list of gateway transactions.
SHOWN = 500


class ReportForm(FileForm):
    gateway = forms.ChoiceField(
        label=_("Gateway"), choices=[(code, code.capitalize()) for code in REPORTS]
    )
    first_on = forms.DateField(
        label=_("Has every payment from"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    last_on = forms.DateField(
        label=_("to"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def clean_last_on(self) -> Any:
        first_on, last_on = self.cleaned_data.get("first_on"), self.cleaned_data["last_on"]
        if (first_on is None) != (last_on is None):
            raise forms.ValidationError(_("Give both days, or neither."))
        if first_on and not first_on <= last_on <= timezone.localdate():
            raise forms.ValidationError(_("These days do not follow each other up to today."))
        return last_on


@admin.register(GatewayReport)
class GatewayReportAdmin(UploadAdmin[GatewayReport], RecordPageAdmin[GatewayReport]):
    list_display = (
        "name",
        "gateway",
        "fresh",
        "changed",
        "differing",
        "known",
        "uploaded_at",
        "uploaded_by",
    )
    list_select_related = ("uploaded_by",)
    form_class = ReportForm
    add_title = _("Read in a gateway's report")

    def take(self, form: forms.Form, user_id: int | None) -> GatewayReport:
        data = form.cleaned_data
        file, first_on = data["file"], data["first_on"]
        return take_report(
            gateway=data["gateway"],
            name=file.name,
            content=file.read(),
            days=Days(first_on, data["last_on"]) if first_on else None,
            user_id=user_id,
        )

    def render_page(self, request: HttpRequest, report: GatewayReport, /) -> HttpResponse:
        told = report.lines.exclude(outcome=ReportOutcome.KNOWN).order_by("position")
        lines = list(told.select_related("transaction__receipt", "transaction__refund")[:SHOWN])
        context = {
            **self.admin_site.each_context(request),
            "title": str(report),
            "opts": self.opts,
            "report": report,
            "lines": lines,
            "is_cut": report.fresh + report.changed + report.differing > len(lines),
        }
        return TemplateResponse(request, self._template("page"), context)
