"""Promotions and coupons: what they give, to whom, how often; and who has used them."""

from datetime import datetime
from typing import Self, TypeAlias

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now, Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Category, Product
from orders.models.order import Order
from shop.core.fields import currency_field, in_choices


class PromotionKind(models.TextChoices):
    PERCENTAGE = "percentage", _("percentage off")
    FIXED = "fixed", _("amount off")
    FREE_SHIPPING = "free_shipping", _("free shipping")
    BUY_X_GET_Y = "buy_x_get_y", _("buy some, get some cheaper")
    TIERED = "tiered", _("the more, the cheaper")


class PromotionQuerySet(models.QuerySet["Promotion"]):
    def running(self, *, at: datetime) -> Self:
        """Switched on, begun, and not over."""
        return self.filter(
            Q(valid_until=None) | Q(valid_until__gt=at), is_active=True, valid_from__lte=at
        )

    def automatic(self) -> Self:
        """Those that need no code."""
        return self.filter(needs_code=False)


class Promotion(models.Model):
    """What is taken off a total, for which goods, for whom, and how often.

    Empty `products` and `categories` mean all goods. A limit that is empty is none.
    """

    Kind: TypeAlias = PromotionKind

    name = models.CharField(_("name for staff"), max_length=120)
    kind = models.CharField(_("what it gives"), max_length=20, choices=Kind.choices)
    needs_code = models.BooleanField(
        _("with a code only"),
        default=True,
        help_text=_("Otherwise every cart that fulfils its conditions gets it."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    valid_from = models.DateTimeField(_("from"), default=timezone.now)
    valid_until = models.DateTimeField(_("until"), null=True, blank=True)
    currency = currency_field()
    minimum_minor = models.BigIntegerField(
        _("minimum"), default=0, help_text=_("Worth of the goods it applies to; 0 for none.")
    )
    percent = models.DecimalField(_("percent"), max_digits=5, decimal_places=2, default=0)
    amount_minor = models.BigIntegerField(_("amount"), default=0)
    max_discount_minor = models.BigIntegerField(
        _("at most"), default=0, help_text=_("The most it takes off an order; 0 for no limit.")
    )
    buy = models.PositiveSmallIntegerField(_("buy"), default=0)
    get = models.PositiveSmallIntegerField(_("get"), default=0)
    products = models.ManyToManyField(
        Product, related_name="+", blank=True, verbose_name=_("products")
    )
    categories = models.ManyToManyField(
        Category, related_name="+", blank=True, verbose_name=_("categories")
    )
    excludes_reduced = models.BooleanField(_("not for reduced goods"), default=False)
    first_order_only = models.BooleanField(_("first order only"), default=False)
    priority = models.PositiveSmallIntegerField(
        _("order"), default=100, help_text=_("The smallest number is applied first.")
    )
    combines = models.BooleanField(
        _("combines with others"),
        default=True,
        help_text=_("One that does not is given only where it takes off more than all others."),
    )
    max_uses = models.PositiveIntegerField(_("uses in all"), null=True, blank=True)
    max_uses_per_customer = models.PositiveSmallIntegerField(
        _("uses per customer"), null=True, blank=True
    )
    # The uses taken, counted while there is a limit; the CHECK keeps it.
    uses = models.PositiveIntegerField(_("used"), default=0, editable=False)

    objects = PromotionQuerySet.as_manager()

    class Meta:
        verbose_name = _("promotion")
        verbose_name_plural = _("promotions")
        indexes = [
            models.Index(
                fields=["priority", "id"],
                condition=Q(is_active=True, needs_code=False),
                name="promotion_automatic",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=in_choices("kind", PromotionKind), name="promotion_kind"
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100, minimum_minor__gte=0)
                & Q(amount_minor__gte=0, max_discount_minor__gte=0),
                name="promotion_amounts",
            ),
            models.CheckConstraint(
                condition=(Q(kind="percentage", percent__gt=0))
                | Q(kind="fixed", amount_minor__gt=0)
                | Q(kind="buy_x_get_y", buy__gt=0, get__gt=0, percent__gt=0)
                | Q(kind__in=["free_shipping", "tiered"]),
                name="promotion_gives_something",
                violation_error_message=_(
                    "Say what it gives: a percentage, an amount, or how many to buy, to get, and"
                    " by which percentage those are cheaper (100 for free)."
                ),
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")),
                name="promotion_period",
                violation_error_message=_("It must end after it begins."),
            ),
            models.CheckConstraint(
                condition=Q(max_uses=None) | Q(uses__lte=F("max_uses")),
                name="promotion_not_overused",
                violation_error_message=_("It has been used more often than that already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PromotionTranslation(models.Model):
    """What customers read beside the amount, such as "Lebaran −10 %"."""

    promotion = models.ForeignKey(Promotion, on_delete=models.CASCADE, related_name="translations")
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    label = models.CharField(_("shown as"), max_length=120)

    class Meta:
        verbose_name = _("text")
        verbose_name_plural = _("texts")
        constraints = [
            models.UniqueConstraint(
                fields=["promotion", "language"], name="promotion_language_once"
            )
        ]

    def __str__(self) -> str:
        return self.label


class PromotionTier(models.Model):
    """From so many units, or so much worth of goods, this is taken off."""

    promotion = models.ForeignKey(Promotion, on_delete=models.CASCADE, related_name="tiers")
    from_quantity = models.PositiveIntegerField(_("from units"), default=0)
    from_minor = models.BigIntegerField(_("from worth"), default=0)
    percent = models.DecimalField(_("percent"), max_digits=5, decimal_places=2, default=0)
    amount_minor = models.BigIntegerField(_("amount"), default=0)

    class Meta:
        verbose_name = _("tier")
        verbose_name_plural = _("tiers")
        constraints = [
            models.UniqueConstraint(
                fields=["promotion", "from_quantity", "from_minor"], name="promotion_tier_once"
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=100, amount_minor__gte=0)
                & Q(from_minor__gte=0),
                name="promotion_tier_amounts",
            ),
        ]

    def __str__(self) -> str:
        return f"≥ {self.from_quantity or self.from_minor}"


class Coupon(models.Model):
    """A code that gives a promotion. Found in capitals, whatever the customer types."""

    promotion = models.ForeignKey(Promotion, on_delete=models.PROTECT, related_name="coupons")
    code = models.CharField(_("code"), max_length=40, unique=True)
    is_active = models.BooleanField(_("active"), default=True)
    max_uses = models.PositiveIntegerField(_("uses in all"), null=True, blank=True)
    # As of a promotion.
    uses = models.PositiveIntegerField(_("used"), default=0, editable=False)

    class Meta:
        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")
        constraints = [
            models.CheckConstraint(
                condition=Q(code=Upper("code")) & ~Q(code="") & ~Q(code__contains=" "),
                name="coupon_code_in_capitals",
            ),
            models.CheckConstraint(
                condition=Q(max_uses=None) | Q(uses__lte=F("max_uses")),
                name="coupon_not_overused",
                violation_error_message=_("It has been used more often than that already."),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class PromotionUseState(models.TextChoices):
    """`late`: paid after it was given back and others had used it up; honoured, not counted."""

    TAKEN = "taken", _("taken")
    RELEASED = "released", _("given back")
    LATE = "late", _("beyond the limit")


class PromotionUse(models.Model):
    """That an order has a promotion. Counted by its limits while it is taken."""

    State: TypeAlias = PromotionUseState

    promotion = models.ForeignKey(Promotion, on_delete=models.PROTECT, related_name="use_rows")
    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, related_name="use_rows", null=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="promotion_uses")
    amount_minor = models.BigIntegerField(_("amount"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.TAKEN)
    created_at = models.DateTimeField(_("at"), db_default=Now())

    class Meta:
        verbose_name = _("use of a promotion")
        verbose_name_plural = _("uses of promotions")
        constraints = [
            models.UniqueConstraint(fields=["order", "promotion"], name="promotion_once_per_order"),
            models.CheckConstraint(
                condition=in_choices("state", PromotionUseState), name="promotion_use_state"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="promotion_use_amount"),
        ]
        indexes = [models.Index(fields=["coupon"], name="promotion_use_of_coupon")]

    def __str__(self) -> str:
        return f"{self.promotion_id} by {self.order_id}"


class PromotionUser(models.Model):
    """One of the customer's limited uses. Two orders at once cannot have the same `turn`.

    `key` is a pseudonym (orders.buyers); it is there while the use is taken.
    """

    promotion = models.ForeignKey(Promotion, on_delete=models.CASCADE, related_name="+")
    use = models.ForeignKey(PromotionUse, on_delete=models.CASCADE, related_name="users")
    key = models.CharField(max_length=32)
    turn = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["promotion", "key", "turn"], name="promotion_turn_once")
        ]

    def __str__(self) -> str:
        return f"turn {self.turn} of {self.promotion_id}"
