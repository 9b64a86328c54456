"""What else somebody might like who looks at a product."""

from django.utils import timezone

from catalog.caching import show_cards_of
from catalog.catalogue.cards import read_card
from catalog.catalogue.shapes import ProductCard, ProductPage
from catalog.listing.near import near

SHOWN = 8


def related_products(product: ProductPage, *, language: str, currency: str) -> list[ProductCard]:
    """At most eight that can be bought, the nearest first. One query.

    A page that shows them is built anew when one of their cards changes.
    """
    at = timezone.now()
    rows = show_cards_of(
        lambda: near(product_pk=product.pk, category_pk=product.category_pk, limit=SHOWN),
        lambda found: [row.product_pk for row in found],
    )
    return [
        read_card(row.card, created_at=row.created_at, language=language, currency=currency, at=at)
        for row in rows
    ]
