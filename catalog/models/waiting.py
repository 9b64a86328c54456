"""A queue for the last units, while others have them reserved and may not pay."""

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from catalog.models.variant import Variant
from shop.core.errors import InvalidTransition
from shop.core.fields import in_choices


class WaitingState(models.TextChoices):
    ASKED = "asked", _("not confirmed")
    WAITING = "waiting", _("waiting")
    OFFERED = "offered", _("held for them")
    TAKEN = "taken", _("ordered")
    LAPSED = "lapsed", _("not taken in time")
    LEFT = "left", _("no longer waiting")


WAITING_TRANSITIONS: dict[WaitingState, frozenset[WaitingState]] = {
    WaitingState.ASKED: frozenset({WaitingState.WAITING, WaitingState.LEFT}),
    WaitingState.WAITING: frozenset({WaitingState.OFFERED, WaitingState.LEFT}),
    WaitingState.OFFERED: frozenset({WaitingState.TAKEN, WaitingState.LAPSED, WaitingState.LEFT}),
    WaitingState.TAKEN: frozenset(),
    WaitingState.LAPSED: frozenset(),
    WaitingState.LEFT: frozenset(),
}
OPEN = ["asked", "waiting", "offered"]


class WaitingQuerySet(models.QuerySet["Waiting"]):
    def locked(self) -> Self:
        return self.select_for_update(of=("self",), no_key=True)


class Waiting(models.Model):
    """Somebody's place in the queue for a variant: first come, first served, by primary key.

    It counts once the owner of the address has confirmed it; `token` is told to that mailbox alone.
    `holder` is under whom the units are reserved once they are offered, until `hold_until`;
    `bearer` is the cart that they were taken into, opaque here. The address is forgotten when it
    ends.
    """

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="+")
    quantity = models.PositiveSmallIntegerField(_("quantity"))
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    state = models.CharField(
        _("state"), max_length=10, choices=WaitingState.choices, default=WaitingState.WAITING
    )
    holder = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    bearer = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField(_("since"), db_default=Now())
    hold_until = models.DateTimeField(_("held until"), null=True)

    objects = WaitingQuerySet.as_manager()

    class Meta:
        verbose_name = _("place in the queue")
        verbose_name_plural = _("queue for last units")
        constraints = [
            models.CheckConstraint(
                condition=in_choices("state", WaitingState), name="waiting_state"
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="waiting_quantity"),
            models.CheckConstraint(
                condition=~Q(state="offered") | Q(hold_until__isnull=False),
                name="waiting_held_until",
            ),
            models.UniqueConstraint(
                fields=["variant", "email"],
                condition=Q(state__in=OPEN),
                name="waiting_one_place",
            ),
        ]
        indexes = [
            models.Index(
                fields=["variant", "id"], condition=Q(state="waiting"), name="waiting_queue"
            ),
            models.Index(
                fields=["created_at"], condition=Q(state="asked"), name="waiting_unconfirmed"
            ),
            models.Index(fields=["hold_until"], condition=Q(state="offered"), name="waiting_holds"),
            models.Index(fields=["bearer"], condition=Q(state="offered"), name="waiting_bearer"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.variant_id}, {self.state}"

    def move_to(self, target: WaitingState) -> None:
        """Change the state in memory; the caller holds the row lock and saves."""
        if target not in WAITING_TRANSITIONS[WaitingState(self.state)]:
            raise InvalidTransition(f"waiting {self.pk}: {self.state} to {target}")
        self.state = target

    def is_held(self, *, at: datetime) -> bool:
        return (
            self.state == WaitingState.OFFERED
            and self.hold_until is not None
            and at < self.hold_until
        )
