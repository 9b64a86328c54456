"""Where to go on in a list: an opaque, signed place that clients cannot make up."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from django.core.signing import BadSignature, Signer

from shop.api.errors import InvalidCursor

_signer = Signer(salt="shop.api.cursors")


@dataclass(frozen=True, slots=True)
class Place:
    """One page of one list. The list is named too, so that a cursor goes with no other."""

    category: str
    sort: str
    page_size: int
    page: int

    @classmethod
    def of(cls, query: dict[str, Any]) -> Self:
        """From the checked query. Raises InvalidCursor."""
        if "cursor" not in query:
            return cls(
                category=query.get("category", ""),
                sort=query.get("sort", "newest"),
                page_size=query.get("page_size", 24),
                page=1,
            )
        try:
            place = cls(**_signer.unsign_object(query["cursor"]))
        except BadSignature as error:
            raise InvalidCursor from error
        told = {name: value for name, value in query.items() if name != "cursor"}
        if told.items() - asdict(place).items():
            raise InvalidCursor
        return place

    def cursor(self) -> str:
        # Signed without a time: the same page has the same address, and so the same ETag.
        return _signer.sign_object(asdict(self))
