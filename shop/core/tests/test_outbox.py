"""Work for later survives what dies: delivered at least once, never if rolled back."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from redis import Redis

from shop.core import outbox
from shop.core.models import OutboxMessage
from shop.core.relay import relay_once
from shop.core.rows import write_together
from shop.core.tasks import deliver
from tests.racing import race


class Postbox:
    """A handler that remembers what it was given, and can be told to fail."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []
        self.is_broken = False
        self.while_sending: Callable[[], None] | None = None

    def __call__(self, payload: dict[str, Any]) -> None:
        meanwhile, self.while_sending = self.while_sending, None
        if meanwhile is not None:
            meanwhile()
        if self.is_broken:
            raise ConnectionError("SES is away")
        self.seen.append(payload)


@pytest.fixture
def postbox(monkeypatch: pytest.MonkeyPatch) -> Postbox:
    monkeypatch.setattr(outbox, "_handlers", {})
    box = Postbox()
    outbox.register("letter", box)
    return box


def write(key: str = "letter:1", **payload: object) -> OutboxMessage:
    with transaction.atomic():
        outbox.add("letter", key=key, **payload)
    return OutboxMessage.objects.get(key=key)


@pytest.mark.django_db
def test_a_message_is_delivered_with_what_was_written(postbox: Postbox) -> None:
    message = write(order_id=7)
    assert outbox.deliver(message.pk) is True
    assert postbox.seen == [{"order_id": 7}]


@pytest.mark.django_db
def test_a_second_delivery_does_nothing(postbox: Postbox) -> None:
    message = write()
    outbox.deliver(message.pk)
    assert outbox.deliver(message.pk) is False
    assert len(postbox.seen) == 1


@pytest.mark.django_db
def test_the_same_fact_twice_is_one_message(postbox: Postbox) -> None:
    write()
    write()
    assert OutboxMessage.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_was_rolled_back_is_never_delivered(postbox: Postbox) -> None:
    with transaction.atomic():
        outbox.add("letter", key="letter:1")
        transaction.set_rollback(True)
    assert outbox.claim_for_publishing() == []
    assert OutboxMessage.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_message_outside_a_transaction_is_a_mistake() -> None:
    with pytest.raises(RuntimeError, match="inside the transaction"):
        outbox.add("letter", key="letter:1")


@pytest.mark.django_db
def test_what_nobody_needs_any_more_is_not_sent(postbox: Postbox) -> None:
    first, later, other = (write(f"letter:{number}", number=number) for number in (1, 2, 3))
    OutboxMessage.objects.filter(pk=later.pk).update(
        available_at=timezone.now() + timedelta(hours=1)
    )
    write_together(outbox.withdrawing("letter:1", "letter:2", "letter:unknown"))
    assert outbox.claim_for_publishing() == [other.pk]
    assert [outbox.deliver(each.pk) for each in (first, later, other)] == [False, False, True]
    assert postbox.seen == [{"number": 3}]


@pytest.mark.django_db
def test_what_a_worker_has_begun_goes_on_although_it_is_withdrawn(postbox: Postbox) -> None:
    message = write(number=1)
    postbox.is_broken = True
    postbox.while_sending = partial(write_together, outbox.withdrawing("letter:1"))
    with pytest.raises(ConnectionError):
        outbox.deliver(message.pk)
    postbox.is_broken = False
    assert outbox.deliver(message.pk) is True
    assert postbox.seen == [{"number": 1}]


@pytest.mark.django_db(transaction=True)
def test_many_workers_with_the_same_message_send_it_once(postbox: Postbox) -> None:
    message = write()
    results = race([partial(outbox.deliver, message.pk)] * 8)
    assert sorted(map(str, results)) == ["False"] * 7 + ["True"]
    assert len(postbox.seen) == 1


@pytest.mark.django_db(transaction=True)
def test_while_one_worker_is_sending_another_leaves_the_message_alone(postbox: Postbox) -> None:
    message = write()
    second: list[bool | Exception] = []

    def deliver_meanwhile() -> None:
        second.extend(race([partial(outbox.deliver, message.pk)]))

    postbox.while_sending = deliver_meanwhile
    assert outbox.deliver(message.pk) is True
    assert (len(postbox.seen), second) == (1, [False])


@pytest.mark.django_db(transaction=True)
def test_two_relays_never_publish_the_same_message(postbox: Postbox) -> None:
    ids = {write(f"letter:{number}").pk for number in range(20)}
    batches = race([partial(outbox.claim_for_publishing, limit=20)] * 4)
    claimed = [pk for batch in batches if isinstance(batch, list) for pk in batch]
    assert sorted(claimed) == sorted(ids)


@pytest.mark.django_db
def test_what_the_broker_did_not_take_is_due_again_at_once(postbox: Postbox) -> None:
    message = write()
    assert outbox.claim_for_publishing() == [message.pk]
    assert outbox.claim_for_publishing() == []
    outbox.publish_later([message.pk])
    assert outbox.claim_for_publishing() == [message.pk]


@pytest.mark.django_db
def test_a_worker_that_died_after_claiming_gives_its_message_back_with_the_lease(
    postbox: Postbox,
) -> None:
    message = write()
    long_ago = timezone.now() - settings.OUTBOX_LEASE - timedelta(seconds=1)
    OutboxMessage.objects.update(claimed_at=long_ago, available_at=long_ago, attempts=1)
    assert outbox.claim_for_publishing() == [message.pk]
    assert outbox.deliver(message.pk) is True
    assert len(postbox.seen) == 1


