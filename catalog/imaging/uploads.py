"""Taking a picture in: looked at, its original stored, its preparation asked for."""

from uuid import uuid4

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from catalog.imaging import files
from catalog.imaging.reading import Content, Head, read_content, read_head
from catalog.models import OptionValue, Product, ProductImage
from shop.core import outbox
from shop.core.errors import NotFound

UPLOADED = "picture-uploaded"


class PictureGone(NotFound):
    code = "picture_gone"
    message = _("This picture or its product has been deleted meanwhile.")


def accept_picture(
    *,
    product: Product,
    data: Content,
    option_value: OptionValue | None = None,
    position: int | None = None,
    source_url: str = "",
) -> ProductImage:
    """A new picture of the product, the last of it unless `position` says where.

    Not within a transaction: the original is stored first. Raises PictureRefused, PictureGone;
    then nothing is left.
    """
    content = read_content(data)
    head = read_head(content)
    original = files.store_original(content, suffix=head.suffix)
    try:
        return _add(
            product_id=product.pk,
            original=original,
            head=head,
            option_value=option_value,
            position=position,
            source_url=source_url,
        )
    except BaseException:
        # Asked first: a commit whose answer was lost may have stood.
        files.delete_unused(original, [original])
        raise


@transaction.atomic(durable=True)
def _add(
    *,
    product_id: int,
    original: str,
    head: Head,
    option_value: OptionValue | None,
    position: int | None,
    source_url: str,
) -> ProductImage:
    if lock_product(product_id) is None:
        raise PictureGone
    if position is None:
        last = ProductImage.objects.filter(product=product_id).aggregate(last=Max("position"))
        position = 0 if last["last"] is None else last["last"] + 1
    image = ProductImage.objects.create(
        product_id=product_id,
        option_value=option_value,
        file=original,
        width=head.width,
        height=head.height,
        position=position,
        source_url=source_url,
    )
    _ask_for_preparation(image)
    return image


def fill_picture(*, image: ProductImage, data: Content) -> ProductImage:
    """Give a picture its file: one that an import named, or another one than before.

    Not within a transaction. Returns the row as it is now; raises PictureRefused, PictureGone;
    then nothing has changed.
    """
    content = read_content(data)
    head = read_head(content)
    original = files.store_original(content, suffix=head.suffix)
    try:
        return _fill(image_id=image.pk, original=original, head=head)
    except BaseException:
        # Asked first: a commit whose answer was lost may have stood.
        files.delete_unused(original, [original])
        raise


@transaction.atomic(durable=True)
def _fill(*, image_id: int, original: str, head: Head) -> ProductImage:
    image = lock_picture(image_id)
    if image is None:
        raise PictureGone
    files.give_up(image)
    # Not saved through the instance: a new file there makes Django read its size from the storage.
    ProductImage.objects.filter(pk=image_id).update(
        file=original,
        width=head.width,
        height=head.height,
        renditions=[],
        colour="",
        state=ProductImage.State.PROCESSING,
        failure="",
    )
    filled = ProductImage.objects.get(pk=image_id)
    _ask_for_preparation(filled)
    return filled


@transaction.atomic
def retry_picture(*, image_id: int) -> bool:
    """Prepare a failed picture again; returns whether there was one. Safe to call twice."""
    image = lock_picture(image_id)
    if image is None or image.state != ProductImage.State.FAILED or not image.file:
        return False
    ProductImage.objects.filter(pk=image_id).update(state=ProductImage.State.PROCESSING, failure="")
    _ask_for_preparation(image)
    return True


def _ask_for_preparation(image: ProductImage) -> None:
    outbox.add(
        UPLOADED,
        key=f"{UPLOADED}:{image.pk}:{uuid4().hex}",
        image_id=image.pk,
        original=image.file.name,
        width=image.width,
    )


def lock_product(product_id: int) -> Product | None:
    """Whoever changes which pictures a product has, or their order, holds it."""
    rows = Product.objects.select_for_update(of=("self",), no_key=True)
    return rows.filter(pk=product_id).first()


def lock_picture(image_id: int) -> ProductImage | None:
    rows = ProductImage.objects.select_for_update(of=("self",), no_key=True)
    return rows.filter(pk=image_id).first()
