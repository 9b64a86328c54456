from typing import TypeAlias

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.option import OptionValue
from catalog.models.product import Product
from shop.core.fields import in_choices


class ImageState(models.TextChoices):
    FETCHING = "fetching", _("to be fetched")
    PROCESSING = "processing", _("being prepared")
    READY = "ready", _("ready")
    FAILED = "failed", _("failed")


class ProductImage(models.Model):
    """A picture of a product, of one colour of it where `option_value` is set.

    `renditions` lists the finished files: [{"format": "avif", "width": 360, "path": …}], made
    off-request; while it is empty, pages show a placeholder. A picture that an import named has a
    `source_url` and no file until a worker fetched it.
    """

    State: TypeAlias = ImageState

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="images")
    option_value = models.ForeignKey(
        OptionValue, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    file = models.ImageField(
        _("picture"), upload_to="products/", blank=True, width_field="width", height_field="height"
    )
    width = models.PositiveIntegerField(default=0, editable=False)
    height = models.PositiveIntegerField(default=0, editable=False)
    renditions = models.JSONField(default=list, editable=False)
    state = models.CharField(
        max_length=10,
        choices=State.choices,
        default=State.PROCESSING,
        db_default="ready",
        editable=False,
    )
    failure = models.CharField(
        _("failure"), max_length=200, blank=True, db_default="", editable=False
    )
    # The average colour, #rrggbb: what a page shows until the picture is there.
    colour = models.CharField(max_length=7, blank=True, db_default="", editable=False)
    source_url = models.URLField(
        _("fetched from"), max_length=1000, blank=True, db_default="", editable=False
    )
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        constraints = [
            models.CheckConstraint(
                condition=in_choices("state", ImageState), name="product_image_state"
            )
        ]
        # Copied products share files: who deletes one asks whether it is still used.
        indexes = [models.Index(fields=["file"], name="product_image_file")]

    def __str__(self) -> str:
        return self.file.name or ""
