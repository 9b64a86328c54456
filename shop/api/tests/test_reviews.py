"""Reviews through the API, as everybody reads them."""

from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.tests.builders import make_variant
from orders.models import Review, ReviewState
from orders.reviews.moderation import answer_review
from orders.tests.reviews.builders import (
    make_review,
    make_shirt,
    owner,
    tell_caches,
)
from shop.api.tests.client import API, App, answer_of, problem_of
from shop.api.tests.test_document import assert_valid

pytestmark = pytest.mark.django_db
LIST = "/products/kemeja-ubud/reviews"


def test_the_reviews_of_a_product_with_their_summary() -> None:
    shirt = make_shirt("Kemeja Ubud", size="L")
    review = make_review(
        shirt, rating=4, fit="small", title="Adem", text="Enak", display_name="Sari"
    )
    make_review(shirt, rating=5)
    make_review(shirt, state=ReviewState.PENDING)
    answer_review(review_id=review.pk, actor_id=owner().pk, text="Terima kasih")
    Review.objects.filter(pk=review.pk).update(helpful_count=2)

    answer = answer_of(App().get(LIST), 200)

    assert_valid("/products/{slug}/reviews", "get", "200", answer)
    assert answer["summary"] == {
        "count": 2,
        "average": 4.5,
        "stars": [{"stars": star, "count": int(star > 3)} for star in (5, 4, 3, 2, 1)],
        "fit": [
            {"fit": "small", "percent": 100},
            {"fit": "true", "percent": 0},
            {"fit": "large", "percent": 0},
        ],
        "sizes": [{"code": "l", "name": "L", "count": 2}],
    }
    assert answer["next"] is None
    first = answer["results"][0]
    assert first["id"] == str(review.public_id)
    assert (first["rating"], first["fit"], first["title"], first["text"]) == (
        4,
        "small",
        "Adem",
        "Enak",
    )
    assert (first["author"], first["variant_name"]) == ("Sari", "Terakota, L")
    assert first["answer"]["text"] == "Terima kasih"
    assert first["written_at"].endswith("Z")


def test_a_list_of_reviews_is_public_and_carries_nothing_personal() -> None:
    shirt = make_shirt("Kemeja Ubud")
    review = make_review(shirt)

    response = App().get(LIST)

    assert "public" in response["Cache-Control"]
    assert response["ETag"]
    for word in ("Siti", "siti@example.com", review.order_line.order.number):
        assert word not in response.text


def test_reviews_are_narrowed_down_and_follow_each_other() -> None:
    medium = make_shirt("Kemeja Ubud", size="M")
    large = make_variant(product=medium.product, size="L", on_hand=100)
    for rating in (5, 5, 5, 2):
        make_review(medium, rating=rating, text=f"M{rating}")
    make_review(large, rating=5, text="L5")
    app = App()

    path: str | None = f"{LIST}?rating=5&size=m&sort=newest&page_size=2"
    texts: list[str] = []
    while path:
        page = answer_of(app.get(path), 200)
        texts += [each["text"] for each in page["results"]]
        following = page["next"] and urlsplit(page["next"])
        path = following and f"{following.path.removeprefix(API)}?{following.query}"

    assert texts == ["M5"] * 3


def test_a_cursor_belongs_to_its_list() -> None:
    shirt = make_shirt("Kemeja Ubud")
    make_variant(product=make_shirt("Celana").product)
    for _number in range(3):
        make_review(shirt)
    app = App()
    query = urlsplit(answer_of(app.get(f"{LIST}?page_size=1"), 200)["next"]).query

    assert len(answer_of(app.get(f"{LIST}?{query}"), 200)["results"]) == 1
    problem_of(app.get(f"{LIST}?{query}&rating=5"), 400, "invalid_cursor")
    problem_of(app.get(f"{LIST}?{query}x"), 400, "invalid_cursor")
    problem_of(app.get(f"/products/celana/reviews?{query}"), 400, "invalid_cursor")
    problem_of(app.get(f"{LIST}?stars=5"), 400, "unknown_field")
    problem_of(app.get("/products/tidak-ada/reviews"), 404, "product_not_found")


def test_the_list_costs_the_same_for_one_review_and_for_five() -> None:
    shirt = make_shirt("Kemeja Ubud")
    make_review(shirt)
    app = App()

    def queries() -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            answer_of(app.get(LIST), 200)
        return len(captured)

    one = queries()
    for _number in range(4):
        make_review(shirt)
    assert queries() == one <= 5


def test_cards_and_products_say_how_they_are_rated() -> None:
    shirt = make_shirt("Kemeja Ubud")
    for rating in (5, 5, 4):
        make_review(shirt, rating=rating)
    make_review(shirt, rating=1, state=ReviewState.PENDING)
    make_shirt("Celana")
    tell_caches()

    cards = answer_of(App().get("/products"), 200)["results"]
    product = answer_of(App().get("/products/kemeja-ubud"), 200)

    assert {card["slug"]: card["rating"] for card in cards} == {
        "kemeja-ubud": {"average": 4.7, "count": 3},
        "celana": {"average": 0.0, "count": 0},
    }
    assert product["rating"] == {"average": 4.7, "count": 3}
    assert_valid("/products/{slug}", "get", "200", product)
