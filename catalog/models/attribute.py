"""What a product is like as a whole: material, fit … Variants differ in options instead."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.codes import refuse_code
from catalog.models.product import Product


class Attribute(models.Model):
    """`is_facet` offers it as a filter of listings."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    is_facet = models.BooleanField(_("filter of listings"), default=True)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("attribute")
        verbose_name_plural = _("attributes")

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        refuse_code(self.code, beside="Option")


class AttributeTranslation(models.Model):
    attribute = models.ForeignKey(Attribute, on_delete=models.CASCADE, related_name="translations")
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    name = models.CharField(_("name"), max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["attribute", "language"], name="attribute_language_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class AttributeValue(models.Model):
    attribute = models.ForeignKey(Attribute, on_delete=models.PROTECT, related_name="values")
    code = models.SlugField(_("code"), max_length=40)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("attribute value")
        verbose_name_plural = _("attribute values")
        constraints = [
            models.UniqueConstraint(fields=["attribute", "code"], name="attribute_value_once")
        ]

    def __str__(self) -> str:
        # Its name, where a query has annotated it: a row by itself knows only its code.
        return str(vars(self).get("label") or self.code)


class AttributeValueTranslation(models.Model):
    value = models.ForeignKey(AttributeValue, on_delete=models.CASCADE, related_name="translations")
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    name = models.CharField(_("name"), max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["value", "language"], name="attribute_value_language_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ProductAttribute(models.Model):
    """One value that a product has; of one attribute it may have several."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="attributes")
    value = models.ForeignKey(AttributeValue, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "value"], name="product_attribute_once")
        ]

    def __str__(self) -> str:
        return f"{self.product_id}: {self.value_id}"
