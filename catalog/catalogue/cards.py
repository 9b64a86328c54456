"""Cards of products, from what the database has put together for them (`Listing.card`)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from catalog.catalogue.languages import in_language
from catalog.catalogue.pictures import Picture
from catalog.catalogue.shapes import ImageView, ProductCard, Swatch
from catalog.models import Listing, ProductTranslation

NEW_FOR = timedelta(days=30)
# Cards have the name of the shown colour at hand; any number stands for its value.
_SHOWN = 1


def read_card(
    data: Mapping[str, Any], *, created_at: datetime, language: str, currency: str, at: datetime
) -> ProductCard:
    """In the language or, where the product is not written in it, in the first other one."""
    texts = data["text"]
    text = texts.get(language) or texts[min(texts)]
    rating_sum, rating_count = data["rating"]
    return ProductCard(
        slug=text["slug"],
        name=text["name"],
        price_minor=data["price"],
        compare_at_minor=data["before"],
        currency=currency,
        price_varies=data["varies"],
        image=_image(data["image"], text),
        swatches=[
            Swatch(name=name, hex=colour)
            for name, colour in zip(text["swatches"], data["swatches"], strict=True)
        ],
        colour_count=len(data["swatches"]),
        rating_sum=rating_sum,
        rating_count=rating_count,
        is_new=at - created_at < NEW_FOR,
        is_available=data["available"],
    )


def _image(image: Mapping[str, Any] | None, text: Mapping[str, Any]) -> ImageView | None:
    if image is None:
        return None
    picture = Picture(
        width=image["width"],
        height=image["height"],
        renditions=image["renditions"],
        value_pk=_SHOWN,
        colour_code=image["value"],
        colour=image["colour"],
    )
    return picture.view(product_name=text["name"], value_names={_SHOWN: text["colour"] or ""})


def cards_of(
    product_pks: Sequence[int], *, language: str, currency: str, at: datetime
) -> list[ProductCard]:
    """Cards of these products in this order, without those that are not on display. One query."""
    cards = cards_by_product(product_pks, language=language, currency=currency, at=at)
    return [cards[pk] for pk in product_pks if pk in cards]


def cards_of_slugs(slugs: Sequence[str], *, language: str, currency: str) -> list[ProductCard]:
    """Cards of the products with these slugs, in this order; unknown ones are left out.

    A slug means the product of the language; else that of another language. Two queries.
    """
    rows = (
        ProductTranslation.objects.filter(slug__in=[slug for slug in slugs if "\x00" not in slug])
        .order_by("language")
        .values_list("slug", "language", "product_id")
    )
    found = in_language(rows, language)
    # The same product under two names is shown once.
    pks = dict.fromkeys(found[slug] for slug in slugs if slug in found)
    return cards_of(list(pks), language=language, currency=currency, at=timezone.now())


def cards_by_product(
    product_pks: Sequence[int], *, language: str, currency: str, at: datetime
) -> dict[int, ProductCard]:
    """Product pk → its card, of those that are on display. One query."""
    rows = Listing.objects.filter(product__in=product_pks).values_list(
        "product_id", "created_at", "card"
    )
    return {
        pk: read_card(card, created_at=created_at, language=language, currency=currency, at=at)
        for pk, created_at, card in rows
    }
