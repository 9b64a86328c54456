"""Pictures that an import named are fetched afterwards, by workers, politely.

One message asks for a stretch of pictures of one host; no more than `PER_HOST` stretches of a host
are at work at once, each for a few seconds before it hands on. So a hundred thousand pictures
neither flood a supplier's server nor keep mails from being sent.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, transaction
from django.utils import translation

from catalog.imaging import StorageAway, fill_picture
from catalog.importing.fetching import NotFetched, fetch_picture
from catalog.models import ImageState, ImportRun, ProductImage
from shop.core import outbox
from shop.core.errors import DomainError

log = logging.getLogger(__name__)
TOPIC = "fetch-pictures"
PER_HOST = 2
SLICE_SECONDS = 20.0
# Longer than a slice with its last picture may take.
SLOT_SECONDS = 60
LOOK_AGAIN = timedelta(seconds=20)
ATTEMPTS = 5
CHUNK = 50


def ask_for(pictures: Sequence[tuple[int, str]], *, run: ImportRun) -> None:
    """Have the new pictures (primary key, URL) fetched once the batch is committed."""
    stretches: dict[str, list[int]] = defaultdict(list)
    for pk, url in pictures:
        stretches[host_of(url)].append(pk)
    for host, pks in stretches.items():
        key = f"{TOPIC}:{run.pk}:{pks[0]}"
        outbox.add(TOPIC, key=key, host=host, first=pks[0], last=pks[-1], attempt=1)


def host_of(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "")[:253]
    except ValueError:
        return ""


def fetch_stretch(payload: dict[str, Any]) -> None:
    """Handler of the outbox: fetch pictures of one host from `first` to `last`."""
    with _slot(payload["host"]) as is_free:
        if not is_free:
            _go_on(payload, delay=LOOK_AGAIN)
            return
        ends_at = time.monotonic() + SLICE_SECONDS
        for image in _waiting(payload):
            _fetch(image, payload)
            if time.monotonic() > ends_at:
                _go_on({**payload, "first": image.pk + 1})
                return


@contextmanager
def _slot(host: str) -> Iterator[bool]:
    """One of the few places that a host has, kept in the cache; without it nothing is fetched."""
    for number in range(PER_HOST):
        key = f"fetching:{host}:{number}"
        if cache.add(key, 1, SLOT_SECONDS):
            try:
                yield True
            finally:
                cache.delete(key)
            return
    yield False


def _go_on(payload: dict[str, Any], *, delay: timedelta = timedelta(0)) -> None:
    with transaction.atomic():
        outbox.add_later(TOPIC, delay, key=f"{TOPIC}:{uuid4()}", **payload)


def _waiting(payload: dict[str, Any]) -> Iterator[ProductImage]:
    first = payload["first"]
    while True:
        images = ProductImage.objects.filter(
            pk__gte=first, pk__lte=payload["last"], state=ImageState.FETCHING
        ).order_by("pk")[:CHUNK]
        found = list(images)
        yield from (image for image in found if host_of(image.source_url) == payload["host"])
        if len(found) < CHUNK:
            return
        first = found[-1].pk + 1


def _fetch(image: ProductImage, payload: dict[str, Any]) -> None:
    """The network first, the database afterwards; what fails for now is tried again later."""
    try:
        data = fetch_picture(image.source_url)
        fill_picture(image=image, data=data)
    except DomainError as error:
        is_passing = isinstance(error, StorageAway) or getattr(error, "is_passing", False)
        if is_passing and payload["attempt"] < ATTEMPTS:
            _try_again(image, payload)
        else:
            _give_up(image, error)
    except DatabaseError:
        # Not the picture's fault: the stretch comes again as a whole.
        raise
    except Exception:
        # An address or a file that nobody thought of keeps no other picture waiting.
        log.exception("picture_unexpected", extra={"image": image.pk})
        _give_up(image, NotFetched())


def _try_again(image: ProductImage, payload: dict[str, Any]) -> None:
    attempt = payload["attempt"]
    alone = {**payload, "first": image.pk, "last": image.pk, "attempt": attempt + 1}
    _go_on(alone, delay=timedelta(seconds=30 * 4**attempt))


def _give_up(image: ProductImage, error: DomainError) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        reason = error.user_message[:200]
    log.info("picture_not_fetched", extra={"image": image.pk, "reason": str(error)[:100]})
    ProductImage.objects.filter(pk=image.pk, state=ImageState.FETCHING).update(
        state=ImageState.FAILED, failure=reason
    )
