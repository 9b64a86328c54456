"""The pages of reviews are kept for everybody, and shown anew when they change."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.tests.caching.conftest import how
from orders.models import OrderEvent, Review, ReviewState
from orders.reviews.erasing import erase_review
from orders.reviews.moderation import answer_review
from orders.reviews.voting import vote_helpful
from orders.tests.reviews.builders import (
    make_review,
    make_sent_order,
    make_shirt,
    owner,
    publish,
    refuse,
    tell_caches,
)

__all__ = ["how"]
pytestmark = pytest.mark.django_db
LIST = "/p/kemeja-ubud/reviews/"
PAGES = [
    LIST,
    "/en/p/kemeja-ubud-en/reviews/",
    "/p/kemeja-ubud/reviews/fragment/",
    "/api/v1/products/kemeja-ubud/reviews",
]


@pytest.mark.parametrize("path", PAGES)
def test_reviews_are_kept_and_ask_the_database_nothing(
    client: Client, path: str, how: Callable[[], list[str]]
) -> None:
    make_review(make_shirt("Kemeja Ubud"), text="Adem")
    tell_caches()
    built = client.get(path)

    with CaptureQueriesContext(connection) as captured:
        kept = client.get(path)

    assert how() == ["built", "kept"]
    assert (len(captured), kept.content) == (0, built.content)


@pytest.mark.parametrize("path", PAGES)
def test_a_published_review_is_shown_as_soon_as_the_caches_are_told(
    client: Client, path: str
) -> None:
    review = make_review(make_shirt("Kemeja Ubud"), text="Adem", state=ReviewState.PENDING)
    tell_caches()
    assert "Adem" not in client.get(path).text

    publish(review)
    tell_caches()

    assert "Adem" in client.get(path).text


def hide(review: Review) -> None:
    refuse(review)


def answer(review: Review) -> None:
    answer_review(review_id=review.pk, actor_id=owner().pk, text="Terima kasih")


def erase(review: Review) -> None:
    erase_review(review_id=review.pk, by=OrderEvent.Actor.CUSTOMER)


def vote(review: Review) -> None:
    shirt = review.order_line.variant
    vote_helpful(order=make_sent_order(shirt), review_id=review.public_id)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("change", [hide, answer, erase, vote])
def test_what_has_changed_is_shown_anew(
    client: Client, path: str, change: Callable[[Review], None]
) -> None:
    review = make_review(make_shirt("Kemeja Ubud"), text="Adem")
    tell_caches()
    before = client.get(path).content

    change(review)
    tell_caches()

    assert client.get(path).content != before


def test_a_published_review_is_on_the_products_page_too(client: Client) -> None:
    review = make_review(make_shirt("Kemeja Ubud"), rating=4, state=ReviewState.PENDING)
    tell_caches()
    assert "4,0" not in client.get("/p/kemeja-ubud/").text

    publish(review)
    tell_caches()

    assert "4,0" in client.get("/p/kemeja-ubud/").text


def test_filters_are_kept_each_for_itself_and_strangers_make_no_difference(
    client: Client, how: Callable[[], list[str]]
) -> None:
    make_review(make_shirt("Kemeja Ubud"), rating=5)
    tell_caches()

    for query in ("", "?rating=5", "?utm_source=x", "?rating=5&utm_source=x"):
        client.get(f"{LIST}{query}")

    assert how() == ["built", "built", "kept", "kept"]


def test_the_reviews_of_a_product_that_has_moved_are_found(client: Client) -> None:
    shirt = make_shirt("Kemeja Ubud")
    shirt.product.translations.filter(language="id").update(slug="kemeja-ubud-baru")
    tell_caches()

    page = client.get(f"{LIST}?rating=5")

    assert (page.status_code, page["Location"]) == (301, "/p/kemeja-ubud-baru/reviews/")
