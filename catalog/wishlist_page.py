"""What a wishlist shows: each product as it is today, beside what it was when it was kept."""

from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from catalog.catalogue import ProductCard
from catalog.catalogue.cards import cards_by_product
from catalog.catalogue.languages import in_language
from catalog.models import ProductTranslation, Wishlist, WishlistLine
from shop.core.money import Money


@dataclass(frozen=True, slots=True)
class KeptProduct:
    """`card` is None once it is not on display any more; slug and name stay, to remove it by."""

    slug: str
    name: str
    card: ProductCard | None
    kept_price: Money

    @property
    def is_cheaper(self) -> bool:
        """Than when it was kept, in the same currency."""
        return (
            self.card is not None
            and self.card.currency == self.kept_price.currency
            and self.card.price_minor < self.kept_price.minor
        )


def show_wishlist(*, wishlist: Wishlist, language: str, currency: str) -> list[KeptProduct]:
    """The newest first. Three queries."""
    lines = list(
        WishlistLine.objects.filter(wishlist=wishlist)
        .order_by("-created_at", "-pk")
        .values_list("product_id", "price_minor", "currency")
    )
    products = [product_pk for product_pk, *_price in lines]
    cards = cards_by_product(products, language=language, currency=currency, at=timezone.now())
    texts = _texts(products, language)
    return [
        KeptProduct(
            slug=texts[product_pk][0],
            name=texts[product_pk][1],
            card=cards.get(product_pk),
            kept_price=Money(price_minor, kept_currency),
        )
        for product_pk, price_minor, kept_currency in lines
        if product_pk in texts
    ]


def kept_slugs(*, token: UUID, language: str) -> list[str]:
    """Of the products on the list, as pages in the language call them. One query."""
    rows = (
        ProductTranslation.objects.filter(
            product__in=WishlistLine.objects.filter(wishlist__token=token).values("product_id")
        )
        .order_by("product_id", "language")
        .values_list("product_id", "language", "slug")
    )
    return list(in_language(rows, language).values())


def _texts(products: list[int], language: str) -> dict[int, tuple[str, str]]:
    rows = (
        ProductTranslation.objects.filter(product__in=products)
        .order_by("product_id", "language")
        .values_list("product_id", "language", "slug", "name")
    )
    return in_language(((pk, code, (slug, name)) for pk, code, slug, name in rows), language)
