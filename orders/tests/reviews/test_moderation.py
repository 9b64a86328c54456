"""Staff decide what is shown, and the rating of a product is what is shown."""

from collections.abc import Callable
from functools import partial

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction

from catalog.models import Product
from orders.models import REVIEW_TRANSITIONS, Review, ReviewAnswer, ReviewState
from orders.reviews.moderation import (
    ChangedMeanwhile,
    ReasonMissing,
    answer_review,
    publish_review,
    refuse_review,
)
from orders.reviews.writing import Words, change_review
from orders.tests.reviews.builders import (
    make_review,
    make_shirt,
    owner,
    publish,
    rating_of,
    refuse,
)
from shop.core.errors import InvalidTransition
from shop.core.models import OutboxMessage
from tests.racing import race

pytestmark = pytest.mark.django_db


def test_a_published_review_counts_and_a_hidden_one_does_not() -> None:
    shirt = make_shirt()
    review = make_review(shirt, rating=4, state=ReviewState.PENDING)
    make_review(shirt, rating=1)

    publish(review)
    assert rating_of(shirt.product) == (5, 2)
    refuse(review)
    assert rating_of(shirt.product) == (1, 1)
    publish(review)
    assert rating_of(shirt.product) == (5, 2)

    review.refresh_from_db()
    assert (review.state, review.reason, review.moderated_by) == ("published", "", owner())


def test_a_rejected_review_counts_once_the_moderator_thinks_better_of_it() -> None:
    review = make_review(rating=3, state=ReviewState.REJECTED)
    assert (review.reason, review.moderated_by) == ("off_topic", owner())
    assert rating_of(review.product) == (0, 0)

    publish(review)

    assert rating_of(review.product) == (3, 1)


def test_deciding_the_same_again_counts_nothing_twice() -> None:
    review = make_review(rating=4)

    publish(review)
    assert rating_of(review.product) == (4, 1)
    refuse(review)
    refuse(review)
    assert rating_of(review.product) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_a_review_that_two_moderators_publish_at_once_counts_once() -> None:
    review = make_review(rating=4, state=ReviewState.PENDING)
    moderator = owner().pk
    calls: list[Callable[[], Review]] = [
        lambda: publish_review(review_id=review.pk, actor_id=moderator, seen=0)
    ]

    results = race(calls * 6)

    assert all(isinstance(each, Review) for each in results)
    assert rating_of(review.product) == (4, 1)


@pytest.mark.django_db(transaction=True)
def test_a_review_that_is_hidden_while_its_author_changes_it_is_taken_out_once() -> None:
    for _round in range(4):
        review = make_review(rating=4)
        order_id, moderator = review.order_line.order_id, owner().pk

        def hide(review: Review = review, moderator: int = moderator) -> Review:
            return refuse_review(review_id=review.pk, actor_id=moderator, reason="abusive")

        def change(review: Review = review, order_id: int = order_id) -> Review:
            return change_review(
                order_id=order_id, review_id=review.public_id, words=Words(1), language="id"
            )

        results = race([hide, change, hide, change])

        assert not [each for each in results if isinstance(each, Exception)]
        assert rating_of(review.product) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_many_reviews_of_a_product_published_at_once_all_count() -> None:
    shirt = make_shirt()
    reviews = [make_review(shirt, rating=5, state=ReviewState.PENDING) for _number in range(5)]
    moderator = owner().pk

    results = race(
        [
            partial(publish_review, review_id=review.pk, actor_id=moderator, seen=0)
            for review in reviews
        ]
    )

    assert not [each for each in results if isinstance(each, Exception)]
    assert rating_of(shirt.product) == (25, 5)


def test_what_the_moderator_did_not_see_is_not_published() -> None:
    review = make_review(state=ReviewState.PENDING, text="Bagus")
    change_review(
        order_id=review.order_line.order_id,
        review_id=review.public_id,
        words=Words(5, text="Beli di toko saya"),
        language="id",
    )

    with pytest.raises(ChangedMeanwhile):
        publish_review(review_id=review.pk, actor_id=owner().pk, seen=review.change_count)

    review.refresh_from_db()
    assert review.state == ReviewState.PENDING
    assert rating_of(review.product) == (0, 0)


def test_a_refusal_needs_a_reason() -> None:
    review = make_review()

    with pytest.raises(ReasonMissing):
        refuse_review(review_id=review.pk, actor_id=owner().pk, reason="")

    review.refresh_from_db()
    assert review.is_published


def test_the_shop_answers_changes_its_answer_and_takes_it_back() -> None:
    review = make_review()
    for text in ("Terima kasih!", "Terima kasih banyak!"):
        answer_review(review_id=review.pk, actor_id=owner().pk, text=text)
    answer = ReviewAnswer.objects.get()
    assert (answer.text, answer.answered_by) == ("Terima kasih banyak!", owner())

    answer_review(review_id=review.pk, actor_id=owner().pk, text="")

    assert not ReviewAnswer.objects.exists()


@pytest.mark.parametrize("state", ReviewState)
@pytest.mark.parametrize("target", ReviewState)
def test_a_review_moves_as_its_table_says(state: ReviewState, target: ReviewState) -> None:
    review = make_review(state=state)

    if target in REVIEW_TRANSITIONS[state]:
        review.move_to(target, at=review.created_at)
        assert review.state == target
    else:
        with pytest.raises(InvalidTransition):
            review.move_to(target, at=review.created_at)
        assert review.state == state


@pytest.mark.parametrize(
    "wrong",
    [
        {"rating": 0},
        {"rating": 6},
        {"fit": "huge"},
        {"state": "unknown"},
        {"state": "rejected", "reason": ""},
        {"published_at": None},
    ],
)
def test_the_database_refuses_what_no_review_is(wrong: dict[str, object]) -> None:
    review = make_review()

    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(**wrong)


def test_each_change_that_readers_see_is_told_to_their_pages() -> None:
    review = make_review(state=ReviewState.PENDING)

    def told() -> int:
        changes = OutboxMessage.objects.filter(topic="reviews-changed")
        assert all(row.payload == {"product_id": review.product_id} for row in changes)
        return changes.count()

    answer_review(review_id=review.pk, actor_id=owner().pk, text="Terima kasih")
    assert told() == 0
    publish(review)
    assert told() == 1
    answer_review(review_id=review.pk, actor_id=owner().pk, text="")
    assert told() == 2
    refuse(review)
    assert told() == 3


def test_a_rating_that_is_wrong_is_found_and_told() -> None:
    review = make_review(rating=4)
    other = make_review(make_shirt(), rating=2)
    call_command("check_ratings")
    Product.objects.filter(pk=review.product_id).update(rating_sum=9, rating_count=2)
    Product.objects.filter(pk=other.product_id).update(rating_sum=0, rating_count=0)

    with pytest.raises(CommandError) as error:
        call_command("check_ratings")

    text = str(error.value)
    assert f"product {review.product_id}: 9 stars in 2 reviews, really 4 in 1" in text
    assert f"product {other.product_id}: 0 stars in 0 reviews, really 2 in 1" in text
