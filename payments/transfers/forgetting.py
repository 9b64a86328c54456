"""The bank's words name who paid: they are kept as long as a payment may have to be looked into."""

from django.conf import settings
from django.utils import timezone

from payments.models import StatementLine


def forget_payers() -> int:
    """Empty the words of lines read in long ago, decided or not. Returns how many."""
    now = timezone.now()
    old = StatementLine.objects.filter(read_at__lt=now - settings.STATEMENT_WORDS_KEPT)
    return old.exclude(description="").update(description="", forgotten_at=now)
