"""All that is personal goes; the stars stay, and the history that names nobody."""

import json

import pytest

from orders.models import OrderEvent, PhotoState, ReviewAnswer, ReviewPhoto, ReviewState
from orders.reviews.erasing import erase_review
from orders.reviews.moderation import answer_review
from orders.reviews.writing import Words, change_review
from orders.tests.reviews.builders import (
    make_review,
    owner,
    publish,
    rating_of,
)
from shop.core.models import OutboxMessage

pytestmark = pytest.mark.django_db
CUSTOMER = OrderEvent.Actor.CUSTOMER


def test_words_name_photos_and_answer_go_and_the_stars_stay() -> None:
    review = make_review(rating=4, fit="true", title="Adem", text="Enak", display_name="Sari")
    ReviewPhoto.objects.create(
        review=review,
        width=9,
        height=9,
        state=PhotoState.READY,
        renditions=[{"format": "webp", "width": 240, "path": "reviews/a-240.webp"}],
    )
    answer_review(review_id=review.pk, actor_id=owner().pk, text="Halo Sari")

    erase_review(review_id=review.pk, by=CUSTOMER)
    erase_review(review_id=review.pk, by=CUSTOMER)

    review.refresh_from_db()
    assert (review.title, review.text, review.display_name) == ("", "", "")
    assert (review.rating, review.fit, review.state) == (4, "true", ReviewState.PUBLISHED)
    assert review.photo_count == 0
    assert not ReviewPhoto.objects.exists()
    assert not ReviewAnswer.objects.exists()
    assert rating_of(review.product) == (4, 1)
    files = OutboxMessage.objects.get(topic="review-files-gone")
    assert files.payload["names"] == ["reviews/a-240.webp"]


def test_nothing_that_cannot_be_erased_names_anybody() -> None:
    review = make_review(title="Judulku", text="Telepon 0812345", display_name="Sari Dewi")
    answer_review(review_id=review.pk, actor_id=owner().pk, text="Terima kasih, Sari Dewi")
    erase_review(review_id=review.pk, by=CUSTOMER)

    history = json.dumps(list(OrderEvent.objects.values_list("kind", "data")))
    later = json.dumps(list(OutboxMessage.objects.values_list("payload", flat=True)))

    for kept in (history, later):
        for word in ("Judulku", "0812345", "Sari"):
            assert word not in kept


def test_who_has_deleted_may_write_anew() -> None:
    review = make_review(rating=2, text="Kesal")
    erase_review(review_id=review.pk, by=CUSTOMER)

    change_review(
        order_id=review.order_line.order_id,
        review_id=review.public_id,
        words=Words(4, text="Sudah ditukar"),
        language="id",
    )

    review.refresh_from_db()
    assert (review.text, review.erased_at) == ("Sudah ditukar", None)
    publish(review)
    assert rating_of(review.product) == (4, 1)
