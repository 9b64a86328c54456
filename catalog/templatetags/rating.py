"""Stars in templates."""

from decimal import Decimal

from django import template

from catalog.rating import average_rating

register = template.Library()


@register.filter
def average(rating_sum: int, rating_count: int) -> Decimal:
    """`{{ product.rating_sum|average:product.rating_count|floatformat:1 }}` → `4,8`."""
    return average_rating(rating_sum, rating_count)


@register.filter
def stars(rating: int) -> list[tuple[int, bool]]:
    """Five places, each with its offset in the picture and whether it is filled."""
    return [(place * 20, place < rating) for place in range(5)]
