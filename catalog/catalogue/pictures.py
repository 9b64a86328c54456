"""Pictures as pages need them: finished files, or the place of what is still being prepared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from django.core.files.storage import default_storage

from catalog.catalogue.shapes import ImageView
from catalog.models import ProductImage
from shop.core.kept import Kept, among

# The formats a browser is offered, the smallest files first: it takes the first that it can read.
FORMATS = ("avif", "webp", "jpeg")
# The shape of most pictures, for one that has not been seen yet.
UNKNOWN_SIZE = (900, 1200)
# The same as in the cards that the database keeps.
SHOWN = (ProductImage.State.READY, ProductImage.State.PROCESSING)


class Rendition(TypedDict):
    format: str
    width: int
    path: str


@dataclass(frozen=True, slots=True)
class Picture:
    """`renditions` is empty while the picture is being prepared; its size may be 0 by 0 then."""

    width: int
    height: int
    renditions: list[Rendition]
    value_pk: int | None
    colour_code: str
    colour: str = ""

    def view(self, *, product_name: str, value_names: Mapping[int, str]) -> ImageView:
        # Asked once: our names need no quoting, and a page has hundreds of them.
        folder = default_storage.url("-").removesuffix("-")
        colour = value_names.get(self.value_pk, "") if self.value_pk else ""
        return ImageView(
            alt=f"{product_name}, {colour}" if colour else product_name,
            width=self.width or UNKNOWN_SIZE[0],
            height=self.height or UNKNOWN_SIZE[1],
            src=self._largest(folder),
            sources=[
                (f"image/{name}", srcset)
                for name in FORMATS
                if (srcset := self._srcset(name, folder))
            ],
            colour_code=self.colour_code,
            colour=self.colour,
        )

    def _srcset(self, name: str, folder: str) -> str:
        files = sorted(
            (file for file in self.renditions if file["format"] == name),
            key=lambda file: file["width"],
        )
        return ", ".join(f"{folder}{file['path']} {file['width']}w" for file in files)

    def _largest(self, folder: str) -> str:
        """The widest file in the format that most programs can read; empty while there is none."""
        if not self.renditions:
            return ""
        file = max(self.renditions, key=lambda file: (FORMATS.index(file["format"]), file["width"]))
        return f"{folder}{file['path']}"


def pictures_of(
    product_pks: Iterable[int], *, shown_values: Mapping[int, str]
) -> dict[int, list[Picture]]:
    """Product pk → its pictures in their order, none of a colour that is not offered. One query.

    Those that are being prepared are among them; those that failed or were not fetched are not.
    """
    rows = _PICTURES.fetch(products=list(product_pks))
    pictures: dict[int, list[Picture]] = {}
    for product_pk, width, height, renditions, value_pk, code, colour in rows:
        if value_pk is None or value_pk in shown_values:
            picture = Picture(width, height, renditions, value_pk, code or "", colour)
            pictures.setdefault(product_pk, []).append(picture)
    return pictures


_PICTURES = Kept(
    lambda *, products: (
        ProductImage.objects.filter(among("product", products), state__in=SHOWN)
        .order_by("position", "pk")
        .values_list(
            "product_id",
            "width",
            "height",
            "renditions",
            "option_value_id",
            "option_value__code",
            "colour",
        )
    ),
    products=[-1],
)


def cover(pictures: Sequence[Picture]) -> Picture | None:
    """The one that stands for the product: the first that is ready, else the first."""
    return next((one for one in pictures if one.renditions), next(iter(pictures), None))
