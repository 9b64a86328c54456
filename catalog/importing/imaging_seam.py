"""Seam: `catalog.imaging` takes this place once it is on main."""

from io import BytesIO

from django.core.files.base import ContentFile
from django.utils.translation import gettext_lazy as _
from PIL import Image

from catalog.models import ImageState, ProductImage
from shop.core.errors import DomainError


class UnusablePicture(DomainError):
    code = "unusable_picture"
    message = _("This is no picture.")


def fill_picture(*, image: ProductImage, data: bytes) -> None:
    try:
        kind = Image.open(BytesIO(data)).format or ""
    except OSError:
        raise UnusablePicture from None
    image.file.save(f"{image.pk}.{kind.lower()}", ContentFile(data), save=False)
    image.state = ImageState.PROCESSING
    image.save(update_fields=["file", "width", "height", "state"])
