"""Who looks after what: taken by one, handed over, told of every morning; what the list shows."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.tests.builders import make_owner, make_staff, make_user
from orders.models import OrderEvent
from orders.tests.life.builders import send_mails
from payments.desk.owning import TakenAlready, take_exception
from payments.models import PaymentException
from payments.tasks import tell_untaken
from payments.tests.desk.builders import (
    LIST,
    RIGHTS,
    cashier,
    clerk,
    do,
    hand_over,
    over,
    phantom,
    said,
    short,
    signed_in,
    state,
    steps,
    the_one,
    unmatched,
)
from tests.racing import race

pytestmark = pytest.mark.django_db


def take(client: Client) -> list[str]:
    return said(client.post(f"{LIST}{the_one().pk}/take/", follow=True))


def listed(answer: Any) -> list[str]:
    return [row.kind for row in answer.context["cl"].result_list]


def test_an_exception_is_taken_handed_over_and_let_go() -> None:
    order = over()
    first, second = clerk(), clerk()
    assert take(signed_in(first)) == ["It is yours now."]
    assert "done before" in take(signed_in(first))[0]
    assert first.email in take(signed_in(second))[0]
    hand_over(signed_in(first), str(second.pk))
    assert the_one().owner == second
    hand_over(signed_in(second), "")
    assert the_one().owner is None
    assert steps() == ["taken", "handed_over", "let_go"]
    events = OrderEvent.objects.filter(order=order, kind__startswith="exception_")
    assert list(events.order_by("pk").values_list("user", flat=True)) == [
        first.pk,
        first.pk,
        second.pk,
    ]


def test_nobody_owns_one_who_may_not_deal_with_it() -> None:
    phantom()
    staff = signed_in(clerk())
    before = state()
    for stranger in (make_user(), make_staff("orders.view_order"), clerk("payments.change_refund")):
        if stranger.is_staff and stranger.has_perm(RIGHTS[1]):
            stranger.is_active = False
            stranger.save()
        assert "Choose a colleague" in said(hand_over(staff, str(stranger.pk)))[0]
    assert state() == before
    do(staff, "close", words="settled")
    assert "open it again" in take(staff)[0]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_it_at_once_one_gets_it() -> None:
    over()
    calls = [
        partial(take_exception, exception_id=the_one().pk, user_id=clerk().pk) for _each in range(4)
    ]
    results = race(calls)
    assert results.count(True) == 1
    assert sum(isinstance(result, TakenAlready) for result in results) == 3
    assert steps() == ["taken"]


@pytest.mark.parametrize("verb", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_what_was_done_cannot_be_undone_in_the_records(verb: str) -> None:
    over()
    take(signed_in(clerk()))
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(verb.format("payments_exceptionstep"))


def test_who_may_give_no_money_back_may_ask_note_and_close() -> None:
    short(1_000)
    looker, staff = make_staff(RIGHTS[0]), clerk()
    page = f"{LIST}{the_one().pk}/"
    before = state()
    for act in ("ask-rest", "waive", "close", "note"):
        assert signed_in(looker).get(f"{page}do/{act}/").status_code == 403
        assert do(signed_in(looker), act, words="x").status_code == 403
    for act in ("waive", "give-back", "as-credit", "fulfil", "assign"):
        assert do(signed_in(staff), act, number="X").status_code == 403
    assert signed_in(looker).post(f"{page}take/").status_code == 403
    assert signed_in(make_staff("orders.view_order")).get(LIST).status_code == 403
    assert do(signed_in(staff), "invent").status_code == 404
    assert signed_in(looker).get(f"{page}change/").status_code == 200
    assert state() == before
    shown = signed_in(staff).get(f"{page}change/").text
    assert "do/ask-rest/" in shown
    assert "do/waive/" not in shown


def test_the_list_tells_what_happened_and_offers_what_to_do() -> None:
    order = short(1_000)
    over(5_000)
    unmatched(50_000)
    take_exception(
        exception_id=PaymentException.objects.get(kind="surplus").pk, user_id=(mine := cashier()).pk
    )
    PaymentException.objects.filter(kind="unmatched").update(
        opened_at=timezone.now() - timedelta(days=2)
    )
    client = signed_in(mine)
    every = client.get(LIST)
    assert listed(every)[0] == "unmatched"
    for words in (
        f"for order {order.number}",
        "Rp1.000 are missing",
        "Rp5.000 too much",
        "do/assign/",
        "do/waive/",
        "do/give-back/",
        "take/",
    ):
        assert words in every.text, words
    assert listed(client.get(LIST, {"state": "mine"})) == ["surplus"]
    assert listed(client.get(LIST, {"state": "untaken"})) == ["unmatched", "partial"]
    assert listed(client.get(LIST, {"state": "resolved"})) == []
    assert listed(client.get(LIST, {"kind__exact": "partial"})) == ["partial"]
    assert "2 of them nobody's" in client.get("/admin/").text
    assert "Exceptions" not in signed_in(make_staff("orders.view_order")).get("/admin/").text


def test_the_list_costs_the_same_for_three_and_for_six() -> None:
    client = signed_in(cashier())

    def cost() -> int:
        short()
        over()
        unmatched()
        client.get(LIST)
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        return len(queries)

    assert cost() == cost()


def test_what_nobody_has_taken_is_told_of_once_a_day() -> None:
    order = over()
    short()
    reader, looker, owner = clerk(), make_staff(RIGHTS[0]), make_owner(language="en")
    send_mails()
    tell_untaken()
    assert send_mails() == []
    long_ago = timezone.now() - timedelta(hours=5)
    PaymentException.objects.update(opened_at=long_ago)
    taken = PaymentException.objects.get(kind="partial")
    take_exception(exception_id=taken.pk, user_id=reader.pk)
    tell_untaken()
    tell_untaken()
    letters = {letter.to[0]: letter for letter in send_mails()}
    assert sorted(letters.keys() & {reader.email, looker.email, owner.email}) == sorted(
        [reader.email, owner.email]
    )
    letter = letters[owner.email]
    assert letter.subject == "1 payment exception waits for an owner"
    assert order.number in letter.body
    assert "?state=untaken" in letter.body
    assert len([each for each in mail.outbox if owner.email in each.to]) == 1
