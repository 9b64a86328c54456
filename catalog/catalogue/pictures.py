"""Pictures as pages need them: finished files only, through the storage that keeps them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypedDict

from django.core.files.storage import default_storage

from catalog.catalogue.shapes import ImageView
from catalog.models import ProductImage

# The formats a browser is offered, the smallest files first: it takes the first that it can read.
FORMATS = ("avif", "webp", "jpeg")


class Rendition(TypedDict):
    format: str
    width: int
    path: str


@dataclass(frozen=True, slots=True)
class Picture:
    width: int
    height: int
    renditions: list[Rendition]
    value_pk: int | None
    colour_code: str

    def view(self, *, product_name: str, value_names: Mapping[int, str]) -> ImageView:
        colour = value_names.get(self.value_pk, "") if self.value_pk else ""
        return ImageView(
            alt=f"{product_name}, {colour}" if colour else product_name,
            width=self.width,
            height=self.height,
            src=self._largest(),
            sources=[
                (f"image/{name}", srcset) for name in FORMATS if (srcset := self._srcset(name))
            ],
            colour_code=self.colour_code,
        )

    def _srcset(self, name: str) -> str:
        files = sorted(
            (file for file in self.renditions if file["format"] == name),
            key=lambda file: file["width"],
        )
        return ", ".join(f"{default_storage.url(file['path'])} {file['width']}w" for file in files)

    def _largest(self) -> str:
        """The widest file in the format that most programs can read."""
        file = max(self.renditions, key=lambda file: (FORMATS.index(file["format"]), file["width"]))
        return default_storage.url(file["path"])


def pictures_of(
    product_pks: Iterable[int], *, shown_values: Mapping[int, str]
) -> dict[int, list[Picture]]:
    """Product pk → its finished pictures, none of a colour that is not offered. One query."""
    rows = (
        ProductImage.objects.filter(product__in=list(product_pks))
        .exclude(renditions=[])
        .order_by("position", "pk")
        .values_list(
            "product_id", "width", "height", "renditions", "option_value_id", "option_value__code"
        )
    )
    pictures: dict[int, list[Picture]] = {}
    for product_pk, width, height, renditions, value_pk, code in rows:
        if value_pk is None or value_pk in shown_values:
            picture = Picture(width, height, renditions, value_pk, code or "")
            pictures.setdefault(product_pk, []).append(picture)
    return pictures
