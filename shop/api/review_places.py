"""Where to go on in a list of reviews: an opaque, signed place that clients cannot make up."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from django.core.signing import BadSignature, Signer

from orders.reviews.showing import DEFAULT_SORT, PAGE_SIZE, Choice
from shop.api.errors import InvalidCursor

_signer = Signer(salt="shop.api.review_places")


@dataclass(frozen=True, slots=True)
class ReviewPlace:
    """One page of the reviews of one product, which is named too: a cursor goes with no other."""

    product: int
    rating: int
    size: str
    sort: str
    page_size: int
    page: int

    @classmethod
    def of(cls, query: dict[str, Any], *, product: int) -> Self:
        """From the checked query. Raises InvalidCursor."""
        if "cursor" not in query:
            return cls(
                product=product,
                rating=query.get("rating", 0),
                size=query.get("size", ""),
                sort=query.get("sort", DEFAULT_SORT),
                page_size=query.get("page_size", PAGE_SIZE),
                page=1,
            )
        try:
            place = cls(**_signer.unsign_object(query["cursor"]))
        except BadSignature as error:
            raise InvalidCursor from error
        told = {name: value for name, value in query.items() if name != "cursor"}
        if ({"product": product} | told).items() - asdict(place).items():
            raise InvalidCursor
        return place

    def choice(self) -> Choice:
        return Choice(self.rating, self.size, self.sort, self.page)

    def cursor(self) -> str:
        # Signed without a time: the same page has the same address, and so the same ETag.
        return _signer.sign_object(asdict(self))
