"""All that staff see of one review, on one page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from catalog.catalogue import ImageView
from orders.admin.badges import review_badge
from orders.admin.page import STAFF_EVENT_TEXTS
from orders.models import OrderEvent, Review
from orders.reviews.own import OwnPhoto, own_photos


@dataclass(frozen=True, slots=True)
class Step:
    text: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReviewPage:
    review: Review
    stars: SafeString
    state: SafeString
    photos: list[OwnPhoto]
    steps: list[Step]


def show_review(review: Review) -> ReviewPage:
    return ReviewPage(
        review=review,
        stars=stars_shown(review.rating),
        state=review_badge(review),
        photos=own_photos(review),
        steps=[_step(event, review) for event in _events(review)],
    )


def _events(review: Review) -> Iterable[OrderEvent]:
    """Those of this review among its order's."""
    return (
        OrderEvent.objects.filter(
            order=review.order_line.order_id, kind__startswith="review_", data__review=review.pk
        )
        .select_related("user")
        .order_by("-created_at", "-pk")
    )


def _step(event: OrderEvent, review: Review) -> Step:
    text = str(STAFF_EVENT_TEXTS.get(event.kind, event.kind)).format(**event.data)
    reason = event.data.get("reason", "")
    if reason:
        text = f"{text}: {dict(Review.Reason.choices).get(reason, reason)}"
    actor = event.user.email if event.user else event.get_actor_display()
    return Step(text, actor, event.created_at)


def stars_shown(rating: int) -> SafeString:
    """A word for who does not see the stars."""
    label = ngettext("%(count)s of 5 stars", "%(count)s of 5 stars", rating) % {"count": rating}
    return format_html(
        '<span class="stars" role="img" aria-label="{}">{}</span>',
        label,
        "★" * rating + "☆" * (5 - rating),
    )


def thumbnails(images: Iterable[ImageView]) -> SafeString:
    row = '<img src="{}" width="48" height="48" alt="{}" loading="lazy">'
    return format_html_join(" ", row, ((smallest(image), image.alt) for image in images))


def smallest(image: ImageView) -> str:
    """The address of the smallest file that is offered."""
    if not image.sources:
        return image.src
    return image.sources[0][1].split(" ")[0]
