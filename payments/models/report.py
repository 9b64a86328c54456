"""Files that a gateway gives instead of a list that can be asked for."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from payments.models.transaction import GatewayTransaction
from shop.core.fields import in_choices


class GatewayReport(models.Model):
    """A file that was read in, by whom, and what it changed."""

    gateway = models.CharField(_("gateway"), max_length=20)
    name = models.CharField(_("file"), max_length=120)
    # Of its bytes: the same file is read in once.
    digest = models.CharField(max_length=64)
    # The days of which it has every payment, where whoever read it in has said so.
    first_on = models.DateField(_("payments from"), null=True)
    last_on = models.DateField(_("payments to"), null=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        verbose_name=_("read in by"),
    )
    uploaded_at = models.DateTimeField(_("read in"), db_default=Now())
    fresh = models.PositiveIntegerField(_("new"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    known = models.PositiveIntegerField(_("known already"), default=0)
    differing = models.PositiveIntegerField(_("differing"), default=0)
    phantoms = models.PositiveIntegerField(_("booked here and not listed"), default=0)

    class Meta:
        verbose_name = _("gateway's report")
        verbose_name_plural = _("gateways' reports")
        constraints = [
            models.UniqueConstraint(fields=["gateway", "digest"], name="gateway_report_once"),
            models.CheckConstraint(
                condition=Q(first_on=None, last_on=None)
                | Q(first_on__isnull=False, last_on__isnull=False, first_on__lte=F("last_on")),
                name="gateway_report_period",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ReportOutcome(models.TextChoices):
    """What a line of a report did."""

    NEW = "new", _("new")
    CHANGED = "changed", _("changed")
    KNOWN = "known", _("known already")
    DIFFERS = "differs", _("says something else than before: nothing was changed")


class ReportLine(models.Model):
    report = models.ForeignKey(GatewayReport, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField(_("line"))
    transaction = models.ForeignKey(
        GatewayTransaction, on_delete=models.PROTECT, related_name="report_lines"
    )
    outcome = models.CharField(_("what it did"), max_length=10, choices=ReportOutcome.choices)

    class Meta:
        verbose_name = _("line of a gateway's report")
        verbose_name_plural = _("lines of gateways' reports")
        constraints = [
            models.UniqueConstraint(fields=["report", "position"], name="report_line_once"),
            models.CheckConstraint(
                condition=in_choices("outcome", ReportOutcome), name="report_line_outcome"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id}:{self.position}"
