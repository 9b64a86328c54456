"""Reviews through the API, as the holder of an order's token writes them."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from catalog.models import Variant
from catalog.tests.imaging.conftest import files_in
from orders.models import LONGEST_TEXT, Order, OrderStatus, Review, ReviewPhoto
from orders.tests.builders import make_order
from orders.tests.reviews.builders import (
    make_review,
    make_sent_order,
    make_shirt,
    photo_bytes,
    publish,
    rating_of,
    tell_caches,
)
from shop.api.tests.client import API, App, Json, answer_of, problem_of
from shop.api.tests.test_document import assert_valid
from tests.racing import race

pytestmark = pytest.mark.django_db
LIST = "/products/kemeja-ubud/reviews"


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


def words(**said: Any) -> Json:
    usual = {"rating": 4, "fit": "true", "title": "Adem", "text": "Enak", "display_name": "Sari"}
    return usual | said


def written(order: Order, variant: Variant, *, key: str = "", path: str = LIST, **said: Any) -> Any:
    return App().post(
        path,
        words(variant=str(variant.public_id), **said),
        x_order_token=order.token,
        idempotency_key=key or str(uuid4()),
    )


def with_photo(order: Order, review: Review, data: bytes | None = None, **headers: str) -> Any:
    """Sent as a form with a file, as phones do it."""
    photo = SimpleUploadedFile("foto.jpg", photo_bytes() if data is None else data)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Client().post(
        f"{API}/reviews/{review.public_id}/photos",
        {"photo": photo},
        headers={"x-order-token": order.token} | named,
    )


def test_who_bought_it_reviews_it() -> None:
    shirt = make_shirt("Kemeja Ubud")
    order = make_sent_order(shirt)

    answer = answer_of(written(order, shirt), 201)

    assert_valid("/products/{slug}/reviews", "post", "201", answer)
    review = Review.objects.get()
    assert answer["id"] == str(review.public_id)
    assert (answer["state"], answer["variant"]) == ("pending", str(shirt.public_id))
    assert (review.rating, review.fit, review.text, review.language) == (4, "true", "Enak", "id")
    assert answer_of(App().get(LIST), 200)["results"] == []
    publish(review)
    tell_caches()
    assert answer_of(App().get(LIST), 200)["results"][0]["id"] == answer["id"]


def test_the_same_request_again_gets_the_same_answer_and_one_review() -> None:
    shirt = make_shirt("Kemeja Ubud")
    order = make_sent_order(shirt)

    first = written(order, shirt, key="a")
    again = written(order, shirt, key="a")

    assert (again.status_code, again.content) == (201, first.content)
    problem_of(written(order, shirt, key="a", rating=1), 422, "idempotency_key_reused")
    problem_of(written(order, shirt, key="b"), 409, "already_reviewed")
    assert Review.objects.get().rating == 4


@pytest.mark.django_db(transaction=True)
def test_the_same_request_five_times_at_once_writes_one_review() -> None:
    shirt = make_shirt("Kemeja Ubud")
    order = make_sent_order(shirt)

    answers = race([lambda: written(order, shirt, key="a")] * 5)

    assert [getattr(answer, "status_code", answer) for answer in answers] == [201] * 5
    assert len({getattr(answer, "content", b"") for answer in answers}) == 1
    assert Review.objects.count() == 1


def test_a_refusal_leaves_the_key_unused() -> None:
    shirt = make_shirt("Kemeja Ubud")
    order = make_order(lines={shirt: 1}, status=OrderStatus.CONFIRMED)
    problem_of(written(order, shirt, key="a"), 409, "not_sent_yet")
    assert not Review.objects.exists()

    other = make_sent_order(shirt)
    answer_of(written(other, shirt, key="a"), 201)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"rating": 0}, "validation_error"),
        ({"rating": "5"}, "validation_error"),
        ({"fit": "huge"}, "validation_error"),
        ({"text": "x" * (LONGEST_TEXT + 1)}, "validation_error"),
        ({"title": None}, "validation_error"),
        ({"state": "published"}, "unknown_field"),
    ],
)
def test_what_is_wrong_is_named(wrong: Json, code: str) -> None:
    shirt = make_shirt("Kemeja Ubud")

    problem = problem_of(written(make_sent_order(shirt), shirt, **wrong), 400, code)

    assert list(problem["errors"]) == list(wrong)
    assert not Review.objects.exists()


def test_nobody_else_reviews_it() -> None:
    shirt, other = make_shirt("Kemeja Ubud"), make_shirt("Celana")
    order = make_sent_order(other)
    body = words(variant=str(shirt.public_id))
    app = App()

    problem_of(app.post(LIST, body, idempotency_key="a"), 404, "order_not_found")
    problem_of(app.post(LIST, body, x_order_token=order.token), 400, "idempotency_key_missing")
    problem_of(written(order, shirt), 404, "not_bought")
    # Bought, but not this product.
    problem_of(written(order, other), 404, "not_bought")
    problem_of(written(order, other, path="/products/tidak/reviews"), 404, "product_not_found")

    assert not Review.objects.exists()


def test_the_buyer_sees_what_can_be_and_was_reviewed() -> None:
    shirt, trousers = make_shirt("Kemeja Ubud"), make_shirt("Celana")
    order = make_sent_order(shirt, trousers)
    review = make_review(shirt, order=order, text="Enak")

    path = f"/orders/{order.number}/reviews"
    answer = answer_of(App().get(path, x_order_token=order.token), 200)

    assert_valid("/orders/{number}/reviews", "get", "200", answer)
    first, second = answer["results"]
    assert (first["variant"], first["can_review"]) == (str(shirt.public_id), True)
    assert first["review"]["id"] == str(review.public_id)
    assert first["review"]["state"] == "published"
    assert (second["product_name"], second["can_review"]) == ("Celana", True)
    assert second["review"] is None
    problem_of(App().get(path, x_order_token="wrong"), 404, "order_not_found")


def test_a_review_is_changed_and_read_again() -> None:
    shirt = make_shirt("Kemeja Ubud")
    order = make_sent_order(shirt)
    review = make_review(shirt, order=order, rating=5)
    path = f"/reviews/{review.public_id}"

    answer = answer_of(App().put(path, words(rating=2), x_order_token=order.token), 200)

    assert_valid("/reviews/{review}", "put", "200", answer)
    assert (answer["rating"], answer["state"]) == (2, "pending")
    assert rating_of(shirt.product) == (0, 0)
    stranger = make_sent_order(shirt)
    problem_of(
        App().put(path, words(rating=1), x_order_token=stranger.token), 404, "review_not_found"
    )
    review.refresh_from_db()
    assert review.rating == 2


def test_words_and_photos_are_deleted_and_the_stars_stay() -> None:
    shirt = make_shirt("Kemeja Ubud")
    order = make_sent_order(shirt)
    review = make_review(shirt, order=order, rating=5, text="Enak", display_name="Sari")
    path = f"/reviews/{review.public_id}"

    for _time in range(2):
        answer = answer_of(App().delete(path, x_order_token=order.token), 200)

    assert (answer["text"], answer["display_name"], answer["rating"]) == ("", "", 5)
    assert rating_of(shirt.product) == (5, 1)
    problem_of(App().delete(path, x_order_token="wrong"), 404, "order_not_found")


def test_a_photo_is_added_once_and_removed(media: Path) -> None:
    shirt = make_shirt("Kemeja Ubud")
    order = make_sent_order(shirt)
    review = make_review(shirt, order=order)

    first = answer_of(with_photo(order, review, idempotency_key="a"), 201)
    again = with_photo(order, review, idempotency_key="a")

    assert_valid("/reviews/{review}/photos", "post", "201", first)
    assert json.loads(again.content) == first
    assert files_in(media) == {ReviewPhoto.objects.get().original}
    assert (first["state"], first["photos"][0]["state"]) == ("pending", "processing")
    photo = ReviewPhoto.objects.get()
    other = with_photo(order, review, photo_bytes(colour="#29344d"), idempotency_key="a")
    problem_of(other, 422, "idempotency_key_reused")

    path = f"/reviews/{review.public_id}/photos/{photo.public_id}"
    answer = answer_of(App().delete(path, x_order_token=order.token), 200)
    assert answer["photos"] == []
    assert not ReviewPhoto.objects.exists()


def test_what_is_no_photo_is_refused() -> None:
    shirt = make_shirt("Kemeja Ubud")
    order = make_sent_order(shirt)
    review = make_review(shirt, order=order)
    stranger = make_sent_order(shirt)

    problem_of(with_photo(order, review, b"<svg onload=alert(1)>"), 422, "picture_unknown")
    problem_of(with_photo(order, review, b""), 400, "validation_error")
    problem_of(with_photo(stranger, review), 404, "review_not_found")
    json_body = App().post(
        f"/reviews/{review.public_id}/photos", {"photo": "x"}, x_order_token=order.token
    )
    problem_of(json_body, 415, "unsupported_media_type")
    for _number in range(4):
        answer_of(with_photo(order, review), 201)
    problem_of(with_photo(order, review), 422, "too_many_photos")

    assert ReviewPhoto.objects.count() == 4


def test_a_review_is_found_helpful_by_who_bought_it_too() -> None:
    shirt = make_shirt("Kemeja Ubud")
    own = make_sent_order(shirt)
    review = make_review(shirt, order=own)
    path = f"/reviews/{review.public_id}/helpful"
    buyer = make_sent_order(shirt)

    for is_helpful, count in ((True, 1), (True, 1), (False, 0), (False, 0)):
        answer = answer_of(
            App().put(path, {"is_helpful": is_helpful}, x_order_token=buyer.token), 200
        )
        assert_valid("/reviews/{review}/helpful", "put", "200", answer)
        assert answer == {"helpful_count": count}
    for wrong in ("yes", 1, None):
        refusal = App().put(path, {"is_helpful": wrong}, x_order_token=buyer.token)
        problem_of(refusal, 400, "validation_error")
    yes = {"is_helpful": True}
    problem_of(App().put(path, yes, x_order_token=own.token), 409, "own_review")
    other = make_sent_order(make_shirt())
    problem_of(App().put(path, yes, x_order_token=other.token), 404, "not_bought")


def test_a_product_that_has_moved_is_found_again_by_who_reads_or_writes() -> None:
    shirt = make_shirt("Kemeja Ubud")
    order = make_sent_order(shirt)
    shirt.product.translations.filter(language="id").update(slug="kemeja-baru")

    for refusal in (App().get(LIST), written(order, shirt)):
        assert problem_of(refusal, 404, "product_not_found")["moved_to"] == "kemeja-baru"
    assert not Review.objects.exists()
