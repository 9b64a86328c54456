import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now, Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models.category import Category
from catalog.models.option import Option
from catalog.models.seller import Seller
from catalog.models.size_guide import SizeGuide


class TaxClass(models.TextChoices):
    """Goods that are taxed alike; a class without a rate is not taxed."""

    STANDARD = "standard", _("standard")
    LUXURY = "luxury", _("luxury goods")
    EXEMPT = "exempt", _("exempt from tax")


class ProductQuerySet(models.QuerySet["Product"]):
    def on_sale(self, *, at: datetime) -> Self:
        """What customers may see and buy at that time."""
        return self.filter(
            Q(publish_from=None) | Q(publish_from__lte=at),
            Q(publish_until=None) | Q(publish_until__gt=at),
            is_published=True,
            seller__is_active=True,
        )


class Product(models.Model):
    """What is shown. What is bought is a variant of it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    seller = models.ForeignKey(
        Seller, on_delete=models.PROTECT, related_name="products", verbose_name=_("seller")
    )
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, related_name="products", verbose_name=_("category")
    )
    is_published = models.BooleanField(_("published"), default=False)
    publish_from = models.DateTimeField(_("publish from"), null=True, blank=True)
    publish_until = models.DateTimeField(_("publish until"), null=True, blank=True)
    size_guide = models.ForeignKey(
        SizeGuide,
        on_delete=models.SET_NULL,
        related_name="products",
        null=True,
        blank=True,
        verbose_name=_("size guide"),
    )
    tax_class = models.CharField(
        _("class of goods for tax"),
        max_length=20,
        choices=TaxClass.choices,
        default=TaxClass.STANDARD,
        db_default=str(TaxClass.STANDARD),
    )
    purchase_limit = models.PositiveSmallIntegerField(
        _("units per customer"),
        null=True,
        blank=True,
        help_text=_("In all orders of one person within the days beside it. Empty for no limit."),
    )
    purchase_limit_days = models.PositiveSmallIntegerField(
        _("within days"), default=30, db_default=30
    )
    payment_minutes = models.PositiveSmallIntegerField(
        _("minutes to pay"),
        null=True,
        blank=True,
        validators=[MinValueValidator(5)],
        help_text=_(
            "For goods that many want at once: an order with it is reserved no longer than this."
            " Empty: as long as the payment method allows."
        ),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    # Of the product and all that hangs on it; a form that was opened before is refused.
    updated_at = models.DateTimeField(_("changed"), db_default=Now(), editable=False)
    # Pushed down by the orders app; here so that a listing sorts without leaving its table.
    sold_count = models.PositiveIntegerField(_("sold"), default=0, editable=False)
    rating_sum = models.PositiveIntegerField(default=0, editable=False)
    rating_count = models.PositiveIntegerField(default=0, editable=False)

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = [
            models.CheckConstraint(
                condition=Q(publish_until=None)
                | Q(publish_from=None)
                | Q(publish_until__gt=models.F("publish_from")),
                name="product_publish_period",
            )
        ]
        indexes = [
            models.Index(
                fields=["category", "-created_at", "-id"],
                condition=Q(is_published=True),
                name="product_listing",
            ),
            models.Index(
                fields=["-created_at", "-id"], condition=Q(is_published=True), name="product_newest"
            ),
        ]

    def __str__(self) -> str:
        return f"product {self.pk}"

    def is_on_sale(self, *, at: datetime) -> bool:
        return (
            self.is_published
            and (self.publish_from is None or self.publish_from <= at)
            and (self.publish_until is None or at < self.publish_until)
        )


class ProductTranslation(models.Model):
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="translations")
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(_("slug"), max_length=220)
    description = models.TextField(_("description"), blank=True)
    material = models.CharField(_("material"), max_length=200, blank=True)
    care = models.TextField(_("care"), blank=True)
    fit = models.CharField(_("fit"), max_length=200, blank=True)
    model_size = models.CharField(
        _("model"),
        max_length=200,
        blank=True,
        db_default="",
        help_text=_("Height of the model and the size worn, e.g. 168 cm, wears M."),
    )
    seo_title = models.CharField(
        _("title for search engines"), max_length=120, blank=True, db_default=""
    )
    seo_description = models.CharField(
        _("description for search engines"), max_length=320, blank=True, db_default=""
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "language"], name="product_language_once"),
            models.UniqueConstraint(fields=["language", "slug"], name="product_slug_once"),
        ]
        indexes = [
            # Staff look for a part of a name, in capitals or not.
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="product_name_similar")
        ]

    def __str__(self) -> str:
        return self.name


class ProductRedirect(models.Model):
    """A slug that a product once had in a language; a trigger writes it when the slug changes."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="redirects")
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    slug = models.SlugField(_("slug"), max_length=220)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["language", "slug"], name="product_redirect_once")
        ]

    def __str__(self) -> str:
        return f"{self.slug} ({self.language})"


class ProductOption(models.Model):
    """Which options a product varies in, in the order a customer chooses them."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="product_options")
    option = models.ForeignKey(Option, on_delete=models.PROTECT, related_name="product_options")
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "option"], name="product_option_once")
        ]

    def __str__(self) -> str:
        return f"{self.product_id}: {self.option_id}"
