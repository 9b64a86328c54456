"""`manage.py import_catalogue FILE`: reads a catalogue; run it again and nothing changes."""

import time
from argparse import BooleanOptionalAction
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.importing import options as choices
from catalog.importing import runs
from catalog.importing.formats import FORMATS
from catalog.importing.options import ImportOptions
from catalog.importing.problems import message_of
from catalog.importing.reports import counts_of, problem_rows
from catalog.importing.running import Work
from catalog.importing.sheets import DELIMITERS, ENCODINGS
from catalog.importing.terminal import Bar
from catalog.models import ImportRun, ImportState
from shop.core.money import CURRENCIES
from shop.core.spreadsheets import csv_file

SHOWN = 20


class Command(BaseCommand):
    help = (
        "Import a catalogue from our own CSV, Shopify's or WooCommerce's. A run that was stopped "
        "goes on where it was; a second run of the same file changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="change nothing, say what would")
        parser.add_argument(
            "--on-problem",
            choices=[choices.SKIP, choices.REFUSE],
            default=choices.SKIP,
            help="leave a bad product out, or refuse the whole file",
        )
        parser.add_argument("--problems", type=Path, help="write all problems to this CSV file")
        parser.add_argument("--format", choices=list(FORMATS), default="", help="else found out")
        parser.add_argument("--encoding", choices=ENCODINGS, default="", help="else found out")
        parser.add_argument(
            "--delimiter", choices=[*DELIMITERS, "tab"], default="", help="else found out"
        )
        languages = [code for code, _name in settings.LANGUAGES]
        parser.add_argument("--language", choices=languages, default=settings.LANGUAGE_CODE)
        parser.add_argument(
            "--currency", choices=list(CURRENCIES), default=settings.DEFAULT_CURRENCY
        )
        parser.add_argument("--seller", default="", help="whose products, where the file is silent")
        parser.add_argument("--location", default="", help="where the stock lies")
        parser.add_argument("--category", default="", help="for products that have none")
        parser.add_argument("--create-categories", action=BooleanOptionalAction, default=False)
        parser.add_argument(
            "--stock",
            choices=[choices.SET, choices.KEEP, choices.NONE],
            default=choices.SET,
            help="keep: leave the stock of existing variants alone; none: that of new ones too",
        )

    def handle(self, *args: Any, **given: Any) -> None:
        path: Path = given["file"]
        if not path.is_file():
            raise CommandError(f"there is no file {path}")
        if given["delimiter"] == "tab":
            given["delimiter"] = "\t"
        options = ImportOptions.restored(given)
        run = runs.begin(path=path, name=path.name, options=options, is_dry_run=given["dry_run"])
        hold = self._hold(run)
        if run.next_row:
            self.stdout.write(f"going on after row {run.next_row}")
        try:
            with Bar(self.stdout, run) as bar:
                Work(hold, path, on_progress=bar.show).go()
        except runs.ImportStopped as error:
            raise CommandError(error.user_message) from error
        except KeyboardInterrupt:
            hold.release()
            raise CommandError("interrupted; run the same command again to go on") from None
        run.refresh_from_db()
        self._report(run, given["problems"])
        if run.state == ImportState.REFUSED:
            raise CommandError("the file was refused; nothing was imported", returncode=2)
        if runs.is_halted(run):
            raise CommandError(
                f"the shop has changed since the file was tried: stopped after row {run.next_row} "
                f"of {run.total_rows}, what stands above it is imported; settle the problems, then "
                "run the same command again to go on",
                returncode=4,
            )

    def _hold(self, run: ImportRun) -> runs.Hold:
        """Take the run; where another process seems to hold it, wait until that has shown life."""
        ends_at = time.monotonic() + runs.LEASE.total_seconds() + 1
        last_silence = 0.0
        while True:
            try:
                return runs.hold(run.pk, resume=True)
            except runs.ImportIsRunning as error:
                if error.silent_for < last_silence or time.monotonic() > ends_at:
                    raise CommandError(error.user_message, returncode=3) from error
                if not last_silence:
                    self.stdout.write("another import of this file may be at work; looking …")
                last_silence = error.silent_for
                time.sleep(min(0.5, runs.LEASE.total_seconds() / 4))

    def _report(self, run: ImportRun, target: Path | None) -> None:
        would = "would be " if run.is_dry_run else ""
        self.stdout.write(
            f"{run.format}: {run.created_products} products {would}created, "
            f"{run.changed_products} {would}changed, {run.unchanged_products} unchanged, "
            f"{run.skipped_products} {would}skipped; {run.problem_count} problems"
        )
        problems = run.problems.order_by("line", "column", "code")
        for problem in problems[:SHOWN]:
            column = f", column {problem.column!r}" if problem.column else ""
            value = f" ({problem.value[:60]!r})" if problem.value else ""
            self.stdout.write(f"  line {problem.line}{column}: {message_of(problem.code)}{value}")
        if run.problem_count > SHOWN:
            self.stdout.write(f"  … and {run.problem_count - SHOWN} more:")
            for code, count in counts_of(run):
                self.stdout.write(f"  {count:>8} × {message_of(code)}")
        if target is not None:
            with target.open("wb") as file:
                file.writelines(csv_file(problem_rows(run)))
            self.stdout.write(f"all problems: {target}")
