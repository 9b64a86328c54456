"""Places in the queue for last units, for tests."""

from catalog import waiting as queue
from catalog.models import Variant, Waiting


def wait(shirt: Variant, person: int = 1, quantity: int = 1) -> Waiting:
    """A place that counts."""
    return queue.join(
        variant_id=shirt.public_id,
        quantity=quantity,
        email=f"antre{person}@example.com",
        language="id",
        is_own=True,
    )
