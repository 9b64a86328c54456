"""`manage.py books_check`: does everything that is counted twice come to the same?"""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from payments.books import CHECKS


class Command(BaseCommand):
    help = (
        "Compares stock with its movements, reservations with their holders, totals with their"
        " lines and steps, limits with their uses, the ledger with receipts and sales, and invoices"
        " with what was sold. Prints each difference and fails if there is one. Changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        names = [check.name for check in CHECKS]
        parser.add_argument("--only", nargs="+", choices=names, metavar="CHECK", default=names)
        parser.add_argument("--times", action="store_true", help="print how long each check takes")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = [check for check in CHECKS if check.name in options["only"]]
        found = 0
        for check in wanted:
            began = time.monotonic()
            differences = list(check.differences())
            for difference in differences:
                self.stdout.write(str(difference))
            if differences:
                self.stdout.write(f"  look at {check.look_at}")
            if options["times"]:
                self.stdout.write(f"{check.name}: {time.monotonic() - began:.1f} s")
            found += len(differences)
        if found:
            raise CommandError(f"{found} differences; docs/operations.md says what to do")
        self.stdout.write(f"the books are right: {len(wanted)} checks, no difference")
