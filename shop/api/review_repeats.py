"""A review or a photo sent again: the same answer, and nothing written twice."""

from collections.abc import Callable, Mapping

from django.db import transaction

from orders.reviews.photos import StoredPhoto, discard, stored
from orders.reviews.pictures import Upload
from shop.core import idempotency
from shop.core.idempotency import RequestKey

Answer = Mapping[str, object]


def written_once(key: RequestKey, write: Callable[[], Answer]) -> object:
    """What `write` answered the first time; a refusal leaves the key as if never used.

    Raises KeyReused, StillWorking and what `write` raises.
    """
    with transaction.atomic():
        record, is_new = idempotency.claim(key)
        if not is_new:
            return record.response
        # Also the first time what was stored is sent: so every repeat is the same to the byte.
        return idempotency.finish(record.pk, status=201, response=write())[1]


def photo_once(
    key: RequestKey | None,
    upload: Upload,
    add: Callable[[list[StoredPhoto]], Answer],
) -> object:
    """As `written_once`, with a file that is stored before the transaction begins."""
    with stored([upload]) as photos:
        if key is None:
            return add(photos)
        is_used = False

        def write() -> Answer:
            nonlocal is_used
            is_used = True
            return add(photos)

        answer = written_once(key, write)
    if not is_used:
        discard(photos)
    return answer
