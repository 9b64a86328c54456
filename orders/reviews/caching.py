"""The pages that show a product's reviews, and when they are shown anew."""

from typing import Any

from catalog.caching import versions
from catalog.models import ProductTranslation


class CacheAway(ConnectionError):
    """Valkey could not be told; the outbox comes back."""


def deliver_changed(payload: dict[str, Any]) -> None:
    """Of the outbox: whoever opens the reviews from now on is shown them as they are."""
    texts = ProductTranslation.objects.filter(product=payload["product_id"])
    slugs = sorted(set(texts.values_list("slug", flat=True)))
    if not versions.bump(f"r:{slug}" for slug in slugs):
        raise CacheAway
