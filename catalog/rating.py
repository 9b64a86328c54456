"""The average of a product's stars, from the two columns that the reviews push down."""

from decimal import ROUND_HALF_UP, Decimal


def average_rating(rating_sum: int, rating_count: int) -> Decimal:
    """With one decimal, rounded half up; zero where nobody has said anything."""
    if not rating_count:
        return Decimal(0)
    return (Decimal(rating_sum) / rating_count).quantize(Decimal("0.1"), ROUND_HALF_UP)
