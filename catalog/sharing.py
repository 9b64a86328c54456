"""What a page is shown as where somebody shares its link: Open Graph, and X after it."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from catalog.catalogue import ImageView, ProductCard, ProductPage, VariantView
from shop.core.money import CURRENCIES

# Wider ones only make a chat wait: they show it in some 600 pixels.
WIDEST = 1200
LOCALES = {"id": "id_ID", "en": "en_GB"}


@dataclass(frozen=True, slots=True)
class SharedImage:
    url: str
    mime: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True, slots=True)
class Share:
    """`url` is the page's canonical address; price and stock are of a product only."""

    kind: str
    title: str
    description: str
    url: str
    image: SharedImage | None
    locale: str
    other_locales: list[str]
    price: str = ""
    currency: str = ""
    availability: str = ""


def share_page(
    *,
    title: str,
    description: str,
    path: str,
    language: str,
    languages: Collection[str],
    cards: list[ProductCard],
) -> Share:
    """A page with cards, of which the first with a picture stands for it.

    `languages` are those in which it is written.
    """
    pictures = (card.ready_image for card in cards)
    return Share(
        kind="website",
        title=title,
        description=description,
        url=settings.PUBLIC_URL + path,
        image=shared_image(next((one for one in pictures if one), None)),
        locale=locale_of(language),
        other_locales=[locale_of(code) for code in languages if code != language],
    )


def share_product(
    product: ProductPage, variant: VariantView, *, path: str, language: str, currency: str
) -> Share:
    """`variant` is the one whose price stands for the product."""
    is_available = any(each.available > 0 for each in product.variants)
    return Share(
        kind="product",
        title=product.title,
        description=product.summary,
        url=settings.PUBLIC_URL + path,
        image=shared_image(next(iter(product.ready_images), None)),
        locale=locale_of(language),
        other_locales=[locale_of(code) for code in product.slugs if code != language],
        price=plain_amount(variant.price_minor, currency),
        currency=currency,
        availability="in stock" if is_available else "out of stock",
    )


def shared_image(image: ImageView | None) -> SharedImage | None:
    """The largest file that is not too large, in the format that most programs can read."""
    if image is None or not image.is_ready:
        return None
    mime, srcset = image.sources[-1]
    files = [(int(width.removesuffix("w")), url) for url, width in _files(srcset)]
    small_enough = [file for file in files if file[0] <= WIDEST]
    width, url = max(small_enough) if small_enough else min(files)
    return SharedImage(
        url=absolute(url),
        mime=mime,
        width=width,
        height=round(image.height * width / image.width),
        alt=image.alt,
    )


def _files(srcset: str) -> list[tuple[str, str]]:
    pairs = (file.rsplit(" ", 1) for file in srcset.split(", "))
    return [(url, width) for url, width in pairs]


def absolute(url: str) -> str:
    """Files lie beside the shop on a laptop and at a CDN on a server."""
    return settings.PUBLIC_URL + url if url.startswith("/") else url


def plain_amount(minor: int, currency: str) -> str:
    """As programs read it: `149000`, `12.50`."""
    return str(Decimal(minor).scaleb(-CURRENCIES[currency].decimals))


def locale_of(language: str) -> str:
    return LOCALES.get(language, language)
