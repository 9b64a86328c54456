"""Order, colours and removal of the pictures that a product has."""

from collections.abc import Iterable, Mapping, Sequence

from django.db import transaction
from django.db.models import QuerySet

from catalog.imaging import files
from catalog.imaging.uploads import lock_product
from catalog.models import ProductImage


@transaction.atomic
def arrange_pictures(*, product_id: int, order: Sequence[int]) -> None:
    """Put the product's pictures into that order of their primary keys.

    Those that are not named follow in the order that they have: they were added meanwhile.
    """
    lock_product(product_id)
    _arrange(_pictures_of(product_id), order)


@transaction.atomic
def move_picture(*, product_id: int, image_id: int, by: int) -> int:
    """Move a picture by so many places; returns its place from 0, −1 where it is not there."""
    lock_product(product_id)
    images = _pictures_of(product_id)
    order = [image.pk for image in images]
    if image_id not in order:
        return -1
    place = min(max(order.index(image_id) + by, 0), len(order) - 1)
    order.remove(image_id)
    order.insert(place, image_id)
    _arrange(images, order)
    return place


def _pictures_of(product_id: int) -> list[ProductImage]:
    return list(ProductImage.objects.filter(product=product_id).order_by("position", "pk"))


def _arrange(images: list[ProductImage], order: Sequence[int]) -> None:
    place = {pk: number for number, pk in enumerate(order)}
    moved = []
    for position, image in enumerate(
        sorted(images, key=lambda image: place.get(image.pk, len(place)))
    ):
        if image.position != position:
            image.position = position
            moved.append(image)
    ProductImage.objects.bulk_update(moved, ["position"])


@transaction.atomic
def show_colours(*, product_id: int, colours: Mapping[int, int | None]) -> None:
    """Say which colour each picture shows: picture pk → option value pk, None for no one colour."""
    lock_product(product_id)
    changed = []
    for image in ProductImage.objects.filter(product=product_id, pk__in=list(colours)):
        if image.option_value_id != colours[image.pk]:
            image.option_value_id = colours[image.pk]
            changed.append(image)
    ProductImage.objects.bulk_update(changed, ["option_value"])


@transaction.atomic
def remove_picture(*, product_id: int, image_id: int) -> bool:
    """Delete a picture and, after the commit, its files; returns whether it was there."""
    lock_product(product_id)
    return bool(_remove(ProductImage.objects.filter(product=product_id, pk=image_id)))


@transaction.atomic
def remove_pictures(*, product_ids: Iterable[int]) -> int:
    """Delete all pictures of the products, as whoever deletes a product does first.

    Deleting the rows alone would leave their files in the storage for ever.
    """
    return _remove(ProductImage.objects.filter(product__in=list(product_ids)))


def _remove(rows: QuerySet[ProductImage]) -> int:
    images = list(rows.select_for_update(of=("self",)).order_by("pk"))
    for image in images:
        files.give_up(image)
    ProductImage.objects.filter(pk__in=[image.pk for image in images]).delete()
    return len(images)
