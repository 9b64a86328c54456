"""A vote needs a purchase, and counts once however often it is sent."""

import pytest

from orders.models import Review, ReviewVote
from orders.reviews.voting import vote_helpful, withdraw_vote
from orders.tests.reviews.builders import make_review, make_sent_order, make_shirt
from tests.racing import race


@pytest.mark.django_db(transaction=True)
def test_a_vote_that_is_sent_five_times_at_once_counts_once() -> None:
    shirt = make_shirt()
    review, order = make_review(shirt), make_sent_order(shirt)

    results = race([lambda: vote_helpful(order=order, review_id=review.public_id)] * 5)

    assert all(isinstance(each, Review) for each in results)
    assert helpful_count(review) == ReviewVote.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_vote_that_is_withdrawn_five_times_at_once_is_taken_off_once() -> None:
    shirt = make_shirt()
    review = make_review(shirt)
    order, other = make_sent_order(shirt), make_sent_order(shirt)
    for voter in (order, other):
        vote_helpful(order=voter, review_id=review.public_id)

    results = race([lambda: withdraw_vote(order=order, review_id=review.public_id)] * 5)

    assert all(isinstance(each, Review) for each in results)
    assert helpful_count(review) == ReviewVote.objects.count() == 1


def helpful_count(review: Review) -> int:
    review.refresh_from_db()
    return review.helpful_count
