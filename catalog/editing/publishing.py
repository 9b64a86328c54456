"""When customers see a product, and what it needs before."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from catalog.catalogue.offers import prices_now
from catalog.editing.products import clock, lock_product
from catalog.models import Product
from shop.core.errors import DomainError


class NotReady(DomainError):
    """Something that customers need is missing. `missing` are sentences that say what to do."""

    code = "not_ready"

    def __init__(self, missing: list[str]) -> None:
        super().__init__(" ".join(missing))
        self.missing = missing

    @property
    def user_message(self) -> str:
        return " ".join([_("Not published yet."), *self.missing])


@transaction.atomic
def publish(*, product_pk: int) -> Product:
    """Show the product to customers, within the dates that it has. Raises NotReady."""
    product = lock_product(product_pk)
    at = clock()
    missing = missing_for_publishing(product, at=at)
    if missing:
        raise NotReady(missing)
    return _set_published(product, is_published=True, at=at)


@transaction.atomic
def take_off(*, product_pk: int) -> Product:
    """Customers no longer see the product; orders that have it are not touched."""
    return _set_published(lock_product(product_pk), is_published=False, at=clock())


def _set_published(product: Product, *, is_published: bool, at: datetime) -> Product:
    product.is_published = is_published
    product.updated_at = at
    product.save(update_fields=["is_published", "updated_at"])
    return product


def missing_for_publishing(product: Product, *, at: datetime) -> list[str]:
    """What to do before customers can see and buy it, as sentences. Two queries."""
    missing = []
    text = product.translations.filter(language=settings.LANGUAGE_CODE).first()
    language = dict(settings.LANGUAGES)[settings.LANGUAGE_CODE]
    if text is None or not text.name.strip():
        missing.append(_("Enter its name in %(language)s.") % {"language": language})
    elif not text.slug:
        missing.append(_("Enter its slug in %(language)s.") % {"language": language})
    begins_at = max(at, product.publish_from or at)
    if product.publish_until is not None and product.publish_until <= begins_at:
        missing.append(_("The date until which it is published has passed: change or empty it."))
    if not is_priced(product, at=begins_at):
        missing.append(_("Give at least one active variant a price."))
    return missing


def is_priced(product: Product, *, at: datetime) -> bool:
    """Whether there is something to buy at that time, be it sold out or not. One query."""
    prices = prices_now(currency=settings.DEFAULT_CURRENCY, at=at)
    return prices.filter(variant__product=product).exists()
