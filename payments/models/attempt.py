import uuid
from typing import Self

from django.db import models
from django.db.models import Q, Subquery
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from orders.models import Order
from shop.core.errors import InvalidTransition
from shop.core.fields import currency_field, in_choices
from shop.core.kept import Kept
from shop.core.money import Money


class AttemptState(models.TextChoices):
    NEW = "new", _("new")
    SUBMITTING = "submitting", _("being submitted")
    UNKNOWN = "unknown", _("unknown, being looked up")
    PENDING = "pending", _("awaiting the customer")
    SUCCEEDED = "succeeded", _("paid")
    FAILED = "failed", _("failed")
    EXPIRED = "expired", _("expired")
    CANCELLED = "cancelled", _("cancelled")
    ABANDONED = "abandoned", _("abandoned")


OPEN_STATES = (
    AttemptState.NEW,
    AttemptState.SUBMITTING,
    AttemptState.UNKNOWN,
    AttemptState.PENDING,
)
_NEGATIVE = frozenset(
    {
        AttemptState.FAILED,
        AttemptState.EXPIRED,
        AttemptState.CANCELLED,
        AttemptState.ABANDONED,
    }
)
# Money is the last word: succeeded is reached from every state and left by none.
ATTEMPT_TRANSITIONS: dict[AttemptState, frozenset[AttemptState]] = {
    AttemptState.NEW: _NEGATIVE | {AttemptState.SUBMITTING, AttemptState.SUCCEEDED},
    AttemptState.SUBMITTING: _NEGATIVE
    | {AttemptState.UNKNOWN, AttemptState.PENDING, AttemptState.SUCCEEDED},
    AttemptState.UNKNOWN: _NEGATIVE | {AttemptState.PENDING, AttemptState.SUCCEEDED},
    AttemptState.PENDING: _NEGATIVE | {AttemptState.SUCCEEDED},
    AttemptState.FAILED: frozenset({AttemptState.SUCCEEDED}),
    AttemptState.EXPIRED: frozenset({AttemptState.SUCCEEDED}),
    AttemptState.CANCELLED: frozenset({AttemptState.SUCCEEDED}),
    AttemptState.ABANDONED: frozenset({AttemptState.SUCCEEDED}),
    AttemptState.SUCCEEDED: frozenset(),
}


class AttemptQuerySet(models.QuerySet["PaymentAttempt"]):
    def open(self) -> Self:
        return self.filter(state__in=OPEN_STATES)

    def locked(self) -> Self:
        return self.select_for_update(of=("self",), no_key=True)


class PaymentAttempt(models.Model):
    """One try to collect an order's money by one method. Saved before the gateway is called."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+")
    seq = models.PositiveSmallIntegerField()
    gateway = models.CharField(_("gateway"), max_length=20)
    method = models.CharField(_("method"), max_length=20)
    amount_minor = models.BigIntegerField(_("amount"))
    # What of it makes it unlike all other amounts that are awaited: no part of what is owed.
    suffix_minor = models.PositiveSmallIntegerField(_("suffix"), default=0, db_default=0)
    currency = currency_field()
    # Ours: sent with the request, so that a lost answer can be looked up.
    reference = models.CharField(_("our reference"), max_length=60)
    # Theirs: unknown until they answered.
    gateway_ref = models.CharField(_("gateway's id"), max_length=80, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=AttemptState.choices, default=AttemptState.NEW
    )
    # What the customer must do: [{"type", "descriptor", "value"}], as the gateway said it.
    actions = models.JSONField(default=list)
    # What the method needs of the payer, such as OVO's phone number. Emptied when erased.
    details = models.JSONField(default=dict)
    failure_code = models.CharField(_("failure"), max_length=60, blank=True)
    expires_at = models.DateTimeField(_("to be paid by"))
    # The customer chose another method: to be cancelled at the gateway as soon as it can be asked.
    cancel_requested_at = models.DateTimeField(null=True)
    next_poll_at = models.DateTimeField(null=True)
    polls = models.PositiveIntegerField(default=0)
    # Look-ups by reference that found nothing; two, far enough apart, mean it never got there.
    lookups_empty = models.PositiveSmallIntegerField(default=0)
    last_lookup_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    submitted_at = models.DateTimeField(null=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        verbose_name = _("payment attempt")
        verbose_name_plural = _("payment attempts")
        constraints = [
            models.CheckConstraint(
                condition=in_choices("state", AttemptState), name="attempt_state"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="attempt_positive"),
            models.UniqueConstraint(fields=["order", "seq"], name="attempt_seq_once"),
            models.UniqueConstraint(fields=["gateway", "reference"], name="attempt_reference_once"),
            models.UniqueConstraint(
                fields=["gateway", "gateway_ref"],
                condition=~Q(gateway_ref=""),
                name="attempt_gateway_ref_once",
            ),
            # A double click on "Pay with DANA" is one request at the gateway.
            models.UniqueConstraint(
                fields=["order", "method"],
                condition=Q(state__in=["new", "submitting", "unknown", "pending"]),
                name="attempt_one_open_per_method",
            ),
            # Transfers to our own account are told apart by their amount and nothing else.
            models.UniqueConstraint(
                fields=["currency", "amount_minor"],
                condition=Q(
                    gateway="bank_transfer", state__in=["new", "submitting", "unknown", "pending"]
                ),
                name="attempt_transfer_amount_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_poll_at"],
                condition=Q(next_poll_at__isnull=False),
                name="attempt_poll_due",
            ),
            models.Index(
                fields=["currency", "amount_minor"],
                condition=Q(gateway="bank_transfer"),
                name="attempt_transfer_amount",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    def can_move_to(self, target: AttemptState) -> bool:
        return target in ATTEMPT_TRANSITIONS[AttemptState(self.state)]

    def move_to(self, target: AttemptState) -> None:
        """Change the state in memory; the caller holds the order's lock and saves."""
        if not self.can_move_to(target):
            raise InvalidTransition(f"attempt {self.reference}: {self.state} to {target}")
        self.state = target


_LOCKED = Kept(lambda *, pk: PaymentAttempt.objects.locked().filter(pk=pk), pk=-1)


def lock_attempt(pk: int) -> PaymentAttempt:
    """Held until the caller's transaction ends. Raises PaymentAttempt.DoesNotExist."""
    attempt: PaymentAttempt | None = _LOCKED.first(pk=pk)
    if attempt is None:
        raise PaymentAttempt.DoesNotExist(pk)
    return attempt


_ORDER = Kept(
    lambda *, pk: Order.objects.locked().filter(
        pk=Subquery(PaymentAttempt.objects.filter(pk=pk).values("order"))
    ),
    pk=-1,
)


def lock_order_and_attempt(attempt_pk: int) -> tuple[Order, PaymentAttempt]:
    """An attempt behind its order, in the order of locks. Raises PaymentAttempt.DoesNotExist."""
    order: Order | None = _ORDER.first(pk=attempt_pk)
    if order is None:
        raise PaymentAttempt.DoesNotExist(attempt_pk)
    return order, lock_attempt(attempt_pk)
