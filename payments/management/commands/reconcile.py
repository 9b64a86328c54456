"""`manage.py reconcile`: read a gateway's list of transactions now, and match what it says."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from payments.gateways.registry import WITH_STATEMENTS, statements
from payments.gateways.statements import TransactionPage
from payments.models import GatewayTransaction, PaymentException
from payments.polling import BACKGROUND_TIMEOUT
from payments.reconciling.matching import claim_due_matches, match_transaction
from payments.reconciling.phantoms import open_phantoms
from payments.reconciling.reading import OVERLAP, Name, keep_page, trouble_of


def moment(text: str) -> datetime:
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else timezone.make_aware(read)


class Command(BaseCommand):
    help = (
        "Reads what a gateway lists of our money from --since on, books what is missing here, and"
        " says what differs. Safe to repeat, and while the shop sells."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--gateway", choices=WITH_STATEMENTS, default=WITH_STATEMENTS[0])
        parser.add_argument(
            "--since", type=moment, help="day or moment, 2026-11-20T18:00; 72 hours ago if left out"
        )
        parser.add_argument("--until", type=moment, help="changes of after it are left out")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        since = options["since"] or now - OVERLAP[Name.NIGHTLY]
        newest = PaymentException.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        counts = self._read(options["gateway"], since, options["until"])
        if options["until"] is None:
            counts["phantoms"] = open_phantoms(
                gateway=options["gateway"], since=since, until=now, now=now
            )
        while due := claim_due_matches():
            for pk in due:
                match_transaction(transaction_id=pk)
        self.stdout.write(", ".join(f"{name}: {count}" for name, count in counts.items()))
        waiting = GatewayTransaction.objects.filter(next_match_at__isnull=False).count()
        if waiting:
            self.stdout.write(f"{waiting} wait for an answer of the gateway; the money loop asks")
        for trouble in PaymentException.objects.filter(pk__gt=newest).order_by("pk"):
            self.stdout.write(f"{trouble.kind}: {trouble.note}")

    def _read(self, gateway: str, since: datetime, until: datetime | None) -> Counter[str]:
        counts, after, seen = Counter[str](), "", set[str]()
        while True:
            page = statements(gateway).list_transactions(
                since=since, until=until, after=after, timeout=BACKGROUND_TIMEOUT
            )
            if not isinstance(page, TransactionPage):
                raise CommandError(f"{gateway} gave no list: {trouble_of(page)}")
            counts.update(keep_page(gateway, page))
            seen.add(after)
            after = page.after
            if not after:
                return counts
            if after in seen:
                raise CommandError(f"{gateway} gives the same page again and again")
