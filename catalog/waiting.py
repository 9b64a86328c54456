"""Waiting for the last units while others have them reserved: join, confirm, take, leave, lapse.

Anybody can type any address, so that a place counts only once its mailbox has been heard of.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F, Min, QuerySet, Sum
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from catalog.catalogue.names import variant_names
from catalog.handing_over import TOPIC, hand_over
from catalog.inventory import release
from catalog.models import Reservation, StockItem, Variant, Waiting, WaitingState
from catalog.models.waiting import OPEN
from shop.core import mail, outbox, throttle
from shop.core.errors import DomainError, NotFound
from shop.core.kept import Kept
from shop.core.throttle import Limit

CONFIRM_TOPIC = "waiting-confirm"
MOST = 5
UNCONFIRMED_FOR = timedelta(days=1)
LIMITS = (Limit(times=10, seconds=3600), Limit(times=30, seconds=86_400))
# Whoever enters a stranger's address from many networks does not fill the stranger's mailbox.
LIMITS_OF_AN_ADDRESS = (Limit(times=10, seconds=86_400),)


class WaitingNotFound(NotFound):
    code = "waiting_not_found"
    message = _("This place in the queue no longer exists.")


class NothingReserved(DomainError):
    """There is nothing to wait for: it is free, or wholly sold."""

    code = "nothing_reserved"
    message = _("Nobody has to wait here: it is in stock, or all of it has been sold.")


class HoldOver(DomainError):
    code = "hold_over"
    message = _("The time in which it was held for you is over; the next in the queue has it.")


@dataclass(frozen=True, slots=True)
class Queue:
    """What can be said of a variant whose last units are only reserved.

    `units` are on the shelf and reserved; the first of them is free at `until` at the latest,
    unless it is paid. `waiting` people are in the queue.
    """

    units: int
    until: datetime | None
    waiting: int
    is_free: bool

    @property
    def is_open(self) -> bool:
        return not self.is_free and self.units > 0


def register_handlers() -> None:
    outbox.register(TOPIC, tell)
    outbox.register(CONFIRM_TOPIC, tell_place)


def queue_of(*, variant_pk: int) -> Queue:
    """Three queries. Units of every place together."""
    stock = StockItem.objects.filter(variant=variant_pk).aggregate(
        on_hand=Sum("on_hand"), reserved=Sum("reserved")
    )
    held = Reservation.objects.filter(
        stock_item__variant=variant_pk, state=Reservation.State.HELD
    ).aggregate(until=Min("expires_at"))
    waiting = Waiting.objects.filter(variant=variant_pk, state=WaitingState.WAITING).count()
    on_hand, reserved = stock["on_hand"] or 0, stock["reserved"] or 0
    return Queue(units=on_hand, until=held["until"], waiting=waiting, is_free=on_hand > reserved)


def somebody_waits(*, variant_pks: Collection[int]) -> bool:
    """Whether anybody is in the queue for one of these."""
    return Waiting.objects.filter(variant__in=variant_pks, state=WaitingState.WAITING).exists()


def count_try(*, email: str, network: str) -> None:
    """Before each `join` of a visitor. Raises Throttled."""
    throttle.count("waiting", network=network, limits=LIMITS)
    throttle.count("waiting-address", network=email.strip().lower(), limits=LIMITS_OF_AN_ADDRESS)


@transaction.atomic
def join(
    *, variant_id: UUID, quantity: int, email: str, language: str, is_own: bool = False
) -> Waiting:
    """A place at the end of the queue; the one that the address has already, if it has one.

    It counts once it is confirmed by the link that is mailed to the address, or at once where that
    `is_own`: of whoever is signed in. Only then the place may be shown to who asks. Raises
    WaitingNotFound, NothingReserved.
    """
    variants = Variant.objects.select_related("product")
    variant = variants.filter(public_id=variant_id, is_active=True).first()
    if variant is None:
        raise WaitingNotFound
    if not queue_of(variant_pk=variant.pk).is_open:
        raise NothingReserved
    place, _is_new = Waiting.objects.get_or_create(
        variant=variant,
        email=email.strip().lower(),
        state__in=OPEN,
        defaults={
            "quantity": min(max(quantity, 1), variant.product.purchase_limit or MOST, MOST),
            "language": language,
            "state": WaitingState.ASKED,
        },
    )
    if is_own:
        return confirm(token=place.token)
    # Also to who has a place already: the mail before may be lost. `count_try` keeps them few.
    outbox.add(CONFIRM_TOPIC, key=f"{CONFIRM_TOPIC}:{uuid4()}", waiting_id=place.pk)
    return place


@transaction.atomic
def confirm(*, token: UUID) -> Waiting:
    """The place counts from now on, in the order in which it was taken. Safe to repeat.

    Raises WaitingNotFound.
    """
    waiting = Waiting.objects.locked().filter(token=token).first()
    if waiting is None:
        raise WaitingNotFound
    if waiting.state == WaitingState.ASKED:
        waiting.move_to(WaitingState.WAITING)
        waiting.save(update_fields=["state"])
        items = StockItem.objects.filter(variant=waiting.variant_id)
        hand_over(stock_item_ids=items.values_list("pk", flat=True))
        waiting.refresh_from_db()
    return waiting


def prune() -> None:
    """Forget places, and addresses, that nobody has confirmed."""
    before = timezone.now() - UNCONFIRMED_FOR
    Waiting.objects.filter(state=WaitingState.ASKED, created_at__lt=before).delete()


def find_waiting(*, token: UUID) -> Waiting:
    """Raises WaitingNotFound."""
    waiting = Waiting.objects.select_related("variant").filter(token=token).first()
    if waiting is None:
        raise WaitingNotFound
    return waiting


def ahead_of(waiting: Waiting) -> int:
    """How many will be served before."""
    return Waiting.objects.filter(
        variant=waiting.variant_id, state=WaitingState.WAITING, pk__lt=waiting.pk
    ).count()


@transaction.atomic
def claim(*, token: UUID, bearer: UUID) -> tuple[Waiting, bool]:
    """What is held is for this cart from now on; returns it, and whether it was not before.

    Safe to repeat; another cart may take it over. Raises WaitingNotFound, HoldOver.
    """
    waiting = Waiting.objects.locked().filter(token=token).first()
    if waiting is None:
        raise WaitingNotFound
    if not waiting.is_held(at=timezone.now()):
        raise HoldOver
    is_new = waiting.bearer != bearer
    waiting.bearer = bearer
    waiting.save(update_fields=["bearer"])
    return waiting, is_new


@dataclass(frozen=True, slots=True)
class Hold:
    """Units that are reserved for a cart. `holder` is who has them until they are ordered."""

    waiting_pk: int
    holder: UUID
    quantity: int
    until: datetime


def holds_of(*, bearer: UUID) -> dict[int, tuple[Hold, ...]]:
    """Variant pk → what is held for this cart, first what lapses first. One query if nothing is."""
    holders = {row.holder: row for row in _OFFERED.fetch(bearer=bearer, at=timezone.now())}
    holds: dict[int, tuple[Hold, ...]] = {}
    if not holders:
        return holds
    held = Reservation.objects.filter(holder__in=holders, state=Reservation.State.HELD)
    for reservation in held.order_by("expires_at", "pk"):
        row = holders[reservation.holder]
        hold = Hold(row.pk, row.holder, reservation.quantity, reservation.expires_at)
        holds[row.variant_id] = (*holds.get(row.variant_id, ()), hold)
    return holds


_OFFERED = Kept(
    lambda *, bearer, at: Waiting.objects.filter(
        bearer=bearer, state=WaitingState.OFFERED, hold_until__gt=at
    ),
    bearer=UUID(int=1),
    at=datetime(1999, 1, 1, tzinfo=UTC),
)


@transaction.atomic
def hand_on_holds(*, bearer: UUID, to: UUID) -> None:
    """What is held for one cart is for another from now on: the two became one."""
    locked = Waiting.objects.locked().filter(bearer=bearer, state=WaitingState.OFFERED)
    pks = list(locked.order_by("pk").values_list("pk", flat=True))
    if pks:
        Waiting.objects.filter(pk__in=pks).update(bearer=to)


def take_holds(*, holds: Collection[Hold]) -> list[UUID]:
    """They become part of an order, whose transaction this is; returns the holders to replace.

    A hold that has lapsed meanwhile is none. Before any stock is touched.
    """
    if not holds:
        return []
    locked = (
        Waiting.objects.locked()
        .filter(pk__in=[hold.waiting_pk for hold in holds], state=WaitingState.OFFERED)
        .order_by("pk")
    )
    taken = list(locked)
    for waiting in taken:
        _end(waiting, WaitingState.TAKEN)
    return [waiting.holder for waiting in taken]


@transaction.atomic
def leave(*, token: UUID) -> Waiting:
    """Give up a place, and what is held; the next one has it at once. Safe to repeat.

    Raises WaitingNotFound.
    """
    waiting = Waiting.objects.locked().filter(token=token).first()
    if waiting is None:
        raise WaitingNotFound
    if waiting.state in OPEN:
        _end(waiting, WaitingState.LEFT)
        release(holder=waiting.holder)
    return waiting


def over() -> "QuerySet[Waiting]":
    """Holds whose time is over."""
    return Waiting.objects.filter(state=WaitingState.OFFERED, hold_until__lte=Now())


def due_lapses(*, limit: int = 50) -> list[int]:
    """Some of `over`. Not claimed: `lapse` does nothing for one that another ended."""
    return list(over().order_by("hold_until").values_list("pk", flat=True)[:limit])


@transaction.atomic
def lapse(*, waiting_id: int) -> bool:
    """End a hold that was not used; the next in the queue has the units in the same moment."""
    waiting = Waiting.objects.locked().get(pk=waiting_id)
    over = waiting.state == WaitingState.OFFERED and not waiting.is_held(at=timezone.now())
    if over:
        _end(waiting, WaitingState.LAPSED)
        release(holder=waiting.holder)
    return over


def _end(waiting: Waiting, state: WaitingState) -> None:
    waiting.move_to(state)
    waiting.email = ""
    waiting.save(update_fields=["state", "email"])


def contested() -> "QuerySet[StockItem]":
    """Stock that is free though somebody waits for it: it came in another way than by a release."""
    waited_for = Waiting.objects.filter(state=WaitingState.WAITING).values("variant")
    return StockItem.objects.filter(variant__in=waited_for, on_hand__gt=F("reserved"))


def contested_items(*, limit: int = 50) -> list[int]:
    """Some of `contested`."""
    return list(contested().order_by("pk").values_list("pk", flat=True)[:limit])


@transaction.atomic
def serve(*, stock_item_id: int) -> int:
    """Hand over what is free of one item."""
    return hand_over(stock_item_ids=[stock_item_id])


def tell(payload: Mapping[str, Any]) -> None:
    """The mail with the link behind which it can be taken; none if it has lapsed already."""
    waiting = Waiting.objects.select_related("variant").get(pk=payload["waiting_id"])
    if waiting.is_held(at=timezone.now()):
        _write(waiting, "waiting_offered")


_LETTERS = {
    WaitingState.ASKED: "waiting_confirm",
    WaitingState.WAITING: "waiting_place",
    WaitingState.OFFERED: "waiting_offered",
}


def tell_place(payload: Mapping[str, Any]) -> None:
    """The mail with the link to the place, as it stands; none if it was left or forgotten."""
    places = Waiting.objects.select_related("variant").filter(state__in=OPEN)
    waiting = places.filter(pk=payload["waiting_id"]).first()
    if waiting and (waiting.state != WaitingState.OFFERED or waiting.is_held(at=timezone.now())):
        _write(waiting, _LETTERS[WaitingState(waiting.state)])


def _write(waiting: Waiting, template: str) -> None:
    names = variant_names([waiting.variant_id], waiting.language)
    with translation.override(waiting.language):
        address = settings.PUBLIC_URL + reverse("orders:view_waiting", args=[waiting.token])
    mail.send(
        template,
        to=waiting.email,
        language=waiting.language,
        context={
            "waiting": waiting,
            "name": names.get(waiting.variant_id, waiting.variant.sku),
            "address": address,
        },
    )
