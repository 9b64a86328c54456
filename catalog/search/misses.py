"""Searches that found nothing, so that staff see what customers look for in vain."""

from datetime import timedelta

from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from catalog.models import SearchMiss
from catalog.search.understanding import words_of

KEPT_FOR = timedelta(days=90)
# Somebody who searches for random letters must not fill the table.
MOST = 10_000


def record_miss(*, language: str, typed: str) -> None:
    """Count the query, as words. What was typed beside words is nobody's business."""
    query = " ".join(words_of(typed))
    if len(query) < 2:
        return
    known = SearchMiss.objects.filter(language=language, query=query)
    if known.update(count=F("count") + 1, last_at=Now()):
        return
    SearchMiss.objects.bulk_create(
        [SearchMiss(language=language, query=query)], ignore_conflicts=True
    )


def prune_misses() -> None:
    """Forget what nobody asked for lately, and the rarest of too many."""
    SearchMiss.objects.filter(last_at__lt=timezone.now() - KEPT_FOR).delete()
    kept = SearchMiss.objects.order_by("-count", "-last_at").values("pk")[:MOST]
    SearchMiss.objects.exclude(pk__in=kept).delete()
