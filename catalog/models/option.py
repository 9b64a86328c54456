"""What varies: size, colour … Shared by all products, so that a facet means the same everywhere."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.codes import refuse_code


class Option(models.Model):
    code = models.SlugField(_("code"), max_length=40, unique=True)
    is_facet = models.BooleanField(_("filter of listings"), default=True, db_default=True)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("option")
        verbose_name_plural = _("options")

    def __str__(self) -> str:
        return self.code

    def clean(self) -> None:
        refuse_code(self.code, beside="Attribute")


class OptionTranslation(models.Model):
    option = models.ForeignKey(Option, on_delete=models.CASCADE, related_name="translations")
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    name = models.CharField(_("name"), max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["option", "language"], name="option_language_once")
        ]

    def __str__(self) -> str:
        return self.name


class OptionValue(models.Model):
    option = models.ForeignKey(Option, on_delete=models.PROTECT, related_name="values")
    code = models.SlugField(_("code"), max_length=40)
    swatch = models.CharField(
        _("colour as #rrggbb"),
        max_length=7,
        blank=True,
        validators=[RegexValidator(r"^#[0-9a-f]{6}$")],
    )
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("option value")
        verbose_name_plural = _("option values")
        constraints = [models.UniqueConstraint(fields=["option", "code"], name="option_value_once")]

    def __str__(self) -> str:
        return self.code


class OptionValueTranslation(models.Model):
    value = models.ForeignKey(OptionValue, on_delete=models.CASCADE, related_name="translations")
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    name = models.CharField(_("name"), max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["value", "language"], name="option_value_language_once")
        ]

    def __str__(self) -> str:
        return self.name
