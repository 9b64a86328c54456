"""Pictures of products: taken in, made ready off-request, put in order, given up with their files.

An upload is looked at (`reading`), its original stored privately (`files`), and the rest is a
worker's (`preparing`, `rendering`): turned upright, brought to sRGB, stripped of everything that is
not the picture, written anew as AVIF and WebP in several widths. Pages show these files only.
"""

from catalog.imaging.arranging import (
    arrange_pictures,
    move_picture,
    remove_picture,
    remove_pictures,
    show_colours,
)
from catalog.imaging.files import StorageAway
from catalog.imaging.preparing import failure_text, register_handlers
from catalog.imaging.reading import MAX_BYTES, MAX_PIXELS, MAX_PIXELS_OF_JPEG, PictureRefused
from catalog.imaging.uploads import PictureGone, accept_picture, fill_picture, retry_picture

__all__ = [
    "MAX_BYTES",
    "MAX_PIXELS",
    "MAX_PIXELS_OF_JPEG",
    "PictureGone",
    "PictureRefused",
    "StorageAway",
    "accept_picture",
    "arrange_pictures",
    "failure_text",
    "fill_picture",
    "move_picture",
    "register_handlers",
    "remove_picture",
    "remove_pictures",
    "retry_picture",
    "show_colours",
]
