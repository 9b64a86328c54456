"""What the pages of the queue show."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from catalog.catalogue.names import variant_names
from catalog.models import Variant, Waiting
from catalog.waiting import Queue, WaitingNotFound, ahead_of, find_waiting, queue_of
from orders.goods import product_text


@dataclass(frozen=True, slots=True)
class QueuePage:
    variant_id: UUID
    name: str
    slug: str
    queue: Queue


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """`ahead` people are served before; `is_held` while it can be taken."""

    waiting: Waiting
    name: str
    slug: str
    queue: Queue
    ahead: int
    is_held: bool

    @property
    def held_until(self) -> datetime | None:
        return self.waiting.hold_until if self.is_held else None


def show_queue(*, variant_id: str, language: str) -> QueuePage:
    """Raises WaitingNotFound for what is no variant that is sold."""
    try:
        wanted = UUID(variant_id)
    except ValueError as error:
        raise WaitingNotFound from error
    variant = Variant.objects.filter(public_id=wanted, is_active=True).first()
    if variant is None:
        raise WaitingNotFound
    name, slug = _names(variant, language)
    return QueuePage(wanted, name, slug, queue_of(variant_pk=variant.pk))


def show_waiting(*, token: UUID, language: str) -> WaitingPage:
    """Raises WaitingNotFound."""
    waiting = find_waiting(token=token)
    name, slug = _names(waiting.variant, language)
    return WaitingPage(
        waiting=waiting,
        name=name,
        slug=slug,
        queue=queue_of(variant_pk=waiting.variant_id),
        ahead=ahead_of(waiting),
        is_held=waiting.is_held(at=timezone.now()),
    )


def _names(variant: Variant, language: str) -> tuple[str, str]:
    _name, slug = product_text(variant.product_id, language=language)
    return variant_names([variant.pk], language).get(variant.pk, variant.sku), slug
