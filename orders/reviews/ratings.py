"""The rating of a product as its reviews say it, to be compared with what was pushed down."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Sum

from catalog.models import Product
from orders.models import Review


@dataclass(frozen=True, slots=True)
class WrongRating:
    """`told` and `true` are (sum of stars, number of reviews)."""

    product_pk: int
    told: tuple[int, int]
    true: tuple[int, int]


def wrong_ratings() -> Iterator[WrongRating]:
    """Products whose columns differ from their published reviews. Two queries, one pass."""
    true = {
        product_pk: (stars, count)
        for product_pk, stars, count in Review.objects.published()
        .order_by()
        .values("product_id")
        .annotate(stars=Sum("rating"), number=Count("pk"))
        .values_list("product_id", "stars", "number")
    }
    rated = Product.objects.filter(rating_count__gt=0) | Product.objects.filter(rating_sum__gt=0)
    told = {
        pk: (stars, count)
        for pk, stars, count in rated.values_list("pk", "rating_sum", "rating_count")
    }
    for product_pk in sorted(true.keys() | told.keys()):
        pair = told.get(product_pk, (0, 0)), true.get(product_pk, (0, 0))
        if pair[0] != pair[1]:
            yield WrongRating(product_pk, *pair)
