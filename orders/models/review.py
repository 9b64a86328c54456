"""A review: what a buyer says of one bought line, shown once a person has read it."""

import uuid
from datetime import datetime
from typing import Self, TypeAlias

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from catalog.models import OptionValue, Product
from orders.models.order import Order, OrderLine
from shop.core.errors import InvalidTransition
from shop.core.fields import in_choices

LONGEST_TITLE = 80
LONGEST_TEXT = 2000
LONGEST_NAME = 40
MOST_PHOTOS = 4


class ReviewState(models.TextChoices):
    """Only a published review is shown, and counts in the rating of its product."""

    PENDING = "pending", _("to be read")
    PUBLISHED = "published", _("published")
    REJECTED = "rejected", _("rejected")
    HIDDEN = "hidden", _("hidden")


# What its author has changed is read again, whatever was decided before.
REVIEW_TRANSITIONS: dict[ReviewState, frozenset[ReviewState]] = {
    ReviewState.PENDING: frozenset({ReviewState.PUBLISHED, ReviewState.REJECTED}),
    ReviewState.PUBLISHED: frozenset({ReviewState.HIDDEN, ReviewState.PENDING}),
    ReviewState.HIDDEN: frozenset({ReviewState.PUBLISHED, ReviewState.PENDING}),
    ReviewState.REJECTED: frozenset({ReviewState.PUBLISHED, ReviewState.PENDING}),
}


class ReviewFit(models.TextChoices):
    SMALL = "small", _("runs small")
    TRUE = "true", _("true to size")
    LARGE = "large", _("runs large")


class ReviewReason(models.TextChoices):
    """Why a review is not shown. Its author reads this in their own language."""

    OFF_TOPIC = "off_topic", _("It is not about this product.")
    PERSONAL = "personal", _("It contains private details, such as a name or a phone number.")
    ABUSIVE = "abusive", _("It insults somebody.")
    ADVERTISING = "advertising", _("It advertises something.")
    PHOTO = "photo", _("A photo does not show the product.")
    OTHER = "other", _("Another reason.")


class ReviewQuerySet(models.QuerySet["Review"]):
    def locked(self) -> Self:
        return self.select_for_update(of=("self",), no_key=True)

    def published(self) -> Self:
        return self.filter(state=ReviewState.PUBLISHED)

    def pending(self) -> Self:
        return self.filter(state=ReviewState.PENDING)


class Review(models.Model):
    """One per bought line. Title, text, name and photos can be erased; the stars stay."""

    State: TypeAlias = ReviewState
    Fit: TypeAlias = ReviewFit
    Reason: TypeAlias = ReviewReason

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    order_line = models.OneToOneField(OrderLine, on_delete=models.PROTECT, related_name="review")
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="+", verbose_name=_("product")
    )
    # What was bought, as it was called then; the size also by its row, to filter by it.
    variant_name = models.CharField(_("variant"), max_length=120, blank=True)
    size = models.ForeignKey(OptionValue, on_delete=models.PROTECT, related_name="+", null=True)
    rating = models.PositiveSmallIntegerField(_("stars"))
    fit = models.CharField(_("fit"), max_length=5, choices=Fit.choices, blank=True)
    title = models.CharField(_("title"), max_length=LONGEST_TITLE, blank=True)
    text = models.TextField(_("text"), max_length=LONGEST_TEXT, blank=True)
    # As its author wants to be called; empty: a buyer without a name.
    display_name = models.CharField(_("name shown"), max_length=LONGEST_NAME, blank=True)
    language = models.CharField(_("language"), max_length=8, choices=settings.LANGUAGES)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.PENDING
    )
    reason = models.CharField(_("reason"), max_length=12, choices=Reason.choices, blank=True)
    note = models.CharField(_("note to the author"), max_length=200, blank=True)
    moderated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        verbose_name=_("decided by"),
    )
    created_at = models.DateTimeField(_("created"), db_default=Now())
    # When its author last touched it.
    written_at = models.DateTimeField(_("written"), db_default=Now())
    published_at = models.DateTimeField(_("published at"), null=True)
    erased_at = models.DateTimeField(_("erased at"), null=True)
    # How often its author has changed it: what a person has to read has a limit.
    change_count = models.PositiveIntegerField(default=0)
    # Finished photos, and votes: here so that a list sorts without leaving its table.
    photo_count = models.PositiveSmallIntegerField(default=0)
    helpful_count = models.PositiveIntegerField(_("found helpful"), default=0)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = [
            models.CheckConstraint(condition=in_choices("state", ReviewState), name="review_state"),
            models.CheckConstraint(condition=Q(rating__gte=1, rating__lte=5), name="review_rating"),
            models.CheckConstraint(
                condition=Q(fit="") | in_choices("fit", ReviewFit), name="review_fit"
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False),
                name="review_published_at",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["rejected", "hidden"]) | in_choices("reason", ReviewReason),
                name="review_reason",
            ),
        ]
        indexes = [
            models.Index(
                "product",
                F("written_at").desc(),
                F("id").desc(),
                condition=Q(state="published"),
                name="review_newest",
            ),
            models.Index(
                fields=["product", "rating", "fit", "size"],
                condition=Q(state="published"),
                name="review_summary",
            ),
            models.Index(
                fields=["written_at", "id"], condition=Q(state="pending"), name="review_to_read"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rating}/5"

    @property
    def is_published(self) -> bool:
        return self.state == ReviewState.PUBLISHED

    @property
    def has_words(self) -> bool:
        return bool(self.title or self.text)

    def move_to(self, target: ReviewState, *, at: datetime) -> None:
        """Change the state in memory; the caller holds the row lock and saves.

        Use `orders.reviews.states.change_state`, which also keeps the product's rating right.
        """
        if target not in REVIEW_TRANSITIONS[ReviewState(self.state)]:
            raise InvalidTransition(f"review {self.pk}: {self.state} to {target}")
        self.state = target
        if target == ReviewState.PUBLISHED:
            self.published_at = at


class PhotoState(models.TextChoices):
    PROCESSING = "processing", _("being prepared")
    READY = "ready", _("ready")
    FAILED = "failed", _("failed")


class ReviewPhoto(models.Model):
    """A photo of a review.

    `original` is what was uploaded, until a worker has made the finished files of it; `renditions`
    lists these as those of a product's picture.
    """

    State: TypeAlias = PhotoState

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="photos")
    original = models.CharField(max_length=200, blank=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    renditions = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROCESSING)
    starts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        constraints = [
            models.CheckConstraint(
                condition=in_choices("state", PhotoState), name="review_photo_state"
            )
        ]

    def __str__(self) -> str:
        return str(self.public_id)


class ReviewAnswer(models.Model):
    """What the shop says to a review, in public."""

    review = models.OneToOneField(Review, on_delete=models.CASCADE, related_name="answer")
    text = models.TextField(_("answer"), max_length=LONGEST_TEXT)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(_("answered at"), db_default=Now())

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")

    def __str__(self) -> str:
        return self.text[:40]


class ReviewVote(models.Model):
    """Another buyer of the product found the review helpful. One vote for each order."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="votes")
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "order"], name="review_vote_once")]

    def __str__(self) -> str:
        return f"vote for {self.review_id}"
