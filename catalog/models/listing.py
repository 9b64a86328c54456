"""What is on display, in the shape in which it is filtered, sorted, searched and shown.

Derived: the database writes `Listing` itself, in the transaction of each change
(`catalog/migrations/sql`), and notes in `ListingChange` what customers see differently now. The
follow-up (`catalog.listing.follow_up`) turns these notes into facet bits, fresh caches and alerts.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Now

from catalog.models.product import Product
from shop.core.fields import CurrentTransaction

CHUNK = 32_768
# Sold so often or more; `catalog_listing_tokens` in listing.sql says the same.
SOLD_TIERS = (15, 63, 255, 1023, 4095)


class Listing(models.Model):
    """One row for each product on display. No row: nobody may see it.

    `tokens` are what facets filter by, see `catalog.listing.tokens`. Amounts are in minor units of
    the shop's currency: the price is the lowest one now, `discount` its percentage off.
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
    # What a card shows, in all languages; `catalog.catalogue.cards` reads it.
    card = models.JSONField()

    class Meta:
        indexes = [
            models.Index(fields=["-created_at", "-product"], name="listing_newest"),
            models.Index(fields=["price_minor", "-product"], name="listing_price"),
            models.Index(fields=["-price_minor", "-product"], name="listing_price_down"),
            models.Index(fields=["-sold_count", "-product"], name="listing_sold"),
            models.Index(fields=["-discount", "-product"], name="listing_discount"),
            GinIndex(fields=["tokens", "words"], name="listing_tokens_words"),
            # A search begins among what sells best: the smaller the index, the sooner it is read.
            *(
                GinIndex(
                    fields=["tokens", "words"],
                    name=f"listing_sold_{least}",
                    condition=models.Q(sold_count__gte=least),
                )
                for least in SOLD_TIERS
            ),
        ]

    def __str__(self) -> str:
        return f"listing of {self.product_id}"


class BitsField(models.TextField):  # type: ignore[type-arg]  # the stubs are generic, the class is not
    """One bit for each product of a chunk: product pk modulo CHUNK, counted from the left."""

    def db_type(self, connection: object) -> str:
        return f"bit({CHUNK})"


class FacetBits(models.Model):
    """Which products of one chunk (product pk // CHUNK) have a token: counts in a few kilobytes.

    Written by the follow-up within a second of a change; no row means no product.
    """

    token = models.TextField()
    chunk = models.IntegerField()
    bits = BitsField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "chunk"], name="facet_bits_once")]

    def __str__(self) -> str:
        return f"{self.token} in {self.chunk}"


class ListingSchedule(models.Model):
    """When a product's listing changes by itself next: a price or a publication begins or ends."""

    product = models.OneToOneField(
        Product, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    due_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.product_id} at {self.due_at}"


class StaleListing(models.Model):
    """A product whose listing has to be written anew; as a rule gone before the commit ends.

    What stays is for the follow-up: `is_deferred` because one change concerns very many products,
    the others because a concurrent transaction was just writing the same listing.
    """

    product_id = models.BigIntegerField()
    transaction_id = models.BigIntegerField(db_default=CurrentTransaction(), db_index=True)
    is_deferred = models.BooleanField(db_default=False)

    class Meta:
        indexes = [
            # Found at once, however many deferred ones lie before them.
            models.Index(
                fields=["id"], condition=models.Q(is_deferred=False), name="stale_listing_urgent"
            )
        ]

    def __str__(self) -> str:
        return f"stale {self.product_id}"


class ListingChange(models.Model):
    """Something that customers see has changed and the follow-up has not yet told the caches.

    Without a product it is something that all pages show: a category, the name of a colour. With a
    `slug` it is only what a product's page shows under that, which may be nobody's any more.
    `is_listed`: listings show the change; otherwise only the product's own page does.
    `tokens` are those that the product has gained or lost; where there are any, the note stays
    until the facet bits say so too (`is_counted`), and lists are told again then.
    """

    product_id = models.BigIntegerField(null=True)
    slug = models.TextField(default="", db_default="")
    is_listed = models.BooleanField(db_default=True)
    tokens = ArrayField(models.TextField(), default=list)
    created_at = models.DateTimeField(db_default=Now())
    is_told = models.BooleanField(default=False, db_default=False)
    is_counted = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [
            # While very many wait to be counted, what has to be told is found at once.
            models.Index(
                fields=["id"],
                condition=models.Q(is_told=False) | models.Q(is_counted=True),
                name="listing_change_untold",
            )
        ]

    def __str__(self) -> str:
        return f"change of {self.product_id}"
