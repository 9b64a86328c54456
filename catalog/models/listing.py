"""What is on display, in the shape in which it is filtered, sorted, searched and shown.

Derived: the database writes these rows itself, in the transaction of each change (migration
`0004_listing`); nothing else may. `catalog.listing` reads them.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Now

from catalog.models.product import Product


class Listing(models.Model):
    """One row for each product on display. No row: nobody may see it.

    `tokens` are what facets filter by, see `catalog.listing.tokens`. Amounts are in minor units of
    the shop's currency: the lowest price now; `discount` is its percentage off.
    """

    product = models.OneToOneField(
        Product, on_delete=models.CASCADE, primary_key=True, related_name="listing"
    )
    created_at = models.DateTimeField()
    price_minor = models.BigIntegerField()
    discount = models.PositiveSmallIntegerField()
    sold_count = models.PositiveIntegerField()
    is_available = models.BooleanField()
    tokens = ArrayField(models.TextField())
    words = SearchVectorField()
    # The card in each language: {"id": {"slug", "name", …}}, see `catalog.listing.cards`.
    cards = models.JSONField()

    class Meta:
        indexes = [
            models.Index(fields=["-created_at", "-product"], name="listing_newest"),
            models.Index(fields=["price_minor", "-product"], name="listing_price"),
            models.Index(fields=["-sold_count", "-product"], name="listing_sold"),
            models.Index(fields=["-discount", "-product"], name="listing_discount"),
            GinIndex(fields=["tokens", "words"], name="listing_tokens_words"),
        ]

    def __str__(self) -> str:
        return f"listing of {self.product_id}"


class ListingSchedule(models.Model):
    """When a product's listing changes by itself next: a price or a publication begins or ends."""

    product = models.OneToOneField(
        Product, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    due_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.product_id} at {self.due_at}"


class StaleListing(models.Model):
    """A product whose listing has to be written anew; as a rule gone before the commit ends."""

    product_id = models.BigIntegerField(db_index=True)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"stale {self.product_id}"


class ListingChange(models.Model):
    """What has changed for customers since the follow-up last looked: caches, counts, alerts.

    `added` and `removed` are tokens; `categories` those whose pages show something else now.
    `is_listed` tells whether listings show a change, or the product's own page only.
    """

    product_id = models.BigIntegerField()
    is_listed = models.BooleanField()
    added = ArrayField(models.TextField(), default=list)
    removed = ArrayField(models.TextField(), default=list)
    categories = ArrayField(models.BigIntegerField(), default=list)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"change of {self.product_id}"
