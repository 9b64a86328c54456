"""Where to go on in a list: an opaque, signed place that clients cannot make up."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.signing import BadSignature, Signer

from shop.api.errors import InvalidCursor

_signer = Signer(salt="shop.api.cursors")

Position = tuple[datetime | int, int]


@dataclass(frozen=True, slots=True)
class ListCursor:
    """The place in one list; `list_id` tells it from all others, so that it goes with no other.

    A list by a column goes on after a position: what it is sorted by, and the primary key. Nothing
    that comes or goes meanwhile repeats or skips a product. A search goes on with a page.
    """

    list_id: str
    after: Position | None = None
    page: int = 1

    def text(self) -> str:
        # Signed without a time: the same page has the same address, and so the same ETag.
        return _signer.sign_object([self.list_id, self.page, _written(self.after)])


def list_id(query: Mapping[str, Any]) -> str:
    """A short name of the list that a query asks for, whatever the order of its parameters."""
    told = {name: _unordered(value) for name, value in query.items() if name != "cursor"}
    text = json.dumps(told, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def read_cursor(text: str, *, of: str) -> ListCursor:
    """The place that a client sends back. Raises InvalidCursor, for one of another list too."""
    try:
        name, page, after = _signer.unsign_object(text)
    except (BadSignature, ValueError, TypeError) as error:
        raise InvalidCursor from error
    if name != of:
        raise InvalidCursor
    return ListCursor(list_id=name, page=page, after=_read(after))


def _unordered(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else value


def _written(after: Position | None) -> list[str | int] | None:
    if after is None:
        return None
    value, product_pk = after
    # To the microsecond, or the product at the edge would come twice or never.
    return [value.isoformat() if isinstance(value, datetime) else value, product_pk]


def _read(after: list[Any] | None) -> Position | None:
    if after is None:
        return None
    value, product_pk = after
    return datetime.fromisoformat(value) if isinstance(value, str) else value, product_pk
