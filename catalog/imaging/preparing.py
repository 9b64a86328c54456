"""The worker's part: an original becomes the files that pages show.

May run twice, late, or beside itself. What it finds is taken over by one conditional UPDATE that
names the original: of a picture that was replaced or deleted meanwhile nothing old can win.
"""

import logging
from typing import Any, TypedDict

from celery.exceptions import SoftTimeLimitExceeded
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.imaging import files
from catalog.imaging.reading import (
    PictureBroken,
    PictureMoves,
    PictureRefused,
    PictureUnknown,
    too_large,
)
from catalog.imaging.rendering import make_master, render
from catalog.imaging.uploads import UPLOADED
from catalog.models import ProductImage
from shop.core import outbox

log = logging.getLogger(__name__)
# How often a worker may begin a picture and not live to say how it ended.
MAX_STARTS = 3


class File(TypedDict):
    """One entry of `ProductImage.renditions`."""

    format: str
    width: int
    path: str


class PictureTooDemanding(PictureRefused):
    code = "picture_too_demanding"
    message = _(
        "The picture takes too much time or memory to prepare. "
        "Save it smaller or as a plain JPEG and upload it again."
    )


class PictureLost(PictureRefused):
    code = "picture_lost"
    message = _("The uploaded file is gone. Delete the picture and upload it again.")


FAILURES: dict[str, PictureRefused] = {
    refusal.code: refusal
    for refusal in (
        PictureBroken(),
        PictureLost(),
        PictureMoves(),
        PictureTooDemanding(),
        PictureUnknown(),
        too_large(),
    )
}


def failure_text(image: ProductImage) -> str:
    """Why the picture failed, in the active language; empty where it did not."""
    if image.state != ProductImage.State.FAILED:
        return ""
    known = FAILURES.get(image.failure)
    return known.user_message if known else image.failure


def register_handlers() -> None:
    outbox.register(UPLOADED, _deliver_uploaded)
    outbox.register(files.UNUSED, _deliver_unused)


def _deliver_uploaded(payload: dict[str, Any]) -> None:
    prepare_picture(
        image_id=payload["image_id"], original=payload["original"], width=payload["width"]
    )


def _deliver_unused(payload: dict[str, Any]) -> None:
    files.delete_unused(payload["original"], payload["names"])


def prepare_picture(*, image_id: int, original: str, width: int) -> None:
    """Make the files of the picture while that is still its original, or say why it failed.

    Raises only what the storage or the database does; then it may be tried again.
    """
    waiting = ProductImage.objects.filter(
        pk=image_id, file=original, state=ProductImage.State.PROCESSING
    )
    # While a picture is being prepared, `failure` counts the starts that nobody lived to end.
    starts = waiting.values_list("failure", flat=True).first()
    is_taken = False
    if starts is not None:
        try:
            is_taken = _prepare(waiting, original, starts)
        except PictureRefused as refusal:
            is_taken = _fail(waiting, refusal)
        except SoftTimeLimitExceeded:
            is_taken = _fail(waiting, PictureTooDemanding())
        except Exception:
            # Not the picture's fault: the storage is away. The outbox comes back.
            waiting.update(failure=starts)
            raise
    if not is_taken:
        files.delete_unused(original, files.all_names(original, width=width))


def _prepare(waiting: QuerySet[ProductImage], original: str, starts: str) -> bool:
    """Returns whether the picture was still waiting when its files were there."""
    if len(starts) >= MAX_STARTS:
        raise PictureTooDemanding
    waiting.update(failure=f"{starts}.")
    master = make_master(_read(original))
    # From now on its place on the page has its colour.
    waiting.update(colour=master.colour)
    made: list[File] = []
    for rendition in render(master):
        name = files.finished_name(original, width=rendition.width, kind=rendition.kind)
        path = files.store_finished(name, rendition.data)
        made.append({"format": rendition.kind, "width": rendition.width, "path": path})
    return bool(
        waiting.update(
            renditions=made,
            width=master.width,
            height=master.height,
            state=ProductImage.State.READY,
            failure="",
        )
    )


def _read(original: str) -> bytes:
    try:
        return files.read_original(original)
    except FileNotFoundError as error:
        raise PictureLost from error


def _fail(waiting: QuerySet[ProductImage], refusal: PictureRefused) -> bool:
    """Returns whether the picture was still waiting."""
    log.warning("picture_failed", extra={"code": refusal.code, "detail": str(refusal)})
    return bool(waiting.update(state=ProductImage.State.FAILED, failure=refusal.code))
