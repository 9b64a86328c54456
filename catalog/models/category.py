from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Category(models.Model):
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        related_name="children",
        null=True,
        blank=True,
        verbose_name=_("parent"),
    )
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    def __str__(self) -> str:
        return f"category {self.pk}"


class CategoryTranslation(models.Model):
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="translations")
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("slug"), max_length=140)
    description = models.TextField(_("description"), blank=True)
    seo_title = models.CharField(
        _("title for search engines"), max_length=120, blank=True, db_default=""
    )
    seo_description = models.CharField(
        _("description for search engines"), max_length=320, blank=True, db_default=""
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["category", "language"], name="category_language_once"),
            models.UniqueConstraint(fields=["language", "slug"], name="category_slug_once"),
        ]

    def __str__(self) -> str:
        return self.name


class CategoryRedirect(models.Model):
    """A slug that a category once had in a language; a trigger writes it when the slug changes."""

    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="redirects")
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    slug = models.SlugField(_("slug"), max_length=140)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["language", "slug"], name="category_redirect_once")
        ]

    def __str__(self) -> str:
        return f"{self.slug} ({self.language})"
