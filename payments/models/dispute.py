"""Money that was taken back, and what the shop does about it."""

from typing import TypeAlias

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payments.models.exception import PaymentException
from shop.core.errors import InvalidTransition
from shop.core.fields import in_choices


class DisputeState(models.TextChoices):
    OPEN = "open", _("not answered")
    CONTESTED = "contested", _("contested")
    WON = "won", _("won")
    LOST = "lost", _("dispute lost")
    ACCEPTED = "accepted", _("accepted")


# Won is what the gateway's own list says too, whatever somebody has said before. A new deadline is
# contested again.
DISPUTE_TRANSITIONS: dict[DisputeState, frozenset[DisputeState]] = {
    DisputeState.OPEN: frozenset({DisputeState.CONTESTED, DisputeState.ACCEPTED, DisputeState.WON}),
    DisputeState.CONTESTED: frozenset(
        {DisputeState.CONTESTED, DisputeState.WON, DisputeState.LOST, DisputeState.ACCEPTED}
    ),
    DisputeState.WON: frozenset({DisputeState.LOST}),
    DisputeState.LOST: frozenset({DisputeState.CONTESTED, DisputeState.WON}),
    DisputeState.ACCEPTED: frozenset({DisputeState.CONTESTED, DisputeState.WON}),
}


class Dispute(models.Model):
    """Of one exception of the kind chargeback; there is none before anything was done about it."""

    State: TypeAlias = DisputeState

    exception = models.OneToOneField(
        PaymentException, on_delete=models.PROTECT, related_name="dispute"
    )
    state = models.CharField(
        _("state"), max_length=10, choices=DisputeState.choices, default=DisputeState.OPEN
    )
    answer_by = models.DateField(_("to be answered by"), null=True)
    # When the gateway's list showed the money again: no word of staff's does that.
    returned_at = models.DateTimeField(_("money came back"), null=True)

    class Meta:
        verbose_name = _("dispute")
        verbose_name_plural = _("disputes")
        constraints = [
            models.CheckConstraint(
                condition=in_choices("state", DisputeState), name="dispute_state"
            ),
            models.CheckConstraint(
                condition=Q(returned_at=None) | Q(state="won"), name="dispute_returned"
            ),
            models.CheckConstraint(
                condition=~Q(state="contested") | Q(answer_by__isnull=False),
                name="dispute_deadline",
            ),
        ]
        indexes = [
            models.Index(
                fields=["answer_by"], condition=Q(state="contested"), name="dispute_contested"
            )
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.exception_id}"

    def move_to(self, target: DisputeState) -> None:
        """In memory; the caller holds the lock of its exception, and saves."""
        if target not in DISPUTE_TRANSITIONS[DisputeState(self.state)]:
            raise InvalidTransition(f"dispute {self.pk}: {self.state} to {target}")
        self.state = target

    @property
    def is_under_way(self) -> bool:
        """Contested, or won and without its money."""
        return self.state == DisputeState.CONTESTED or self.is_awaited

    @property
    def is_awaited(self) -> bool:
        return self.state == DisputeState.WON and self.returned_at is None
