"""Stars in templates."""

from django import template

register = template.Library()


@register.filter
def stars(rating: int) -> list[tuple[int, bool]]:
    """Five places, each with its offset in the picture and whether it is filled."""
    return [(place * 20, place < rating) for place in range(5)]
