"""What everybody reads: the same for everybody, sorted and narrowed down, never more than said."""

import json
import re
from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.tests.builders import make_variant
from orders.models import PhotoState, Review, ReviewPhoto, ReviewState
from orders.reviews.moderation import answer_review
from orders.tests.reviews.builders import make_review, make_shirt, owner

LIST = "/p/kemeja-ubud/reviews/"
PART = "/p/kemeja-ubud/reviews/fragment/"
ENGLISH = "/en/p/kemeja-ubud-en/reviews/"
pytestmark = pytest.mark.django_db


def texts_of(page: str) -> list[str]:
    """What the shown reviews say, in their order."""
    return re.findall(r'<div class="words"[^>]*>\s*<p>(.*?)</p>', page, re.DOTALL)


def add_photo(review: Review, *, state: PhotoState = PhotoState.READY) -> None:
    ReviewPhoto.objects.create(
        review=review,
        width=900,
        height=1200,
        state=state,
        renditions=[
            {"format": kind, "width": width, "path": f"reviews/{review.pk}-{width}.{kind}"}
            for kind, width in (("avif", 240), ("avif", 900), ("webp", 240), ("webp", 900))
        ],
    )
    Review.objects.filter(pk=review.pk).update(
        photo_count=review.photos.filter(state="ready").count()
    )


def test_a_review_is_shown_with_all_that_was_said(client: Client) -> None:
    shirt = make_shirt("Kemeja Ubud", size="L")
    review = make_review(
        shirt,
        rating=4,
        fit="small",
        title="Adem",
        text="Bahannya enak.",
        display_name="Sari",
        language="id",
    )
    add_photo(review)
    answer_review(review_id=review.pk, actor_id=owner().pk, text="Terima kasih, Sari!")
    Review.objects.filter(pk=review.pk).update(
        helpful_count=3, written_at=datetime(2026, 11, 5, 9, tzinfo=UTC)
    )

    page = client.get(ENGLISH).text

    for words in (
        'aria-label="4 of 5 stars"',
        "<bdi>Sari</bdi>",
        "Verified buyer",
        "5 Nov 2026",
        "Terakota, L",
        "Runs small",
        "<b>Adem</b>",
        "<p>Bahannya enak.</p>",
        'lang="id"',
        f"/media/reviews/{review.pk}-240.avif 240w",
        'alt="Photo by Sari"',
        "RONA answers",
        "Terima kasih, Sari!",
        "3 buyers found this helpful",
    ):
        assert words in page, words


def test_who_gave_no_name_has_none(client: Client) -> None:
    make_review(make_shirt("Kemeja Ubud"), text="Pas")

    page = client.get(ENGLISH).text

    assert "<bdi>A buyer</bdi>" in page
    assert "Siti" not in page


@pytest.mark.parametrize("path", [LIST, PART, "/p/kemeja-ubud/"])
def test_only_published_reviews_are_shown(client: Client, path: str) -> None:
    shirt = make_shirt("Kemeja Ubud")
    for state in ReviewState:
        make_review(shirt, state=state, text=f"Ini {state}")

    page = client.get(path).text

    for state in set(ReviewState) - {ReviewState.PUBLISHED}:
        assert f"Ini {state}" not in page


def test_the_summary_adds_up(client: Client) -> None:
    shirt = make_shirt("Kemeja Ubud")
    for rating, fit in ((5, "true"), (5, "true"), (4, "small"), (5, ""), (1, "true")):
        make_review(shirt, rating=rating, fit=fit)

    page = client.get(LIST).text
    english = client.get(ENGLISH).text

    assert "<b>4,0</b>" in page
    assert "<b>4.0</b>" in english
    assert "5 reviews by buyers" in english
    meters = re.findall(r'<meter min="0" max="100" value="(\d+)"', page)
    assert [int(value) for value in meters] == [60, 20, 0, 0, 20, 25, 75, 0]
    assert "True to size: 75 %" in english


def test_without_reviews_the_page_says_so_and_has_no_meters(client: Client) -> None:
    make_shirt("Kemeja Ubud")

    page = client.get(ENGLISH).text

    assert "Nobody has reviewed this yet." in page
    assert "<meter" not in page


def test_reviews_are_narrowed_down_by_stars_and_by_size(client: Client) -> None:
    medium = make_shirt("Kemeja Ubud", size="M")
    large = make_variant(product=medium.product, size="L", on_hand=100)
    make_review(medium, rating=5, text="M bagus")
    make_review(large, rating=5, text="L bagus")
    make_review(large, rating=2, text="L jelek")

    def shown(**query: str) -> set[str]:
        return set(texts_of(client.get(ENGLISH, query).text))

    assert shown(rating="5") == {"M bagus", "L bagus"}
    assert shown(size="l") == {"L bagus", "L jelek"}
    assert shown(size="l", rating="2") == {"L jelek"}
    assert shown(size="xxl") == set()
    assert shown(rating="nonsense", page="-1", sort="nonsense") == {"M bagus", "L bagus", "L jelek"}
    page = client.get(ENGLISH, {"size": "l"}).text
    assert "2 reviews chosen." in page
    assert '<option value="l" selected>L (2)</option>' in page
    assert "3 reviews by buyers" in page


