"""What the shop owes to those whose goods it sells: terms, their part of a sale, payouts."""

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from catalog.models import Seller
from orders.models import Invoice
from shop.core.fields import currency_field
from shop.core.money import Money

WHOLE = 10_000


class SellerTerms(models.Model):
    """What a seller and the shop have agreed, for what is sold from a moment on.

    Without terms the goods are the shop's own. Append-only: other terms are another row.
    """

    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="terms")
    valid_from = models.DateTimeField(_("for what is sold from"))
    # Hundredths of a percent of what the goods cost their buyers, tax included.
    commission_bp = models.PositiveSmallIntegerField(
        _("commission"), validators=[MaxValueValidator(WHOLE)]
    )
    sends_itself = models.BooleanField(
        _("sends its parcels itself"),
        default=False,
        help_text=_("Then what customers pay for sending is the seller's."),
    )
    pays_after_days = models.PositiveSmallIntegerField(
        _("paid out after (days)"),
        default=14,
        help_text=_("Counted from the sale. Give customers the time to return their goods."),
    )
    created_at = models.DateTimeField(_("agreed"), db_default=Now())
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True
    )

    class Meta:
        verbose_name = _("terms of a seller")
        verbose_name_plural = _("terms of sellers")
        constraints = [
            models.CheckConstraint(
                condition=Q(commission_bp__lte=WHOLE), name="seller_terms_commission"
            ),
            models.UniqueConstraint(fields=["seller", "valid_from"], name="seller_terms_once"),
        ]

    def __str__(self) -> str:
        return f"{self.commission_bp / 100:g} %"


class SellerShare(models.Model):
    """A seller's part of an invoice; of a credit note what is taken back, negative. Append-only.

    Minor units. `payable_minor` is all of the others less the commission.
    """

    paper = models.OneToOneField(Invoice, on_delete=models.PROTECT, related_name="share")
    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="+")
    terms = models.ForeignKey(SellerTerms, on_delete=models.PROTECT, related_name="+")
    currency = currency_field()
    goods_minor = models.BigIntegerField(_("goods"), help_text=_("with their tax"))
    sending_minor = models.BigIntegerField(_("sending"))
    # Of the price of sending; part of `sending_minor`, also where the rest of that is the shop's.
    sending_tax_minor = models.BigIntegerField(_("tax of sending"))
    commission_minor = models.BigIntegerField(_("commission"))
    payable_minor = models.BigIntegerField(_("the seller's"))
    payable_on = models.DateField(_("paid out from"))
    created_at = models.DateTimeField(_("written at"), db_default=Now())

    class Meta:
        verbose_name = _("seller's part of a sale")
        verbose_name_plural = _("sellers' parts of sales")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    payable_minor=F("goods_minor") + F("sending_minor") - F("commission_minor")
                ),
                name="seller_share_sum",
            )
        ]
        indexes = [models.Index(fields=["seller", "created_at"], name="seller_share_of")]

    def __str__(self) -> str:
        return f"{self.payable_minor} of {self.paper_id}"

    @property
    def payable(self) -> Money:
        return Money(self.payable_minor, self.currency)


class SellerPayout(models.Model):
    """Money that staff have transferred to a seller, as recorded afterwards. Append-only."""

    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="+")
    currency = currency_field()
    amount_minor = models.BigIntegerField(_("amount"))
    paid_on = models.DateField(_("transferred on"))
    reference = models.CharField(_("the bank's reference"), max_length=60)
    created_at = models.DateTimeField(_("recorded"), db_default=Now())
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("payout to a seller")
        verbose_name_plural = _("payouts to sellers")
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="seller_payout_positive")
        ]
        indexes = [models.Index(fields=["seller", "created_at"], name="seller_payout_of")]

    def __str__(self) -> str:
        return f"{self.amount_minor} {self.currency} to {self.seller_id}"

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)
