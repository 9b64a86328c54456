"""Pairs of tokens: one is good at a time, and a copied one ends the sign-in."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction
from django.db.models import F
from django.test import Client
from django.utils import timezone

from accounts import tokens
from accounts.models import Device, User
from accounts.tests.builders import make_owner, make_user
from accounts.tokens import GRACE, MOST_DEVICES, InvalidRefreshToken, InvalidToken, Pair
from tests.racing import race, start, wait_until_waiting

pytestmark = pytest.mark.django_db


def begin(user: User | None = None) -> Pair:
    return tokens.begin(user=user or make_user(), device_name="Pixel 9")


def assert_ended(*pairs: Pair) -> None:
    assert not Device.objects.exists()
    for pair in pairs:
        with pytest.raises(InvalidToken):
            tokens.find_device(token=pair.access)
        with pytest.raises(InvalidRefreshToken):
            tokens.refresh(token=pair.refresh)


def assert_dead(pair: Pair) -> None:
    with pytest.raises(InvalidToken):
        tokens.find_device(token=pair.access)


def test_a_lost_answer_is_asked_for_again_and_the_lost_pair_is_worth_nothing() -> None:
    first = begin()
    lost = tokens.refresh(token=first.refresh)
    got = tokens.refresh(token=first.refresh)
    assert len({first.refresh, lost.refresh, got.refresh, lost.access, got.access}) == 5
    assert_dead(first)
    assert_dead(lost)
    tokens.find_device(token=got.access)

    # Somebody had it after all.
    with pytest.raises(InvalidRefreshToken):
        tokens.refresh(token=lost.refresh)
    assert_ended(first, lost, got)


def test_what_is_used_was_not_lost() -> None:
    first = begin()
    second = tokens.refresh(token=first.refresh)
    tokens.find_device(token=second.access)
    with pytest.raises(InvalidRefreshToken):
        tokens.refresh(token=first.refresh)
    assert_ended(first, second)


def test_nor_was_what_was_exchanged_again() -> None:
    first = begin()
    second = tokens.refresh(token=first.refresh)
    third = tokens.refresh(token=second.refresh)
    with pytest.raises(InvalidRefreshToken):
        tokens.refresh(token=first.refresh)
    assert_ended(second, third)


def test_after_the_grace_the_token_before_ends_the_sign_in() -> None:
    first = begin()
    second = tokens.refresh(token=first.refresh)
    Device.objects.update(replaced_until=F("replaced_until") - GRACE)
    with pytest.raises(InvalidRefreshToken):
        tokens.refresh(token=first.refresh)
    assert_ended(first, second)


def test_asking_again_does_not_make_the_grace_longer() -> None:
    first = begin()
    tokens.refresh(token=first.refresh)
    until = Device.objects.get().replaced_until
    tokens.refresh(token=first.refresh)
    assert Device.objects.get().replaced_until == until


def test_what_nobody_was_given_ends_nothing() -> None:
    pair = begin()
    for made_up in ("", "x" * 65, pair.access, "y" * 22 + pair.refresh[22:]):
        with pytest.raises(InvalidRefreshToken):
            tokens.refresh(token=made_up)
    tokens.find_device(token=pair.access)
    with pytest.raises(InvalidToken):
        tokens.find_device(token=pair.refresh)


def test_a_refresh_token_runs_out_and_is_forgotten() -> None:
    pair, _other = begin(), begin()
    ended = Device.objects.order_by("pk")[:1].values("pk")
    Device.objects.filter(pk__in=ended).update(refresh_until=timezone.now())
    tokens.prune()
    assert Device.objects.count() == 1
    with pytest.raises(InvalidRefreshToken):
        tokens.refresh(token=pair.refresh)


def test_its_use_is_noted_once_an_hour() -> None:
    pair = begin()
    signed_in = Device.objects.get().used_at
    tokens.find_device(token=pair.access)
    assert Device.objects.get().used_at == signed_in
    Device.objects.update(used_at=signed_in - timedelta(hours=1))
    tokens.find_device(token=pair.access)
    noted = Device.objects.get().used_at
    assert noted > signed_in
    tokens.find_device(token=pair.access)
    assert Device.objects.get().used_at == noted


def test_the_device_unused_for_longest_makes_room() -> None:
    user = make_user()
    pairs = [begin(user) for _number in range(MOST_DEVICES + 1)]
    assert Device.objects.count() == MOST_DEVICES
    assert_dead(pairs[0])
    tokens.find_device(token=pairs[1].access)


def test_who_is_let_in_again_signs_in_anew() -> None:
    user = make_user()
    pair = begin(user)
    staff = Client()
    staff.force_login(make_owner())
    url = f"/admin/accounts/user/{user.pk}/change/"
    form = staff.get(url).context["adminform"].form
    given = {name: value for name, value in form.initial.items() if value is not None}
    body = {name: given[name] for name in ("email", "full_name", "language")}
    assert staff.post(url, body).status_code == 302
    user.refresh_from_db()
    assert not user.is_active
    User.objects.update(is_active=True)
    assert_ended(pair)


@pytest.mark.django_db(transaction=True)
def test_of_many_exchanges_at_once_one_pair_is_good() -> None:
    first = begin()
    outcomes = race([lambda: tokens.refresh(token=first.refresh)] * 8)
    pairs = [one for one in outcomes if isinstance(one, Pair)]
    assert (len(pairs), len({one.refresh for one in pairs})) == (8, 8)
    good = [one for one in pairs if is_good(one)]
    assert len(good) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_exchange_the_same_sign_in_at_once_the_second_ends_it() -> None:
    """One has the token and the other the one before, so one of them is a thief."""
    first = begin()
    second = tokens.refresh(token=first.refresh)
    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            Device.objects.locked().get()
            both = [
                start(pool, partial(tokens.refresh, token=pair.refresh)) for pair in (first, second)
            ]
            wait_until_waiting(2)
        outcomes = [type(one.exception(timeout=30)) for one in both]
    assert set(outcomes) == {InvalidRefreshToken, type(None)}
    assert not Device.objects.exists()


def is_good(pair: Pair) -> bool:
    try:
        tokens.find_device(token=pair.access)
    except InvalidToken:
        return False
    return True


@pytest.mark.django_db(transaction=True)
def test_sign_ins_at_once_do_not_make_more_devices_than_there_may_be() -> None:
    user = make_user()
    for _number in range(MOST_DEVICES - 1):
        begin(user)
    race([lambda: begin(user)] * 6)
    assert Device.objects.count() == MOST_DEVICES


@pytest.mark.django_db(transaction=True)
def test_using_a_pair_and_replacing_it_at_once_does_not_leave_both() -> None:
    """Either its use was first, and asking again ends the sign-in, or it is worth nothing."""
    first = begin()
    second = tokens.refresh(token=first.refresh)
    used, third = race(
        [
            lambda: tokens.find_device(token=second.access),
            lambda: tokens.refresh(token=first.refresh),
        ]
    )
    if isinstance(third, Pair):
        assert not is_good(second)
    else:
        assert isinstance(used, Device)
        assert_ended(second)


@pytest.mark.django_db(transaction=True)
def test_of_two_new_passwords_at_once_the_second_finds_its_sign_in_ended() -> None:
    user = make_user()
    devices = [tokens.find_device(token=begin(user).access) for _device in range(2)]
    outcomes = race(
        [
            lambda: tokens.change_password(device=devices[0], password="hujan di bulan juni"),
            lambda: tokens.change_password(device=devices[1], password="teh manis hangat pagi"),
        ]
    )
    [pair] = [outcome for outcome in outcomes if isinstance(outcome, Pair)]
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["InvalidToken", "Pair"]
    assert tokens.find_device(token=pair.access).pk == Device.objects.get().pk
