"""One editor at a time: the row of the product is the lock, its `updated_at` the token."""

from datetime import datetime

from django.db import connection
from django.utils.translation import gettext_lazy as _

from catalog.models import Product
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
