"""Behind the link of an order its buyer writes, changes and deletes reviews, and helps others."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import Variant
from catalog.tests.builders import make_variant
from orders.models import LONGEST_TEXT, Order, OrderStatus, Review, ReviewState, ReviewVote
from orders.tests.builders import make_order
from orders.tests.reviews.builders import (
    make_review,
    make_sent_order,
    make_shirt,
    photo_bytes,
    publish,
    rating_of,
    refuse,
)

pytestmark = pytest.mark.django_db


def order_page(order: Order) -> str:
    return f"/en/orders/{order.token}/"


def form_page(order: Order, variant: Variant) -> str:
    return f"{order_page(order)}reviews/{variant.public_id}/"


def sent(client: Client, order: Order, variant: Variant, **said: Any) -> Any:
    data = {"rating": "4", "fit": "true", "title": "", "text": "Pas", "display_name": "Sari"}
    return client.post(form_page(order, variant), data | said)


def upload(name: str = "foto.jpg", **fields: Any) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, photo_bytes(**fields), content_type="image/jpeg")


def test_the_order_offers_a_review_of_what_has_left(client: Client) -> None:
    shirt = make_shirt()
    waiting = make_order(lines={shirt: 1}, status=OrderStatus.CONFIRMED)
    assert "Write a review" not in client.get(order_page(waiting)).text
    order = make_sent_order(shirt)

    page = client.get(order_page(order)).text
    assert f'href="{form_page(order, shirt)}"' in page
    assert "Write a review" in page

    make_review(shirt, order=order, state=ReviewState.PENDING)
    assert "Your review is being read" in client.get(order_page(order)).text


def test_the_orders_page_costs_the_same_for_one_piece_and_for_ten(client: Client) -> None:
    small = make_sent_order()
    large = make_sent_order(*(make_variant(weight_grams=10) for _number in range(10)))
    client.get(order_page(small))
    with CaptureQueriesContext(connection) as one:
        client.get(order_page(small))
    with CaptureQueriesContext(connection) as ten:
        client.get(order_page(large))
    assert len(ten) == len(one)


def test_a_review_is_written_by_the_form(client: Client) -> None:
    shirt = make_shirt()
    order = make_sent_order(shirt)
    page = client.get(form_page(order, shirt))
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    assert 'enctype="multipart/form-data"' in page.text
    assert len(re.findall(r'type="radio" name="rating"', page.text)) == 5
    assert not re.search(r"<style|\sstyle=|\son\w+=", page.text)

    answer = sent(client, order, shirt, title="Adem", text="Baris satu\r\nBaris dua")

    assert answer.headers["Location"] == form_page(order, shirt)
    review = Review.objects.get()
    assert (review.rating, review.fit, review.title, review.text, review.display_name) == (
        4,
        "true",
        "Adem",
        "Baris satu\nBaris dua",
        "Sari",
    )
    assert (review.language, review.state) == ("en", ReviewState.PENDING)
    after = client.get(form_page(order, shirt)).text
    assert "Until then only you can see it." in after
    assert "Baris dua" in after


def test_stars_are_enough(client: Client) -> None:
    shirt = make_shirt()
    order = make_sent_order(shirt)

    client.post(form_page(order, shirt), {"rating": "3"})

    review = Review.objects.get()
    assert (review.rating, review.fit, review.text, review.display_name) == (3, "", "", "")


def test_only_the_first_name_is_offered(client: Client) -> None:
    shirt = make_shirt()
    order = make_sent_order(shirt)

    page = client.get(form_page(order, shirt)).text

    assert 'value="Siti"' in page
    assert "Aminah" not in page


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"rating": ""}, "Choose one to five stars."),
        ({"rating": "6"}, "Select a valid choice"),
        ({"fit": "huge"}, "Select a valid choice"),
        ({"title": "x" * 81}, "at most 80 characters"),
        ({"text": "x" * (LONGEST_TEXT + 1)}, f"at most {LONGEST_TEXT} characters"),
        ({"display_name": "x" * 41}, "at most 40 characters"),
        ({"text": "a\x00b"}, "Null characters are not allowed"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(
    client: Client, wrong: dict[str, str], words: str
) -> None:
    shirt = make_shirt()
    order = make_sent_order(shirt)

    answer = sent(client, order, shirt, **({"title": "Judul saya", "text": "Teks saya"} | wrong))

    assert answer.status_code == 422
    assert words in answer.text
    assert "<title>Error: " in answer.text
    for kept in {"title": "Judul saya", "text": "Teks saya"}.items() - wrong.items():
        assert kept[0] in wrong or kept[1] in answer.text
    assert not Review.objects.exists()


def test_a_line_break_counts_as_one_character(client: Client) -> None:
    shirt = make_shirt()
    order = make_sent_order(shirt)
    text = "x\r\n" * (LONGEST_TEXT // 2)

    assert sent(client, order, shirt, text=text.strip()).status_code == 302


def test_a_change_is_read_again_before_it_counts(client: Client) -> None:
    shirt = make_shirt()
    order = make_sent_order(shirt)
    make_review(shirt, order=order, rating=5, text="Pas", display_name="Sari")
    page = client.get(form_page(order, shirt)).text
    assert "Your review is published." in page
    assert "Pas</textarea>" in page

    sent(client, order, shirt, rating="2", text="Luntur")

    review = Review.objects.get()
    assert (review.rating, review.text, review.state) == (2, "Luntur", ReviewState.PENDING)
    assert rating_of(shirt.product) == (0, 0)
    publish(review)
    assert rating_of(shirt.product) == (2, 1)


def test_the_author_reads_why_a_review_is_not_shown(client: Client) -> None:
    shirt = make_shirt()
    order = make_sent_order(shirt)
    refuse(make_review(shirt, order=order, state=ReviewState.PENDING))

    page = client.get(form_page(order, shirt)).text

    assert "Your review is not shown:" in page
    assert "It is not about this product." in page
    assert "Your review is not shown" in client.get(order_page(order)).text


def test_without_the_link_nothing_is_written(client: Client) -> None:
    shirt, unbought = make_shirt(), make_shirt()
    order = make_sent_order(shirt)
    unsent = make_order(lines={shirt: 1}, status=OrderStatus.CONFIRMED)

    guessed = client.post(
        f"/en/orders/{order.token[:-1]}/reviews/{shirt.public_id}/", {"rating": 5}
    )
    assert guessed.status_code == 404
    assert sent(client, order, unbought).status_code == 404
    assert client.get(f"{order_page(order)}reviews/{uuid4()}/").status_code == 404
    refused = sent(client, unsent, shirt)
    assert refused.status_code == 409
    assert "as soon as it is on its way" in refused.text

    assert not Review.objects.exists()


def test_the_form_is_guarded_by_its_token() -> None:
    shirt = make_shirt()
    order = make_sent_order(shirt)

    answer = Client(enforce_csrf_checks=True).post(form_page(order, shirt), {"rating": "5"})

    assert answer.status_code == 403
    assert not Review.objects.exists()


def test_the_author_deletes_all_but_the_stars(client: Client) -> None:
    shirt = make_shirt()
    order = make_sent_order(shirt)
    make_review(shirt, order=order, rating=4, title="Adem", text="Enak", display_name="Sari")
    assert client.get(f"{form_page(order, shirt)}erase/").status_code == 405

    answer = client.post(f"{form_page(order, shirt)}erase/", follow=True)

    assert "Only the stars remain." in answer.text
    review = Review.objects.get()
    assert (review.title, review.text, review.display_name) == ("", "", "")
    assert rating_of(shirt.product) == (4, 1)
    assert "Delete for good" not in answer.text


def test_there_is_nothing_to_delete_where_nothing_was_written(client: Client) -> None:
    shirt = make_shirt()
    order = make_sent_order(shirt)

    assert client.post(f"{form_page(order, shirt)}erase/").status_code == 404


def test_another_buyers_review_is_found_helpful_and_not_any_more(client: Client) -> None:
    shirt = make_shirt()
    review = make_review(shirt, text="Ambil satu ukuran lebih besar")
    order = make_sent_order(shirt)
    vote = f"{form_page(order, shirt)}votes/{review.public_id}/"
    assert "Ambil satu ukuran lebih besar" in client.get(form_page(order, shirt)).text

    answer = client.post(vote)
    client.post(vote)
    assert answer.headers["Location"] == f"{form_page(order, shirt)}#review-{review.public_id}"
    review.refresh_from_db()
    assert (review.helpful_count, ReviewVote.objects.count()) == (1, 1)
    assert "You found this helpful" in client.get(form_page(order, shirt)).text

    client.post(vote, {"withdraw": "1"})
    client.post(vote, {"withdraw": "1"})
    review.refresh_from_db()
    assert (review.helpful_count, ReviewVote.objects.count()) == (0, 0)


def test_nobody_votes_for_themselves_or_for_what_they_did_not_buy(client: Client) -> None:
    shirt, other = make_shirt(), make_shirt()
    order = make_sent_order(shirt)
    own = make_review(shirt, order=order)
    foreign = make_review(other)
    hidden = make_review(shirt, state=ReviewState.HIDDEN)

    for review, status in ((own, 409), (foreign, 404), (hidden, 404)):
        vote = f"{form_page(order, shirt)}votes/{review.public_id}/"
        assert client.post(vote).status_code == status

    assert not ReviewVote.objects.exists()
    assert not Review.objects.filter(helpful_count__gt=0).exists()


def test_the_form_costs_the_same_for_one_review_of_others_and_for_five(client: Client) -> None:
    shirt = make_shirt()
    order = make_sent_order(shirt)
    make_review(shirt, text="satu")
    client.get(form_page(order, shirt))
    with CaptureQueriesContext(connection) as one:
        client.get(form_page(order, shirt))
    for number in range(5):
        make_review(shirt, text=str(number))
    with CaptureQueriesContext(connection) as five:
        client.get(form_page(order, shirt))
    assert len(five) == len(one)
