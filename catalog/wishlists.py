"""Wishlists: products that somebody keeps, found by token. Nothing is promised or reserved."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.catalogue.product import ProductNotFound, find_texts
from catalog.models import Listing, Product, Wishlist, WishlistLine
from shop.core.errors import DomainError, NotFound
from shop.core.throttle import Limit

MAX_LINES = 200
# As long as its cookie, after the last change.
KEPT_FOR = timedelta(days=365)
EMPTY_FOR = timedelta(days=1)
# New ones from one network; a whole town's phones may share one address of their provider.
LIMITS = (Limit(times=120, seconds=3600), Limit(times=500, seconds=86_400))
_AT_ONCE = 1000


class WishlistNotFound(NotFound):
    code = "wishlist_not_found"
    message = _("This wishlist no longer exists. Please start a new one.")


class WishlistFull(DomainError):
    code = "wishlist_full"
    message = _("Your wishlist is full: it holds {limit} products. Remove one to keep another.")

    def __init__(self) -> None:
        super().__init__(f"more than {MAX_LINES}", limit=MAX_LINES)


def new_wishlist() -> Wishlist:
    return Wishlist.objects.create()


def wishlist_of_account(*, customer_id: int) -> Wishlist:
    """The one of the account, made if there is none yet."""
    return Wishlist.objects.get_or_create(customer_id=customer_id)[0]


def get_wishlist(*, token: UUID, customer_id: int | None = None) -> Wishlist:
    """A guest's by its token; an account's only for who is signed in. Raises WishlistNotFound."""
    wishlist = Wishlist.objects.filter(token=token, customer=customer_id).first()
    if wishlist is None:
        raise WishlistNotFound
    return wishlist


@transaction.atomic
def keep(
    *,
    token: UUID | None,
    slug: str,
    language: str,
    currency: str,
    customer_id: int | None = None,
) -> Wishlist:
    """Keep the product with this slug, on a new wishlist if there is none. Safe to repeat.

    Who keeps it twice keeps the price of the first time. Raises ProductNotFound, WishlistFull;
    then nothing has changed.
    """
    product_pk, price_minor = _on_display(slug=slug, language=language)
    # Whoever adds waits for the row: that makes one line of two clicks, and the limit a limit.
    locked = Wishlist.objects.select_for_update(of=("self",), no_key=True)
    wishlist = locked.filter(token=token, customer=customer_id).first() if token else None
    wishlist = wishlist or new_wishlist()
    _touch(wishlist)
    if wishlist.lines.filter(product=product_pk).exists():
        return wishlist
    if wishlist.lines.count() >= MAX_LINES:
        raise WishlistFull
    WishlistLine.objects.create(
        wishlist=wishlist, product_id=product_pk, price_minor=price_minor, currency=currency
    )
    return wishlist


def _on_display(*, slug: str, language: str) -> tuple[int, int]:
    """Key and lowest price now of the product with the slug. Raises ProductNotFound."""
    on_sale = Product.objects.on_sale(at=timezone.now()).filter(translations__slug=slug)
    texts = find_texts(on_sale, language, slug)
    product_pk = next(iter(texts.values())).product_id
    price = Listing.objects.filter(product=product_pk).values_list("price_minor", flat=True).first()
    if price is None:
        raise ProductNotFound(slug)
    return product_pk, price


def drop(*, token: UUID, slug: str, language: str, customer_id: int | None = None) -> Wishlist:
    """Take the product off the list, also one that is no longer sold. Safe to repeat.

    Raises WishlistNotFound.
    """
    wishlist = get_wishlist(token=token, customer_id=customer_id)
    named = wishlist.lines.filter(product__translations__slug=slug).values_list(
        "product__translations__language", "pk"
    )
    # Two products may have the slug, in different languages; the one of this language is meant.
    lines = dict(named)
    meant = [lines[language]] if language in lines else list(lines.values())
    wishlist.lines.filter(pk__in=meant).delete()
    _touch(wishlist)
    return wishlist


def _touch(wishlist: Wishlist) -> None:
    Wishlist.objects.filter(pk=wishlist.pk).update(touched_at=timezone.now())


def prune() -> None:
    """Forget guests' lists that nobody has touched for a year, and empty ones after a day."""
    while _prune_some() == _AT_ONCE:
        pass


@transaction.atomic
def _prune_some() -> int:
    now = timezone.now()
    lines = WishlistLine.objects.filter(wishlist=OuterRef("pk"))
    over = Wishlist.objects.filter(
        Q(touched_at__lt=now - KEPT_FOR) | (Q(touched_at__lt=now - EMPTY_FOR) & ~Exists(lines)),
        customer=None,
    )
    # Whoever keeps something on it at this moment holds the row, and is left alone.
    locked = over.select_for_update(skip_locked=True, of=("self",))
    pks = list(locked.values_list("pk", flat=True)[:_AT_ONCE])
    Wishlist.objects.filter(pk__in=pks).delete()
    return len(pks)
