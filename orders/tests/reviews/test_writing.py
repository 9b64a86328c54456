"""Who bought it writes one review of each piece; nobody else does."""

from uuid import UUID, uuid4

import pytest

from catalog.tests.builders import make_variant
from orders.models import (
    OrderEvent,
    OrderStatus,
    Review,
    ReviewReason,
    ReviewState,
    Shipment,
    ShipmentStatus,
)
from orders.reviews.buyers import NotBought, NotSentYet
from orders.reviews.writing import (
    MOST_CHANGES,
    AlreadyReviewed,
    ReviewNotFound,
    TooManyChanges,
    Words,
    change_review,
    write_review,
)
from orders.tests.builders import make_order
from orders.tests.reviews.builders import (
    make_review,
    make_sent_order,
    make_shirt,
    owner,
    publish,
    rating_of,
    refuse,
    send,
)
from tests.racing import race

pytestmark = pytest.mark.django_db


def test_a_review_keeps_what_was_bought_and_said() -> None:
    shirt = make_shirt(size="L")
    order = make_sent_order(shirt)

    review = write_review(
        order_id=order.pk,
        variant_id=shirt.public_id,
        words=Words(4, fit="small", title="Adem", text="Bahannya enak.", display_name="Sari"),
        language="en",
    )

    review.refresh_from_db()
    assert review.order_line == order.lines.get()
    assert review.product == shirt.product
    assert (review.variant_name, review.size and review.size.code) == ("Terakota, L", "l")
    assert (review.rating, review.fit, review.title) == (4, "small", "Adem")
    assert (review.text, review.display_name, review.language) == ("Bahannya enak.", "Sari", "en")
    assert (review.state, review.published_at) == (ReviewState.PENDING, None)
    assert rating_of(shirt.product) == (0, 0)


def test_goods_without_sizes_are_reviewed_without_one() -> None:
    scarf = make_variant(size=None)
    order = make_sent_order(scarf)

    review = make_review(scarf, order=order)

    assert review.size is None


@pytest.mark.parametrize("status", [OrderStatus.PENDING, OrderStatus.EXPIRED])
def test_an_order_that_was_never_paid_cannot_be_reviewed(status: OrderStatus) -> None:
    shirt = make_shirt()
    order = make_order(lines={shirt: 1}, status=status)

    assert_refused(order.pk, shirt.public_id, NotSentYet)


def test_nothing_is_reviewed_before_it_has_left() -> None:
    shirt, trousers = make_shirt(), make_shirt()
    order = make_order(lines={shirt: 2, trousers: 1}, status=OrderStatus.CONFIRMED)
    assert_refused(order.pk, shirt.public_id, NotSentYet)

    line = order.lines.get(variant=shirt)
    send(order, quantities={line.pk: 1})

    assert_refused(order.pk, trousers.public_id, NotSentYet)
    assert make_review(shirt, order=order, state=ReviewState.PENDING).order_line == line


@pytest.mark.parametrize("status", [ShipmentStatus.LOST, ShipmentStatus.RETURNED_TO_SENDER])
def test_what_never_arrived_is_not_reviewed(status: ShipmentStatus) -> None:
    shirt = make_shirt()
    order = make_sent_order(shirt)
    Shipment.objects.update(status=status)

    assert_refused(order.pk, shirt.public_id, NotSentYet)


def test_a_delivered_piece_of_a_closed_order_is_reviewed() -> None:
    shirt = make_shirt()
    order = make_sent_order(shirt)
    Shipment.objects.update(status=ShipmentStatus.DELIVERED)
    order.move_to(OrderStatus.CLOSED)
    order.save(update_fields=["status"])

    assert make_review(shirt, order=order).is_published


def test_a_cancelled_order_is_not_reviewed() -> None:
    shirt = make_shirt()
    order = make_sent_order(shirt)
    order.move_to(OrderStatus.CANCELLED)
    order.save(update_fields=["status"])

    assert_refused(order.pk, shirt.public_id, NotSentYet)


def test_what_somebody_else_bought_is_not_reviewed() -> None:
    order = make_sent_order()
    other = make_shirt()
    make_sent_order(other)

    assert_refused(order.pk, other.public_id, NotBought)
    assert_refused(order.pk, uuid4(), NotBought)


