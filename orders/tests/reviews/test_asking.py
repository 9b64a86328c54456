"""A buyer is asked once how they like it, a week after the last parcel, unless they mind."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from catalog.tests.builders import make_variant
from orders.models import (
    Order,
    OrderContact,
    OrderStatus,
    ReviewMailOptOut,
    ReviewRequest,
    Shipment,
    hash_email,
)
from orders.reviews import asking
from orders.tasks import ask_for_reviews
from orders.tests.builders import make_contact, make_order
from orders.tests.reviews.builders import make_review, make_sent_order, make_shirt, send
from shop.core import outbox
from shop.core.models import OutboxMessage
from tests.racing import race

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


def let_time_pass(time: timedelta) -> None:
    for request in ReviewRequest.objects.all():
        ReviewRequest.objects.filter(pk=request.pk).update(due_at=request.due_at - time)


def asked() -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(topic="review-request").order_by("pk"))


def deliver() -> list[Any]:
    """The mails that the outbox sends for what was asked."""
    before = len(mail.outbox)
    for message in asked():
        outbox.deliver(message.pk)
    return mail.outbox[before:]


def test_nobody_is_asked_before_the_week_is_over() -> None:
    make_sent_order()

    ask_for_reviews()
    let_time_pass(WEEK - timedelta(minutes=1))
    ask_for_reviews()

    assert asked() == []
    let_time_pass(timedelta(minutes=1))
    ask_for_reviews()
    assert len(asked()) == 1


def test_a_second_parcel_moves_the_question_on() -> None:
    shirt, trousers = make_shirt(), make_shirt()
    order = make_order(lines={shirt: 1, trousers: 1}, status=OrderStatus.CONFIRMED)
    first, second = order.lines.order_by("pk")
    send(order, quantities={first.pk: 1}, number="JP1")
    let_time_pass(WEEK - timedelta(days=1))
    send(order, quantities={second.pk: 1}, number="JP2")

    let_time_pass(timedelta(days=2))
    ask_for_reviews()
    assert asked() == []

    let_time_pass(WEEK)
    ask_for_reviews()
    assert len(asked()) == 1


def test_nobody_is_asked_twice() -> None:
    shirt = make_shirt()
    order = make_order(lines={shirt: 2}, status=OrderStatus.CONFIRMED)
    line = order.lines.get()
    send(order, quantities={line.pk: 1}, number="JP1")
    let_time_pass(WEEK)
    ask_for_reviews()
    # The outbox forgets what it has done after two weeks.
    OutboxMessage.objects.all().delete()

    let_time_pass(WEEK)
    ask_for_reviews()
    send(order, quantities={line.pk: 1}, number="JP2")
    let_time_pass(WEEK)
    ask_for_reviews()

    assert asked() == []


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_ask_each_buyer_once() -> None:
    shirt = make_shirt()
    for _number in range(3):
        make_sent_order(shirt)
    let_time_pass(WEEK)

    results = race([asking.ask_due] * 5)

    assert sum(each for each in results if isinstance(each, int)) == 3
    assert len(asked()) == 3


def test_the_mail_names_each_piece_in_the_language_of_the_order() -> None:
    shirt = make_shirt("Kemeja Ubud")
    second = make_variant(product=shirt.product, size="L")
    order = make_sent_order(shirt, second, language="en")
    make_review(second, order=order)
    let_time_pass(WEEK)
    ask_for_reviews()

    [sent] = deliver()

    assert sent.to == ["siti@example.com"]
    assert sent.subject == "How do you like it? Your order from RONA"
    link = f"http://testserver/en/orders/{order.token}/reviews/{shirt.public_id}/"
    leave = f"http://testserver/en/orders/{order.token}/review-mail/"
    html = sent.alternatives[0][0]
    for body in (sent.body, html):
        assert link in body
        assert leave in body
        assert "Kemeja Ubud (en) (Terracotta, M)" in body
        assert str(second.public_id) not in body
    assert sent.extra_headers == {
        "List-Unsubscribe": f"<{leave}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def test_an_indonesian_order_is_asked_with_indonesian_links() -> None:
    shirt = make_shirt()
    order = make_sent_order(shirt, language="id")
    let_time_pass(WEEK)
    ask_for_reviews()

    [sent] = deliver()

    assert f"http://testserver/orders/{order.token}/reviews/{shirt.public_id}/" in sent.body


def erase_contact(order: Order) -> None:
    OrderContact.objects.filter(order=order).delete()


def cancel(order: Order) -> None:
    order.move_to(OrderStatus.CANCELLED)
    order.save(update_fields=["status"])


def lose(order: Order) -> None:
    Shipment.objects.filter(group__order=order).update(status="lost")


def review(order: Order) -> None:
    make_review(order.lines.get().variant, order=order)


def opt_out(order: Order) -> None:
    asking.leave_review_mail(order=order)


@pytest.mark.parametrize("reason", [erase_contact, cancel, lose, review, opt_out])
def test_where_there_is_nothing_to_ask_no_mail_is_sent(reason: Any) -> None:
    order = make_sent_order()
    let_time_pass(WEEK)
    ask_for_reviews()
    reason(order)

    assert deliver() == []
    assert asked()[0].failed_at is None


def test_who_minds_is_asked_of_no_other_order_either(client: Client) -> None:
    order = make_sent_order(contact=make_contact("Siti@Example.com"))
    other = make_sent_order(contact=make_contact("siti@example.com"))
    make_sent_order(contact=make_contact("putri@example.com"))
    page = f"/en/orders/{order.token}/review-mail/"
    asks = client.get(page)
    assert "Do not ask me again" in asks.text
    assert not ReviewMailOptOut.objects.exists()

    # As a mail program does it: no cookie, no form token.
    answer = Client(enforce_csrf_checks=True).post(page, {"List-Unsubscribe": "One-Click"})
    client.post(page)

    assert "We will not ask you for a review again." in answer.text
    assert ReviewMailOptOut.objects.get().email_hash == hash_email("siti@example.com")
    let_time_pass(WEEK)
    ask_for_reviews()
    assert [sent.to for sent in deliver()] == [["putri@example.com"]]
    assert other.contact.email == "siti@example.com"


def test_only_the_orders_link_leaves_the_list(client: Client) -> None:
    order = make_sent_order()

    assert client.post(f"/orders/{order.token[::-1]}/review-mail/").status_code == 404

    assert not ReviewMailOptOut.objects.exists()


def test_the_request_is_due_after_the_time_that_is_set(settings: Any) -> None:
    settings.REVIEW_REQUEST_AFTER = timedelta(0)
    make_sent_order()

    assert ReviewRequest.objects.get().due_at <= timezone.now()
