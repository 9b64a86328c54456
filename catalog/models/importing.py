"""Catalogue files that were read, and what was wrong in them."""

import uuid
from typing import TypeAlias

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from shop.core.fields import in_choices


class ImportState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    REFUSED = "refused", _("refused")
    STOPPED = "stopped", _("stopped")


class ImportRun(models.Model):
    """One file, read once. `next_row` is where a stopped run goes on: all before it is committed.

    `fingerprint` is the SHA-256 of the file with the options, so that a run which was stopped is
    found again. Rows are lines of data in the file, counted from 0 without the header.
    """

    State: TypeAlias = ImportState

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    fingerprint = models.CharField(max_length=64, db_index=True)
    name = models.CharField(_("file"), max_length=255)
    file = models.FileField(upload_to="imports/", blank=True)
    format = models.CharField(_("format"), max_length=20)
    options = models.JSONField(default=dict)
    is_dry_run = models.BooleanField(_("dry run"), default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    next_row = models.PositiveBigIntegerField(default=0)
    total_rows = models.PositiveBigIntegerField(_("rows"), null=True)
    created_products = models.PositiveBigIntegerField(_("created"), default=0)
    changed_products = models.PositiveBigIntegerField(_("changed"), default=0)
    unchanged_products = models.PositiveBigIntegerField(_("unchanged"), default=0)
    skipped_products = models.PositiveBigIntegerField(_("skipped"), default=0)
    problem_count = models.PositiveBigIntegerField(_("problems"), default=0)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )
    created_at = models.DateTimeField(_("started"), db_default=Now())
    beat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = [
            models.CheckConstraint(
                condition=in_choices("state", ImportState), name="import_run_state"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ImportProblem(models.Model):
    """One thing that is wrong in a file. Lines count from 1, the header included."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="problems")
    line = models.PositiveBigIntegerField(_("line"))
    column = models.CharField(_("column"), max_length=120, blank=True)
    code = models.CharField(max_length=40)
    value = models.CharField(_("value"), max_length=200, blank=True)
    is_fatal = models.BooleanField(_("product skipped"), default=True)

    class Meta:
        verbose_name = _("problem")
        verbose_name_plural = _("problems")
        constraints = [
            # A resumed run reads a few rows again and finds the same.
            models.UniqueConstraint(
                fields=["run", "line", "column", "code"], name="import_problem_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.code}"
