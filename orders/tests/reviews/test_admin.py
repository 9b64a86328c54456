"""Staff read what waits, decide with a reason, answer, and are told what they cannot do."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from accounts.tests.builders import make_staff
from orders.models import OrderEvent, PhotoState, Review, ReviewPhoto, ReviewState
from orders.reviews.writing import Words, change_review
from orders.tests.reviews.builders import make_review, make_shirt, owner, rating_of

LIST = "/admin/orders/review/"
pytestmark = pytest.mark.django_db


def signed_in(user: User | None = None) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user or owner())
    return client


def page_of(review: Review) -> str:
    return reverse("admin:orders_review_change", args=[review.pk])


def post(client: Client, review: Review, what: str, **data: Any) -> Any:
    return client.post(reverse(f"admin:orders_review_{what}", args=[review.pk]), data)


def found(client: Client, **query: str) -> list[int]:
    return [review.pk for review in client.get(LIST, query).context["cl"].result_list]


def add_photo(review: Review, *, state: PhotoState = PhotoState.READY) -> ReviewPhoto:
    return ReviewPhoto.objects.create(
        review=review,
        width=900,
        height=1200,
        state=state,
        renditions=[{"format": "webp", "width": 240, "path": "reviews/x/240.webp"}],
    )


def test_the_queue_shows_what_waits_the_oldest_first() -> None:
    make_review(state=ReviewState.PUBLISHED)
    first = make_review(state=ReviewState.PENDING, text="Warnanya pudar")
    second = make_review(state=ReviewState.PENDING, rating=2)
    client = signed_in()

    assert found(client) == [first.pk, second.pk]
    page = client.get(LIST).text
    assert "Warnanya pudar" in page
    assert first.order_line.product_name in page
    assert 'aria-label="2 of 5 stars"' in page
    assert 'To be read <b class="count">2</b>' in page


def test_the_tabs_show_each_state_and_all() -> None:
    by_state = {state: make_review(state=state).pk for state in ReviewState}
    client = signed_in()

    assert {state: found(client, show=state) for state in ReviewState} == {
        state: [pk] for state, pk in by_state.items()
    }
    assert found(client, show="all") == sorted(by_state.values(), reverse=True)
    assert found(client, show="nonsense") == [by_state[ReviewState.PENDING]]


def test_a_review_is_found_by_its_order() -> None:
    make_review(state=ReviewState.PENDING)
    wanted = make_review(state=ReviewState.PENDING)
    number = wanted.order_line.order.number.lower().replace("-", " ")

    assert found(signed_in(), q=number) == [wanted.pk]


def test_the_queue_costs_the_same_for_one_and_for_ten() -> None:
    client = signed_in()
    add_photo(make_review(state=ReviewState.PENDING))
    client.get(LIST)
    with CaptureQueriesContext(connection) as one:
        client.get(LIST)
    shirt = make_shirt()
    for _number in range(9):
        add_photo(make_review(shirt, state=ReviewState.PENDING))

    with CaptureQueriesContext(connection) as ten:
        assert len(found(client)) == 10

    assert len(ten) == len(one)
    assert all("LIMIT" in row["sql"] for row in ten if "COUNT(*)" in row["sql"])


def test_publishing_leads_to_the_next_that_waits() -> None:
    first = make_review(state=ReviewState.PENDING, rating=4)
    second = make_review(state=ReviewState.PENDING)
    client = signed_in()

    answer = post(client, first, "publish", seen=0)
    assert answer.headers["Location"] == page_of(second)
    assert rating_of(first.product) == (4, 1)
    answer = post(client, second, "publish", seen=0)

    assert answer.headers["Location"] == LIST


def test_what_changed_while_it_was_read_is_shown_again() -> None:
    review = make_review(state=ReviewState.PENDING, text="Bagus")
    client = signed_in()
    seen = re.search(r'name="seen" value="(\d+)"', client.get(page_of(review)).text)
    assert seen
    change_review(
        order_id=review.order_line.order_id,
        review_id=review.public_id,
        words=Words(5, text="Beli di toko saya"),
        language="id",
    )

    answer = post(client, review, "publish", seen=seen[1])

    assert answer.headers["Location"] == page_of(review)
    assert "Read it again" in client.get(page_of(review)).text
    assert rating_of(review.product) == (0, 0)


@pytest.mark.parametrize(
    ("state", "button", "after"),
    [
        (ReviewState.PENDING, "Reject", ReviewState.REJECTED),
        (ReviewState.PUBLISHED, "Hide", ReviewState.HIDDEN),
    ],
)
def test_refusing_needs_a_reason_and_keeps_it(
    state: ReviewState, button: str, after: ReviewState
) -> None:
    review = make_review(state=state)
    client = signed_in()
    assert f">{button}</button>" in client.get(page_of(review)).text

    refused = post(client, review, "refuse", note="Tolong hapus nomornya")
    assert refused.status_code == 422
    assert "This field is required." in refused.text
    assert "Tolong hapus nomornya" in refused.text
    review.refresh_from_db()
    assert review.state == state

    post(client, review, "refuse", reason="personal", note="Tolong hapus nomornya")
    review.refresh_from_db()
    assert (review.state, review.reason, review.note) == (
        after,
        "personal",
        "Tolong hapus nomornya",
    )
    page = client.get(page_of(review)).text
    assert "It contains private details" in page
    assert owner().email in page


def test_the_page_tells_everything_of_a_review() -> None:
    review = make_review(
        rating=2, fit="small", title="Sempit", text="Bahan bagus", display_name="Sari"
    )
    photo = add_photo(review)
    add_photo(review, state=PhotoState.PROCESSING)
    client = signed_in()
    post(client, review, "answer", text="Silakan tukar ukuran.")

    page = client.get(page_of(review)).text

    for words in (
        review.order_line.product_name,
        "Terakota, M",
        review.order_line.order.number,
        'aria-label="2 of 5 stars"',
        "runs small",
        "Sempit",
        "Bahan bagus",
        "What Sari says",
        "reviews/x/240.webp",
        str(photo.public_id),
        "being prepared",
        "Silakan tukar ukuran.",
        "Review written, 2 of 5 stars",
        "Review published",
        "Review answered",
    ):
        assert words in page, words


def test_chosen_reviews_are_published_each_for_itself() -> None:
    shirt = make_shirt()
    good, changed, unready = (
        make_review(shirt, rating=rating, state=ReviewState.PENDING) for rating in (5, 4, 3)
    )
    add_photo(unready, state=PhotoState.PROCESSING)
    client = signed_in()
    page = client.get(LIST).text
    seen = dict(re.findall(r'name="(seen-\d+)" value="(\d+)"', page))
    assert len(seen) == 3
    change_review(
        order_id=changed.order_line.order_id,
        review_id=changed.public_id,
        words=Words(4, text="lain"),
        language="id",
    )

    chosen = [good.pk, changed.pk, unready.pk]
    data = {"action": "publish_chosen", "_selected_action": chosen, **seen}
    answer = client.post(LIST, data, follow=True)

    assert rating_of(shirt.product) == (5, 1)
    assert "1 review published." in answer.text
    assert "The author has changed this review" in answer.text
    assert "A photo is still being prepared" in answer.text


def test_a_photo_is_taken_out_and_the_review_published_without_it() -> None:
    review = make_review(state=ReviewState.PENDING)
    photo = add_photo(review, state=PhotoState.PROCESSING)
    client = signed_in()
    url = reverse("admin:orders_review_photo", args=[review.pk, photo.public_id])

    client.post(url)
    client.post(url)
    post(client, review, "publish", seen=0)

    assert not ReviewPhoto.objects.exists()
    assert OrderEvent.objects.filter(kind="review_photo_removed").count() == 1
    assert rating_of(review.product) == (5, 1)


def test_erasing_leaves_the_stars() -> None:
    review = make_review(rating=4, title="Adem", text="Bahannya enak", display_name="Sari")
    client = signed_in()

    post(client, review, "erase")

    page = client.get(page_of(review)).text
    assert "Words and photos erased" in page
    assert "Bahannya enak" not in page
    assert rating_of(review.product) == (4, 1)


def test_what_a_buyer_writes_is_text_and_nothing_else() -> None:
    attack = "<script>alert(1)</script>"
    review = make_review(
        state=ReviewState.PENDING, title=attack, text=attack, display_name=attack[:40]
    )
    client = signed_in()

    for page in (client.get(LIST).text, client.get(page_of(review)).text):
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_who_may_only_look_decides_nothing() -> None:
    review = make_review(state=ReviewState.PENDING)
    client = signed_in(make_staff("orders.view_review"))

    page = client.get(page_of(review)).text
    assert ">Publish</button>" not in page
    assert "publish_chosen" not in client.get(LIST).text
    for what in ("publish", "refuse", "answer", "erase"):
        assert post(client, review, what, seen=0, reason="other").status_code == 403
    data = {"action": "publish_chosen", "_selected_action": [review.pk], f"seen-{review.pk}": 0}
    client.post(LIST, data)

    review.refresh_from_db()
    assert review.state == ReviewState.PENDING
    assert not OrderEvent.objects.filter(kind__startswith="review", actor="staff").exists()


def test_who_has_no_rights_sees_nothing() -> None:
    review = make_review(state=ReviewState.PENDING)
    client = signed_in(make_staff("orders.view_order"))

    assert client.get(LIST).status_code == 403
    assert client.get(page_of(review)).status_code == 403


def test_a_decision_is_never_a_link() -> None:
    review = make_review(state=ReviewState.PENDING)

    answer = signed_in().get(reverse("admin:orders_review_publish", args=[review.pk]))

    assert answer.status_code == 403
    assert rating_of(review.product) == (0, 0)


def test_the_home_page_says_how_many_wait() -> None:
    client = signed_in()
    assert "Reviews to read" not in client.get("/admin/").text
    make_review(state=ReviewState.PENDING)

    assert 'Reviews to read <b class="count">1</b>' in client.get("/admin/").text
    colleague = signed_in(make_staff("orders.view_review"))
    assert "Reviews to read" not in colleague.get("/admin/").text


def test_the_orders_page_tells_of_its_reviews() -> None:
    review = make_review(rating=4)

    url = reverse("admin:orders_order_change", args=[review.order_line.order_id])
    page = signed_in().get(url).text

    assert "Review written, 4 of 5 stars" in page
    assert "Review published" in page