def test_reviews_are_sorted_as_the_reader_likes(client: Client) -> None:
    shirt = make_shirt("Kemeja Ubud")
    old, photographed, new = (make_review(shirt, text=text) for text in ("lama", "foto", "baru"))
    for day, review in enumerate((old, photographed, new), start=1):
        Review.objects.filter(pk=review.pk).update(written_at=datetime(2026, 11, day, tzinfo=UTC))
    add_photo(photographed)
    Review.objects.filter(pk=old.pk).update(helpful_count=2)

    def order(sort: str) -> list[str]:
        return texts_of(client.get(LIST, {"sort": sort}).text)

    assert order("newest") == ["baru", "foto", "lama"]
    assert order("photos") == ["foto", "baru", "lama"]
    assert order("helpful") == order("") == ["lama", "foto", "baru"]


def test_pages_follow_each_other_and_keep_what_was_chosen(client: Client) -> None:
    shirt = make_shirt("Kemeja Ubud")
    for number in range(12):
        make_review(shirt, rating=4, text=f"Ulasan {number}")
    make_review(shirt, rating=1, text="lain")

    first = client.get(LIST, {"rating": "4", "sort": "newest"}).text
    second = client.get(LIST, {"rating": "4", "sort": "newest", "page": "2"}).text

    assert texts_of(first) == [f"Ulasan {number}" for number in range(11, 1, -1)]
    assert texts_of(second) == ["Ulasan 1", "Ulasan 0"]
    assert 'href="?rating=4&amp;sort=newest&amp;page=2"' in first
    assert texts_of(client.get(LIST, {"rating": "4", "page": "99"}).text)


@pytest.mark.parametrize("path", [LIST, PART, ENGLISH])
def test_the_pages_carry_nothing_of_the_visitor(client: Client, path: str) -> None:
    make_review(make_shirt("Kemeja Ubud"))
    client.cookies["cart"] = "7a0c6ed9-5e4b-4a0a-9a0e-2b6f1f3a5c11"

    answer = client.get(path)

    assert answer.status_code == 200
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")
    assert "csrfmiddlewaretoken" not in answer.text
    assert "public" in answer["Cache-Control"]
    assert not re.search(r"<style|\sstyle=|\son\w+=", answer.text)


def test_the_pages_cost_the_same_for_one_review_and_for_ten(client: Client) -> None:
    shirt = make_shirt("Kemeja Ubud")
    add_photo(make_review(shirt, text="satu"))

    def queries_of(path: str) -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    first = {path: queries_of(path) for path in (LIST, PART)}
    for number in range(9):
        size = ("S", "M", "L")[number % 3]
        add_photo(make_review(make_variant(product=shirt.product, size=size), text=str(number)))

    assert {path: queries_of(path) for path in first} == first
    assert first[PART] <= 5
    assert first[LIST] <= 10


def test_what_a_buyer_writes_is_text_and_nothing_else(client: Client) -> None:
    attack = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    review = make_review(
        make_shirt("Kemeja Ubud"), title=attack, text=attack, display_name=attack[:40]
    )
    add_photo(review)
    answer_review(review_id=review.pk, actor_id=owner().pk, text=attack)

    for path in (LIST, PART, "/p/kemeja-ubud/"):
        page = client.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in client.get(LIST).text


def test_the_page_links_to_itself_in_the_other_language(client: Client) -> None:
    make_shirt("Kemeja Ubud")

    page = client.get(LIST).text

    assert f'hreflang="en" href="http://testserver{ENGLISH}"' in page
    assert f'rel="canonical" href="http://testserver{LIST}"' in page


@pytest.mark.parametrize("path", ["/p/tidak-ada/reviews/", "/p/tidak-ada/reviews/fragment/"])
def test_there_are_no_reviews_of_what_is_not_sold(client: Client, path: str) -> None:
    hidden = make_shirt("Tidak Ada")
    make_review(hidden)
    hidden.product.is_published = False
    hidden.product.save(update_fields=["is_published"])

    assert client.get(path).status_code == 404


def test_the_products_page_says_what_its_reviews_say(client: Client) -> None:
    shirt = make_shirt("Kemeja Ubud")
    plain = client.get("/p/kemeja-ubud/").text
    assert PART not in plain
    assert "htmx-4" not in plain
    for rating in (5, 4):
        make_review(shirt, rating=rating)
    cache.clear()

    page = client.get("/p/kemeja-ubud/").text

    assert f'hx-get="{PART}" hx-trigger="revealed"' in page
    assert f'href="{LIST}"' in page
    assert re.search(r'<span class="rating">.*?4,5 .*?2.*?</span>', page, re.DOTALL)
    text = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)
    assert text
    assert json.loads(text[1])["aggregateRating"] == {
        "@type": "AggregateRating",
        "ratingValue": "4.5",
        "reviewCount": 2,
    }


def test_the_part_for_the_products_page_has_the_first_three(client: Client) -> None:
    shirt = make_shirt("Kemeja Ubud")
    for number in range(5):
        make_review(shirt, text=f"Ulasan {number}")

    page = client.get(PART).text

    assert len(texts_of(page)) == 3
    assert f'href="{LIST}"' in page
    assert "<html" not in page


@pytest.mark.parametrize(
    "query",
    ["size=%00", "size=m%00", f"size={'x' * 3000}", "rating=6", "page=0", "page=%D9%A3", "sort=x"],
)
def test_an_address_that_makes_no_sense_shows_all(client: Client, query: str) -> None:
    make_review(make_shirt("Kemeja Ubud"), text="Adem")

    page = client.get(f"{LIST}?{query}")

    assert page.status_code == 200
    assert texts_of(page.text) == ["Adem"]
