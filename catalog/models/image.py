from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.option import OptionValue
from catalog.models.product import Product


class ProductImage(models.Model):
    """A picture of a product, of one colour of it where `option_value` is set.

    `renditions` lists the finished files: [{"format": "avif", "width": 360, "path": …}], made
    off-request; while it is empty, pages show a placeholder.
    """

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="images")
    option_value = models.ForeignKey(
        OptionValue, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    file = models.ImageField(
        _("picture"), upload_to="products/", width_field="width", height_field="height"
    )
    width = models.PositiveIntegerField(default=0, editable=False)
    height = models.PositiveIntegerField(default=0, editable=False)
    renditions = models.JSONField(default=list, editable=False)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    def __str__(self) -> str:
        return self.file.name or ""
