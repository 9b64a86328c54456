"""The same request again is the same request, also at the same moment."""

from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection, transaction

from shop.core import idempotency
from shop.core.idempotency import KeyReused, RequestKey, StillWorking, hash_request
from shop.core.models import IdempotencyRecord
from tests.racing import race

KEY = RequestKey(scope="api:orders:cart-1", key="k-1", request_hash=hash_request({"a": 1}))


@transaction.atomic
def claim(request: RequestKey = KEY) -> tuple[int, bool]:
    record, is_new = idempotency.claim(request)
    return record.pk, is_new


@pytest.mark.django_db
def test_only_the_first_use_of_a_key_is_new() -> None:
    first, second = claim(), claim()
    assert (first[1], second[1]) == (True, False)
    assert first[0] == second[0]


@pytest.mark.django_db
def test_a_key_with_another_body_is_refused() -> None:
    claim()
    with pytest.raises(KeyReused):
        claim(RequestKey(KEY.scope, KEY.key, hash_request({"a": 2})))
    assert IdempotencyRecord.objects.get().request_hash == KEY.request_hash


@pytest.mark.django_db
def test_the_same_key_in_another_scope_is_another_request() -> None:
    assert claim()[1] is True
    assert claim(RequestKey("api:orders:cart-2", KEY.key, KEY.request_hash))[1] is True


@pytest.mark.django_db(transaction=True)
def test_one_of_many_at_the_same_moment_is_the_first() -> None:
    results = race([claim] * 10)
    assert sorted(result[1] for result in results if isinstance(result, tuple)) == [
        *[False] * 9,
        True,
    ]
    assert IdempotencyRecord.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_key_dies_with_the_transaction_it_guards() -> None:
    with transaction.atomic():
        idempotency.claim(KEY)
        transaction.set_rollback(True)
    assert claim()[1] is True


def claim_in_a_hurry() -> tuple[int, bool]:
    """As `claim`, which waits for no more than a moment."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '50ms'")
        return claim()


@pytest.mark.django_db(transaction=True)
def test_who_has_waited_long_enough_for_the_first_is_told_that_it_still_works() -> None:
    with transaction.atomic():
        idempotency.claim(KEY)
        (second,) = race([claim_in_a_hurry])
    assert isinstance(second, StillWorking)
    assert claim()[1] is False


@pytest.mark.django_db(transaction=True)
def test_a_key_that_is_given_back_at_this_moment_is_for_the_next_try() -> None:
    claim()

    def give_back(execute: Callable[..., object], sql: str, *rest: object) -> object:
        done = execute(sql, *rest)
        if sql.startswith("INSERT"):
            assert race([IdempotencyRecord.objects.all().delete])
        return done

    with connection.execute_wrapper(give_back), pytest.raises(StillWorking):
        claim()
    assert claim()[1] is True


@pytest.mark.django_db(transaction=True)
def test_the_first_complete_answer_is_everybodys_answer() -> None:
    pk, _is_new = claim()
    answers = race(
        [partial(idempotency.finish, pk, status=201, response={"n": number}) for number in range(6)]
    )
    assert all(answer == answers[0] for answer in answers)
    stored = IdempotencyRecord.objects.get()
    assert (stored.response_status, stored.response) == answers[0]


def test_the_order_of_fields_does_not_matter() -> None:
    assert hash_request({"a": 1, "b": 2}) == hash_request({"b": 2, "a": 1})


@pytest.mark.django_db(transaction=True)
def test_a_key_outside_a_transaction_is_a_mistake() -> None:
    with pytest.raises(RuntimeError, match="inside a transaction"):
        idempotency.claim(KEY)
    assert IdempotencyRecord.objects.count() == 0
