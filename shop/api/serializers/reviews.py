"""Reviews as everybody reads them, and as their author does."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from orders.models import (
    LONGEST_NAME,
    LONGEST_TEXT,
    LONGEST_TITLE,
    PhotoState,
    ReviewFit,
    ReviewReason,
    ReviewState,
)
from orders.reviews.showing import SORTS, STARS, Summary
from shop.api.serializers.catalogue import ImageShape
from shop.api.serializers.fields import Body, Flag, Shape, Text, Token, Whole
from shop.api.serializers.moments import Moment

FIT_OR_NONE = ["", *ReviewFit.values]
FIT_HELP = "How it fits; empty where the buyer did not say."


class ReviewQuery(Body):
    rating = serializers.ChoiceField(choices=list(STARS), required=False)
    size = serializers.CharField(
        required=False, max_length=40, help_text="Code of a size that was bought, from `summary`."
    )
    sort = serializers.ChoiceField(choices=list(SORTS), required=False)
    page_size = serializers.IntegerField(
        required=False, min_value=1, max_value=50, help_text="10 unless said otherwise."
    )
    cursor = serializers.CharField(
        required=False,
        max_length=500,
        help_text="Where to go on, from `next`. It knows everything else by itself.",
    )


class StarShareShape(Shape):
    stars = serializers.IntegerField()
    count = serializers.IntegerField()


class FitShareShape(Shape):
    fit = serializers.ChoiceField(choices=ReviewFit.choices)
    percent = serializers.IntegerField(help_text="Of those who said how it fits.")


class SizeShareShape(Shape):
    code = serializers.CharField()
    name = serializers.CharField()
    count = serializers.IntegerField()


class ReviewSummaryShape(Shape):
    count = serializers.IntegerField()
    average = serializers.FloatField(help_text="With one decimal; 0 without reviews.")
    stars = serializers.SerializerMethodField()
    fit = serializers.SerializerMethodField()
    sizes = SizeShareShape(many=True)

    @extend_schema_field(StarShareShape(many=True))
    def get_stars(self, summary: Summary) -> list[dict[str, int]]:
        return [{"stars": star, "count": share.count} for star, share in summary.stars.items()]

    @extend_schema_field(FitShareShape(many=True))
    def get_fit(self, summary: Summary) -> list[dict[str, Any]]:
        return [{"fit": fit.value, "percent": share.percent} for fit, share in summary.fit.items()]


class AnswerShape(Shape):
    text = serializers.CharField()
    answered_at = Moment()


class ReviewShape(Shape):
    id = serializers.UUIDField(source="public_id")
    rating = serializers.IntegerField(help_text="1 to 5 stars.")
    fit = serializers.ChoiceField(choices=FIT_OR_NONE, help_text=FIT_HELP)
    title = serializers.CharField()
    text = serializers.CharField()
    language = serializers.CharField(help_text="In which it is written.")
    author = serializers.CharField(help_text="Empty for a buyer who gave no name.")
    variant_name = serializers.CharField(help_text="What was bought, in the order's language.")
    written_at = Moment()
    photos = ImageShape(many=True)
    answer = AnswerShape(allow_null=True, help_text="Of the shop.")
    helpful_count = serializers.IntegerField(help_text="How many other buyers say that it helped.")


class ReviewListShape(Shape):
    summary = ReviewSummaryShape(help_text="Of all reviews, whatever was chosen.")
    results = ReviewShape(many=True)
    next = serializers.URLField(allow_null=True, help_text="The next page; null on the last one.")


class ReviewWordsBody(Body):
    rating = Whole(min_value=1, max_value=5, help_text="Stars.")
    fit = serializers.ChoiceField(choices=FIT_OR_NONE, default="", help_text=FIT_HELP)
    title = Text(max_length=LONGEST_TITLE, allow_blank=True, default="")
    text = Text(max_length=LONGEST_TEXT, allow_blank=True, default="")
    display_name = Text(
        max_length=LONGEST_NAME,
        allow_blank=True,
        default="",
        help_text="Everybody reads it. Offer the first name, never fill in the whole one.",
    )


class NewReviewBody(ReviewWordsBody):
    variant = Token(help_text="Which line of the order it is about.")


class OwnPhotoShape(Shape):
    id = serializers.UUIDField(source="public_id")
    state = serializers.ChoiceField(choices=PhotoState.choices)
    image = ImageShape(allow_null=True, help_text="Null until it is `ready`.")


class OwnReviewShape(Shape):
    id = serializers.UUIDField(source="review.public_id")
    variant = serializers.UUIDField(source="review.order_line.variant.public_id")
    state = serializers.ChoiceField(
        source="review.state",
        choices=ReviewState.choices,
        help_text="Others see it only while it is `published`.",
    )
    reason = serializers.ChoiceField(
        source="review.reason",
        choices=["", *ReviewReason.values],
        help_text="Why it is `rejected` or `hidden`.",
    )
    reason_text = serializers.CharField(
        source="review.get_reason_display", help_text="The same for people."
    )
    note = serializers.CharField(source="review.note", help_text="What the shop adds to it.")
    rating = serializers.IntegerField(source="review.rating")
    fit = serializers.ChoiceField(source="review.fit", choices=FIT_OR_NONE, help_text=FIT_HELP)
    title = serializers.CharField(source="review.title")
    text = serializers.CharField(source="review.text")
    display_name = serializers.CharField(source="review.display_name")
    written_at = Moment(source="review.written_at")
    photos = OwnPhotoShape(many=True)


class OrderReviewLineShape(Shape):
    variant = serializers.UUIDField(source="line.variant.public_id")
    product_name = serializers.CharField(source="line.product_name")
    variant_name = serializers.CharField(source="line.variant_name")
    can_review = serializers.BooleanField(help_text="A unit of it has left.")
    review = OwnReviewShape(allow_null=True)


class OrderReviewListShape(Shape):
    results = OrderReviewLineShape(many=True)


class PhotoBody(Body):
    photo = serializers.FileField(help_text="JPEG, PNG, WebP or AVIF.")


class HelpfulBody(Body):
    is_helpful = Flag(help_text="False takes it back.")


class HelpfulShape(Shape):
    helpful_count = serializers.IntegerField()