@pytest.mark.django_db
def test_a_failed_delivery_waits_and_says_why(postbox: Postbox) -> None:
    message = write()
    postbox.is_broken = True
    with pytest.raises(ConnectionError):
        outbox.deliver(message.pk)
    message.refresh_from_db()
    assert (message.attempts, message.done_at, message.claimed_at) == (1, None, None)
    assert message.available_at > timezone.now()
    assert message.last_error == "ConnectionError: SES is away"
    postbox.is_broken = False
    assert outbox.deliver(message.pk) is True


@pytest.mark.django_db
def test_after_the_last_try_it_waits_for_a_person(postbox: Postbox) -> None:
    message = write()
    OutboxMessage.objects.update(attempts=outbox.MAX_ATTEMPTS - 1)
    postbox.is_broken = True
    with pytest.raises(ConnectionError):
        outbox.deliver(message.pk)
    message.refresh_from_db()
    assert message.failed_at is not None
    assert outbox.deliver(message.pk) is False


@pytest.mark.django_db
def test_what_kills_every_worker_is_not_handed_out_for_ever(postbox: Postbox) -> None:
    message = write()
    long_ago = timezone.now() - settings.OUTBOX_LEASE - timedelta(seconds=1)
    OutboxMessage.objects.update(
        claimed_at=long_ago, available_at=long_ago, attempts=outbox.MAX_ATTEMPTS
    )
    assert outbox.deliver(message.pk) is False
    message.refresh_from_db()
    assert postbox.seen == []
    assert (message.attempts, message.claimed_at) == (outbox.MAX_ATTEMPTS, None)
    assert message.failed_at is not None
    assert message.last_error == "no worker came back from it"
    assert outbox.claim_for_publishing() == []


def test_a_topic_has_one_handler(postbox: Postbox) -> None:
    with pytest.raises(ValueError, match="two handlers for letter"):
        outbox.register("letter", Postbox())


@pytest.fixture
def darkroom(postbox: Postbox, monkeypatch: pytest.MonkeyPatch) -> Postbox:
    """The handler of a slow topic beside that of the letters."""
    monkeypatch.setattr(outbox, "_slow_topics", set())
    room = Postbox()
    outbox.register("picture", room, is_slow=True)
    return room


def ask_for_pictures(count: int) -> None:
    with transaction.atomic():
        for number in range(count):
            outbox.add("picture", key=f"picture:{number}")


@pytest.mark.django_db
def test_slow_work_is_handed_out_a_little_at_a_time(darkroom: Postbox) -> None:
    ask_for_pictures(outbox.SLOW_AT_A_TIME + 5)

    first = outbox.claim_slow_for_publishing()
    assert len(first) == outbox.SLOW_AT_A_TIME
    assert outbox.claim_slow_for_publishing() == []

    for message_id in first[:3]:
        outbox.deliver(message_id)
    assert len(outbox.claim_slow_for_publishing()) == 3
    assert outbox.claim_slow_for_publishing() == []


@pytest.mark.django_db
def test_an_import_does_not_wait_for_the_pictures_before_it(darkroom: Postbox) -> None:
    outbox.register("import", Postbox(), is_slow=True)
    ask_for_pictures(outbox.SLOW_AT_A_TIME + 1)
    outbox.claim_slow_for_publishing()
    with transaction.atomic():
        for number in range(outbox.SLOW_OF_EACH + 1):
            outbox.add("import", key=f"import:{number}")

    claimed = OutboxMessage.objects.filter(pk__in=outbox.claim_slow_for_publishing())

    assert list(claimed.values_list("topic", flat=True)) == ["import"] * outbox.SLOW_OF_EACH
    assert outbox.claim_slow_for_publishing() == []


@pytest.mark.django_db
def test_slow_work_that_nobody_finished_is_handed_out_again(darkroom: Postbox) -> None:
    ask_for_pictures(2)
    claimed = outbox.claim_slow_for_publishing()
    OutboxMessage.objects.update(available_at=timezone.now() - timedelta(seconds=1))

    assert sorted(outbox.claim_slow_for_publishing()) == sorted(claimed)


@pytest.mark.django_db
def test_a_letter_does_not_wait_for_slow_work(darkroom: Postbox) -> None:
    ask_for_pictures(200)
    letter = write()

    assert outbox.claim_for_publishing() == [letter.pk]


@pytest.mark.django_db
def test_a_relay_with_nothing_to_do_asks_so_in_one_statement(
    darkroom: Postbox, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        assert relay_once() == 0


@pytest.mark.django_db(transaction=True)
def test_one_letter_that_fails_holds_up_none_of_those_it_travels_with(postbox: Postbox) -> None:
    letters = [write(f"letter:{number}", number=number) for number in range(3)]

    def fail() -> None:
        raise ConnectionError("SES is away")

    postbox.while_sending = fail
    with pytest.raises(ConnectionError):
        deliver(*(letter.pk for letter in letters))

    assert postbox.seen == [{"number": 1}, {"number": 2}]
    unsent = OutboxMessage.objects.get(done_at=None)
    assert (unsent.pk, unsent.attempts, unsent.claimed_at) == (letters[0].pk, 1, None)


@pytest.mark.django_db
def test_letters_travel_together_and_slow_work_by_itself(darkroom: Postbox) -> None:
    broker = Redis.from_url(settings.CELERY_BROKER_URL)
    broker.delete("celery", "slow")
    ask_for_pictures(2)
    for number in range(12):
        write(f"letter:{number}")

    assert relay_once() == 14

    assert (broker.llen("celery"), broker.llen("slow")) == (2, 2)
    broker.delete("celery", "slow")
    broker.close()
