"""One editor at a time: the row of the product is the lock, its `updated_at` the token."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext_lazy as _

from catalog.models import Product, StockItem, Variant
from shop.core.errors import DomainError, NotFound


class EditedMeanwhile(DomainError):
    """Somebody saved the product after the page was opened; nothing was changed."""

    code = "edited_meanwhile"
    message = _("Somebody else has saved this product since you opened the page.")


class NoSuchProduct(NotFound):
    code = "no_such_product"
    message = _("This product does not exist any more.")


def lock_product(product_pk: int, *, seen: datetime | None = None) -> Product:
    """The product, locked until the transaction ends; call it first.

    `seen` is the `updated_at` of the page that was filled in. Raises NoSuchProduct,
    EditedMeanwhile.
    """
    product = (
        Product.objects.select_for_update(of=("self",), no_key=True).filter(pk=product_pk).first()
    )
    if product is None:
        raise NoSuchProduct(str(product_pk))
    if seen is not None and product.updated_at != seen:
        raise EditedMeanwhile(str(product_pk))
    return product


def lock_products_of(variant_pks: Iterable[int]) -> None:
    """The products of these variants, locked in the order of keys until the transaction ends."""
    rows = Product.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    variants = Variant.objects.filter(pk__in=list(variant_pks))
    list(rows.filter(pk__in=variants.values("product")).values_list("pk", flat=True))


class StockLeftBehind(DomainError):
    """The product's goods lie with another seller than the new one; nothing was changed."""

    code = "stock_left_behind"
    message = _(
        "{units} units of this product lie at {places}, and {reserved} of them are reserved for"
        " orders. Another seller can take it over once none is left there: wait for the orders, and"
        " book out the rest."
    )


def require_nothing_left(product: Product, *, seller_pk: int) -> None:
    """Before a product that the caller has locked changes hands. Raises StockLeftBehind."""
    left = StockItem.objects.filter(variant__product=product, on_hand__gt=0).exclude(
        location__seller=seller_pk
    )
    rows = list(left.values_list("location__name", "on_hand", "reserved").order_by("location"))
    if rows:
        raise StockLeftBehind(
            units=sum(on_hand for _name, on_hand, _reserved in rows),
            reserved=sum(reserved for _name, _on_hand, reserved in rows),
            places=", ".join(dict.fromkeys(name for name, _on_hand, _reserved in rows)),
        )


def touch(product: Product, *, at: datetime) -> None:
    """What hangs on the product has changed: pages that were opened before are out of date."""
    product.updated_at = at
    product.save(update_fields=["updated_at"])


def clock() -> datetime:
    """The database's time: several web servers may disagree about what is later, it does not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now
