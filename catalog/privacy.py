"""What the catalogue keeps of a person: what they would like to have."""

from catalog.models import StockAlert, Waiting, WishlistLine
from shop.core import privacy
from shop.core.privacy import Person, Told, rows

VARIANT = {"product_id": "variant__product__public_id", "sku": "variant__sku"}


def register() -> None:
    privacy.register("catalog", export=export)


def export(person: Person) -> Told:
    return {
        "wishlist": rows(
            WishlistLine.objects.filter(
                wishlist__customer=person.user_id, wishlist__customer__isnull=False
            ).order_by("pk"),
            product_id="product__public_id",
            price_when_kept_minor="price_minor",
            currency="currency",
            kept_at="created_at",
        ),
        "stock_alerts": rows(
            StockAlert.objects.filter(email__iexact=person.email).order_by("pk"),
            **VARIANT,
            email="email",
            asked_at="created_at",
            confirmed_at="confirmed_at",
            notified_at="notified_at",
        ),
        "places_in_queues": rows(
            Waiting.objects.filter(email__iexact=person.email).order_by("pk"),
            **VARIANT,
            email="email",
            quantity="quantity",
            state="state",
            since="created_at",
        ),
    }
