"""What search knows besides the products: words, synonyms, and what nobody found."""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class SearchWord(models.Model):
    """A word that occurs in what customers read; typing errors are measured against these.

    `product_count` is as of the last roll-up, 1 for a word that is newer than that.
    """

    word = models.CharField(max_length=60, unique=True)
    product_count = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [
            GinIndex(OpClass(F("word"), name="gin_trgm_ops"), name="search_word_similar"),
            models.Index(OpClass(F("word"), name="text_pattern_ops"), name="search_word_prefix"),
        ]

    def __str__(self) -> str:
        return self.word


class Synonym(models.Model):
    """Words that mean the same, as staff wrote them: `kaos, t-shirt, tshirt`."""

    words = models.CharField(
        _("words"),
        max_length=300,
        help_text=_("Words or short phrases that mean the same, separated by commas."),
    )

    class Meta:
        verbose_name = _("synonym")
        verbose_name_plural = _("synonyms")

    def __str__(self) -> str:
        return self.words


class SearchMiss(models.Model):
    """A query that found nothing, as typed but for case and spaces. Nothing of who asked."""

    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    query = models.CharField(_("query"), max_length=100)
    count = models.PositiveIntegerField(_("times"), default=1)
    first_at = models.DateTimeField(_("first"), db_default=Now())
    last_at = models.DateTimeField(_("last"), db_default=Now())

    class Meta:
        verbose_name = _("search without result")
        verbose_name_plural = _("searches without result")
        constraints = [
            models.UniqueConstraint(fields=["language", "query"], name="search_miss_once")
        ]

    def __str__(self) -> str:
        return self.query
