"""What the shop owes in goods: gift cards and store credit, one kind of account for both."""

import uuid
from typing import TypeAlias

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orders.models import Order
from shop.core.fields import currency_field, in_choices
from shop.core.money import Money

# Receipts of money that was taken from such an account name this as their gateway.
CREDIT = "credit"


class CreditKind(models.TextChoices):
    GIFT_CARD = "gift_card", _("gift card")
    STORE_CREDIT = "store_credit", _("store credit")
    # What the shop asks nobody for: granted and spent in one transaction, by no code.
    GOODWILL = "goodwill", _("waived by the shop")


class CreditAccountState(models.TextChoices):
    ACTIVE = "active", _("active")
    BLOCKED = "blocked", _("blocked")


class CreditAccount(models.Model):
    """A gift card belongs to whoever knows its code; store credit to one customer.

    The balance is what the movements sum to, and what the ledger says is owed.
    """

    Kind: TypeAlias = CreditKind
    State: TypeAlias = CreditAccountState

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=15, choices=Kind.choices)
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        verbose_name=_("customer"),
    )
    currency = currency_field()
    balance_minor = models.BigIntegerField(_("balance"), default=0)
    # Keyed; empty until a card that goes out by mail has its code.
    code_hash = models.CharField(max_length=64, blank=True)
    last_four = models.CharField(_("ends in"), max_length=4, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.ACTIVE)
    expires_at = models.DateTimeField(_("valid until"), null=True)
    # When what is left on it lapses; empty once that is done.
    expiry_due_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta:
        verbose_name = _("gift card or store credit")
        verbose_name_plural = _("gift cards and store credit")
        permissions = [("approve_credit", "Can approve credit that somebody else asked for")]
        constraints = [
            models.CheckConstraint(condition=in_choices("kind", CreditKind), name="credit_kind"),
            models.CheckConstraint(
                condition=in_choices("state", CreditAccountState), name="credit_state"
            ),
            models.CheckConstraint(condition=Q(balance_minor__gte=0), name="credit_never_negative"),
            models.CheckConstraint(
                condition=Q(kind="gift_card", customer=None)
                | Q(kind="store_credit", customer__isnull=False, code_hash="")
                | Q(kind="goodwill", customer=None, code_hash=""),
                name="credit_of_code_or_customer",
            ),
            models.UniqueConstraint(
                fields=["code_hash"], condition=~Q(code_hash=""), name="credit_code_once"
            ),
            models.UniqueConstraint(
                fields=["customer", "currency"], name="credit_one_for_each_customer"
            ),
        ]
        indexes = [
            models.Index(
                fields=["expiry_due_at"],
                condition=Q(expiry_due_at__isnull=False),
                name="credit_expiry_due",
            )
        ]

    def __str__(self) -> str:
        if self.kind == CreditKind.GIFT_CARD:
            return f"{self.get_kind_display()} •••• {self.last_four}"
        return str(self.get_kind_display())

    @property
    def balance(self) -> Money:
        return Money(self.balance_minor, self.currency)

    @property
    def is_over(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def is_usable(self) -> bool:
        return self.state == CreditAccountState.ACTIVE and not self.is_over


class CreditMovementKind(models.TextChoices):
    ISSUE = "issue", _("issued")
    REDEEM = "redeem", _("paid an order")
    GIVE_BACK = "give_back", _("given back: the order was not paid")
    REFUND = "refund", _("refund of an order")
    EXPIRE = "expire", _("lapsed")
    ADJUST = "adjust", _("corrected")


class CreditMovement(models.Model):
    """One change of a balance. Append-only; `key` makes the same fact move money once."""

    Kind: TypeAlias = CreditMovementKind

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.ForeignKey(CreditAccount, on_delete=models.PROTECT, related_name="movements")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    amount_minor = models.BigIntegerField(_("in (+) or out (−)"))
    key = models.CharField(max_length=80, unique=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+", null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        verbose_name=_("by"),
    )
    created_at = models.DateTimeField(_("at"), db_default=Now())

    class Meta:
        verbose_name = _("credit movement")
        verbose_name_plural = _("credit movements")
        constraints = [
            models.CheckConstraint(
                condition=in_choices("kind", CreditMovementKind), name="credit_movement_kind"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["issue", "give_back", "refund"], amount_minor__gt=0)
                | Q(kind__in=["redeem", "expire"], amount_minor__lt=0)
                | (Q(kind="adjust") & ~Q(amount_minor=0)),
                name="credit_movement_direction",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class CreditGrantState(models.TextChoices):
    DRAFT = "draft", _("to be approved")
    DONE = "done", _("booked")
    REJECTED = "rejected", _("rejected")


class CreditGrant(models.Model):
    """What staff ask to be issued or corrected. Large amounts wait for a second person."""

    State: TypeAlias = CreditGrantState

    # None for a card that is still to be made.
    account = models.ForeignKey(
        CreditAccount, on_delete=models.PROTECT, related_name="grants", null=True
    )
    is_correction = models.BooleanField(default=False)
    amount_minor = models.BigIntegerField(_("amount"))
    currency = currency_field()
    expires_at = models.DateTimeField(_("valid until"), null=True)
    # Who gets a new card by mail; forgotten as soon as that has gone.
    recipient = models.EmailField(_("recipient"), blank=True)
    language = models.CharField(_("language"), max_length=8)
    note = models.CharField(_("reason"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("asked for by"),
    )
    requested_at = models.DateTimeField(_("asked for"), db_default=Now())
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True)

    class Meta:
        verbose_name = _("credit to be issued")
        verbose_name_plural = _("credit to be issued")
        constraints = [
            models.CheckConstraint(
                condition=in_choices("state", CreditGrantState), name="credit_grant_state"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0)
                | Q(amount_minor__lt=0, is_correction=True, account__isnull=False),
                name="credit_grant_amount",
            ),
            # Who asked for it does not approve it too.
            models.CheckConstraint(
                condition=Q(state="rejected")
                | Q(decided_by=None)
                | ~Q(decided_by=F("requested_by")),
                name="credit_grant_two_persons",
            ),
        ]
        indexes = [
            models.Index(
                fields=["requested_at"], condition=Q(state="draft"), name="credit_grant_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.amount.format()} {self.note}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class CardGuess(models.Model):
    """Codes that were no card's, counted for each network (a keyed hash of it) and hour."""

    network_key = models.CharField(max_length=32)
    hour = models.BigIntegerField()
    times = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network_key", "hour"], name="card_guess_once")
        ]
        indexes = [models.Index(fields=["hour"], name="card_guess_hour")]

    def __str__(self) -> str:
        return f"{self.network_key} {self.hour}: {self.times}"
