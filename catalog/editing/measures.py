"""How large one packed piece is: what couriers charge for when it is large and light."""

from catalog.models import Variant


def measure(
    *, variant_pk: int, length_mm: int | None, width_mm: int | None, height_mm: int | None
) -> None:
    """Set the three sides; None: not known. Safe to repeat; customers never see it."""
    Variant.objects.filter(pk=variant_pk).update(
        length_mm=length_mm, width_mm=width_mm, height_mm=height_mm
    )
