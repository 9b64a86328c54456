"""What a garment measures in each of its sizes."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.option import OptionValue


class SizeGuide(models.Model):
    """One table of measures, shared by all products that are cut alike."""

    name = models.CharField(_("name for staff"), max_length=120, unique=True)

    class Meta:
        verbose_name = _("size guide")
        verbose_name_plural = _("size guides")

    def __str__(self) -> str:
        return self.name


class SizeGuideTranslation(models.Model):
    guide = models.ForeignKey(SizeGuide, on_delete=models.CASCADE, related_name="translations")
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    title = models.CharField(_("title"), max_length=120)
    note = models.TextField(_("how to measure"), blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["guide", "language"], name="size_guide_language_once")
        ]

    def __str__(self) -> str:
        return self.title


class Measure(models.Model):
    """A row of a guide, such as the chest's width."""

    guide = models.ForeignKey(SizeGuide, on_delete=models.CASCADE, related_name="measures")
    code = models.SlugField(_("code"), max_length=40)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("measure")
        verbose_name_plural = _("measures")
        constraints = [models.UniqueConstraint(fields=["guide", "code"], name="measure_once")]

    def __str__(self) -> str:
        return self.code


class MeasureTranslation(models.Model):
    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="translations")
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["measure", "language"], name="measure_language_once")
        ]

    def __str__(self) -> str:
        return self.name


class MeasureEntry(models.Model):
    """How long a measure is in one size; pages show whole and half centimetres."""

    measure = models.ForeignKey(Measure, on_delete=models.CASCADE, related_name="entries")
    size = models.ForeignKey(OptionValue, on_delete=models.PROTECT, related_name="+")
    millimetres = models.PositiveIntegerField(_("millimetres"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["measure", "size"], name="measure_entry_once"),
            models.CheckConstraint(
                condition=models.Q(millimetres__gt=0), name="measure_entry_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.millimetres} mm"
