"""The product feed for Google Merchant Center and whoever reads the same format (RSS 2.0 with g:).

One item for each variant. A feed of a large catalogue comes in parts, to be registered one by one.
Source: https://support.google.com/merchants/answer/7052112
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from catalog.catalogue.cards import read_card
from catalog.catalogue.offers import Offer, offers_of
from catalog.catalogue.shapes import ImageView, ProductCard
from catalog.models import Listing, ProductTranslation, Variant, VariantValue
from catalog.pictures import variant_pictures
from catalog.sitemaps import PART
from shop.core.money import CURRENCIES
from shop.core.xml import XmlWriter

BATCH = 500
_LONGEST_TITLE, _LONGEST_DESCRIPTION = 150, 5_000


@dataclass(frozen=True, slots=True)
class Batch:
    """Some products with all that an item says of them, by product or variant pk."""

    cards: dict[int, ProductCard]
    offers: dict[int, list[Offer]]
    descriptions: dict[int, str]
    sellers: dict[int, str]
    values: dict[int, dict[str, str]]
    pictures: dict[int, ImageView]
    barcodes: dict[int, str]


def write_feed(xml: XmlWriter, *, language: str, part: int) -> Iterator[None]:
    """Write a part of the feed to `xml`, pausing after each batch so that it can be sent."""
    xml.open("rss", {"version": "2.0", "xmlns:g": "http://base.google.com/ns/1.0"})
    xml.open("channel")
    xml.element("title", settings.SHOP_NAME)
    xml.element("link", settings.PUBLIC_URL)
    xml.element("description", settings.SHOP_NAME)
    last = part * PART - 1
    with override(language):
        while pks := _next_products(last, part):
            _items(xml, _read(pks, language))
            last = pks[-1]
            yield
    xml.close("channel")
    xml.close("rss")
    yield


def _next_products(last: int, part: int) -> list[int]:
    rows = Listing.objects.filter(product_id__gt=last, product_id__lt=(part + 1) * PART)
    return list(rows.order_by("product_id").values_list("product_id", flat=True)[:BATCH])


def _read(pks: Sequence[int], language: str) -> Batch:
    """Eight queries."""
    at, currency = timezone.now(), settings.DEFAULT_CURRENCY
    rows = Listing.objects.filter(product__in=pks).values_list(
        "product_id", "created_at", "card", "product__seller__name"
    )
    cards, sellers = {}, {}
    for pk, created_at, data, seller in rows:
        cards[pk] = read_card(
            data, created_at=created_at, language=language, currency=currency, at=at
        )
        sellers[pk] = seller
    values: dict[int, dict[str, str]] = {}
    named = VariantValue.objects.filter(
        variant__product__in=pks, value__translations__language=language
    ).values_list("variant_id", "option__code", "value__translations__name")
    for variant_pk, code, name in named:
        values.setdefault(variant_pk, {})[code] = name
    offers = offers_of(pks, currency=currency, at=at)
    texts = ProductTranslation.objects.filter(product__in=pks, language=language)
    barcodes = Variant.objects.filter(product__in=pks).exclude(barcode="")
    return Batch(
        cards=cards,
        offers=offers,
        descriptions=dict(texts.values_list("product_id", "description")),
        sellers=sellers,
        values=values,
        pictures=variant_pictures([offer.variant_pk for own in offers.values() for offer in own]),
        barcodes=dict(barcodes.values_list("pk", "barcode")),
    )


def _items(xml: XmlWriter, batch: Batch) -> None:
    for pk, card in batch.cards.items():
        for offer in batch.offers.get(pk, []):
            _item(xml, batch, pk, card, offer)


def _item(xml: XmlWriter, batch: Batch, pk: int, card: ProductCard, offer: Offer) -> None:
    values = batch.values.get(offer.variant_pk, {})
    address = settings.PUBLIC_URL + reverse("catalog:view_product", args=[card.slug])
    reduced = offer.compare_at_minor is not None
    fields = {
        "g:id": str(offer.public_id),
        "g:item_group_id": str(pk),
        "g:title": ", ".join([card.name, *values.values()])[:_LONGEST_TITLE],
        "g:description": (batch.descriptions.get(pk) or card.name)[:_LONGEST_DESCRIPTION],
        "g:link": f"{address}?{urlencode({'variant': offer.public_id})}",
        "g:image_link": _picture(batch.pictures.get(offer.variant_pk), card),
        "g:availability": "in_stock" if offer.available > 0 else "out_of_stock",
        "g:price": _price(offer.compare_at_minor if reduced else offer.price_minor, card.currency),
        "g:sale_price": _price(offer.price_minor, card.currency) if reduced else "",
        "g:brand": batch.sellers[pk],
        "g:gtin": batch.barcodes.get(offer.variant_pk, ""),
        "g:identifier_exists": "" if offer.variant_pk in batch.barcodes else "no",
        "g:condition": "new",
        "g:size": values.get("size", ""),
        "g:color": values.get("colour", ""),
        "g:shipping_weight": f"{offer.weight_grams} g" if offer.weight_grams else "",
    }
    xml.open("item")
    for name, text in fields.items():
        if text:
            xml.element(name, text)
    xml.close("item")


def _price(minor: int | None, currency: str) -> str:
    """`149000 IDR`, `12.50 SGD`."""
    return f"{Decimal(minor or 0).scaleb(-CURRENCIES[currency].decimals)} {currency}"


def _picture(own: ImageView | None, card: ProductCard) -> str:
    """In the variant's colour, or without one; the product's only where it has no other."""
    best = own if own and own.is_ready else card.ready_image
    return _absolute(best.src) if best else ""


def _absolute(url: str) -> str:
    return settings.PUBLIC_URL + url if url.startswith("/") else url
