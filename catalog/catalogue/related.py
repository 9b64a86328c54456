"""What else somebody might like who looks at a product."""

from django.utils import timezone

from catalog.catalogue.cards import read_card
from catalog.catalogue.shapes import ProductCard, ProductPage
from catalog.listing.near import near

SHOWN = 8


def related_products(product: ProductPage, *, language: str, currency: str) -> list[ProductCard]:
    """At most eight that can be bought, the nearest first. One query."""
    at = timezone.now()
    return [
        read_card(row.card, created_at=row.created_at, language=language, currency=currency, at=at)
        for row in near(product_pk=product.pk, category_pk=product.category_pk, limit=SHOWN)
    ]