def assert_refused(order_id: int, variant_id: UUID, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        write_review(
            order_id=order_id,
            variant_id=variant_id,
            words=Words(5),
            language="id",
        )
    assert not Review.objects.exists()
    assert not OrderEvent.objects.filter(kind__startswith="review").exists()


def test_a_piece_is_reviewed_once_and_each_piece_of_an_order_for_itself() -> None:
    medium = make_shirt()
    large = make_variant(product=medium.product, size="L")
    order = make_sent_order(medium, large)
    make_review(medium, order=order, rating=5)

    with pytest.raises(AlreadyReviewed):
        make_review(medium, order=order, rating=1)
    make_review(large, order=order, rating=2)

    assert rating_of(medium.product) == (7, 2)


def test_who_bought_it_twice_reviews_it_twice() -> None:
    shirt = make_shirt()

    make_review(shirt, rating=5)
    make_review(shirt, rating=4)

    assert rating_of(shirt.product) == (9, 2)


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_five_times_at_once_is_one_review() -> None:
    shirt = make_shirt()
    order = make_sent_order(shirt)

    def write() -> Review:
        return write_review(
            order_id=order.pk, variant_id=shirt.public_id, words=Words(5), language="id"
        )

    results = race([write] * 5)

    # The unique line alone would hold too, but with an error that no customer understands.
    assert sum(isinstance(each, Review) for each in results) == 1
    assert sum(isinstance(each, AlreadyReviewed) for each in results) == 4
    assert Review.objects.count() == 1


@pytest.mark.parametrize("state", [ReviewState.PUBLISHED, ReviewState.HIDDEN, ReviewState.REJECTED])
def test_what_its_author_changes_is_read_again(state: ReviewState) -> None:
    review = make_review(rating=2, state=state, text="Sempit")

    changed(review, Words(4, text="Ternyata pas"))

    assert (review.state, review.reason) == (ReviewState.PENDING, "")
    assert (review.rating, review.text, review.change_count) == (4, "Ternyata pas", 1)
    assert rating_of(review.product) == (0, 0)
    publish(review)
    assert rating_of(review.product) == (4, 1)


def test_the_same_words_again_change_nothing() -> None:
    review = make_review(rating=4, text="Pas")

    changed(review, Words(4, text="Pas"))

    assert (review.state, review.change_count) == (ReviewState.PUBLISHED, 0)
    assert rating_of(review.product) == (4, 1)


def changed(review: Review, words: Words) -> None:
    change_review(
        order_id=review.order_line.order_id,
        review_id=review.public_id,
        words=words,
        language="id",
    )
    review.refresh_from_db()


def test_nobody_changes_a_strangers_review() -> None:
    review = make_review(text="Pas")
    stranger = make_sent_order(make_shirt())

    with pytest.raises(ReviewNotFound):
        change_review(
            order_id=stranger.pk, review_id=review.public_id, words=Words(1), language="id"
        )

    review.refresh_from_db()
    assert (review.rating, review.text, review.state) == (5, "Pas", ReviewState.PUBLISHED)


def test_a_review_is_not_changed_without_end() -> None:
    review = make_review(text="0")
    for number in range(1, MOST_CHANGES + 1):
        changed(review, Words(5, text=str(number)))
    publish(review)

    with pytest.raises(TooManyChanges):
        changed(review, Words(1, text="once more"))

    review.refresh_from_db()
    assert (review.text, review.state) == (str(MOST_CHANGES), ReviewState.PUBLISHED)
    assert rating_of(review.product) == (5, 1)


def test_the_orders_history_tells_who_did_what_and_nothing_personal() -> None:
    review = make_review(text="Telepon saya 0812", display_name="Sari")
    refuse(review)

    events = OrderEvent.objects.filter(kind__startswith="review").order_by("pk")

    assert [(event.kind, event.actor, event.user) for event in events] == [
        ("review_written", "customer", None),
        ("review_published", "staff", owner()),
        ("review_hidden", "staff", owner()),
    ]
    assert [event.data for event in events] == [
        {"review": review.pk, "rating": 5},
        {"review": review.pk, "rating": 5},
        {"review": review.pk, "rating": 5, "reason": ReviewReason.OFF_TOPIC},
    ]
