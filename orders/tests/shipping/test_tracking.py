"""Where parcels are: asked of both courier APIs over real HTTP, by schedule and within limits."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from orders.asking_couriers import MOST_ASKS, ask_couriers
from orders.courier_news import match_kept_news, record_courier_news
from orders.delivery import assume_delivered
from orders.fulfilment import correct_tracking
from orders.models import CourierNews, CourierStatus, Shipment, ShipmentStatus
from orders.shipping import biteship_tracking, sources, wire
from orders.tests.life.builders import confirmed, events, ship, staff
from orders.tests.shipping.couriers import Couriers
from tests.racing import race

pytestmark = pytest.mark.django_db
WITHIN = timedelta(seconds=30)


def underway(number: str, *, courier: str = "JNE") -> Shipment:
    """A parcel whose courier is to be asked by now."""
    parcel = ship(confirmed(), number=number)
    Shipment.objects.filter(pk=parcel.pk).update(courier=courier, ask_due_at=timezone.now())
    return fresh(parcel)


def fresh(parcel: Shipment) -> Shipment:
    return Shipment.objects.get(pk=parcel.pk)


def ask() -> int:
    return ask_couriers(within=WITHIN)


def hours_until_next(parcel: Shipment) -> int:
    due = fresh(parcel).ask_due_at
    assert due is not None
    return round((due - timezone.now()) / timedelta(hours=1))


@pytest.fixture(autouse=True)
def _no_breaker_of_others() -> None:
    sources._known_tracking.clear()


def test_a_parcel_is_delivered_when_its_courier_says_so(api: Couriers) -> None:
    parcel = underway("TRK-DELIVERED")
    api.move("jne", "TRK-DELIVERED", "delivered")
    assert ask() == 1
    parcel = fresh(parcel)
    assert (parcel.status, parcel.is_assumed) == ("delivered", False)
    assert (parcel.courier_word.lower(), parcel.asks) == ("delivered", 1)
    assert parcel.asked_at is not None
    assert ask() == 0


def test_a_parcel_on_its_way_is_asked_about_less_and_less_often(
    api: Couriers, settings: Settings
) -> None:
    parcel = underway("TRK-WAY")
    word = "on_process" if settings.COURIER_RATES == "rajaongkir" else "droppingOff"
    api.move("jne", "TRK-WAY", word)
    pauses = []
    for _ in range(7):
        Shipment.objects.update(ask_due_at=timezone.now())
        assert ask() == 1
        pauses.append(hours_until_next(parcel))
    assert pauses == [6, 6, 6, 12, 12, 24, 24]
    assert fresh(parcel).status == ShipmentStatus.SHIPPED
    assert set(CourierNews.objects.values_list("status", flat=True)) == {"in_transit"}
    Shipment.objects.update(ask_due_at=timezone.now(), asks=MOST_ASKS - 1)
    ask()
    assert fresh(parcel).ask_due_at is None


@pytest.mark.parametrize("word", ["lost_in_space", "delivered_to_neighbour"])
def test_a_word_that_nobody_has_documented_changes_nothing(api: Couriers, word: str) -> None:
    parcel = underway("TRK-ODD")
    api.move("jne", "TRK-ODD", word)
    ask()
    parcel = fresh(parcel)
    assert parcel.status == "shipped"
    assert parcel.courier_word.lower().replace(" ", "_") == word
    assert not CourierNews.objects.exists()


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("picked", CourierStatus.IN_TRANSIT),
        ("dropping_off", CourierStatus.IN_TRANSIT),
        ("onHold", CourierStatus.IN_TRANSIT),
        ("return_in_transit", CourierStatus.IN_TRANSIT),
        ("returnInTransit", CourierStatus.IN_TRANSIT),
        ("delivered", CourierStatus.DELIVERED),
        ("returned", CourierStatus.RETURNED_TO_SENDER),
        ("disposed", CourierStatus.LOST),
        ("picking_up", None),
        ("cancelled", None),
        ("courierNotFound", None),
        ("deliver", None),
    ],
)
def test_what_biteships_words_mean(word: str, status: CourierStatus | None) -> None:
    assert biteship_tracking.status_of(word) == status


def test_times_without_a_zone_are_those_of_jakarta() -> None:
    assert wire.moment("2026-11-22 18:17") == datetime(2026, 11, 22, 11, 17, tzinfo=UTC)
    assert wire.moment("2026-11-22T18:17:00+08:00") == datetime(2026, 11, 22, 10, 17, tzinfo=UTC)
    assert [wire.moment(value) for value in ("2026-11-22", "soon enough, perhaps", None)] == [
        None
    ] * 3


def test_a_parcel_that_counts_as_delivered_comes_back_all_the_same(biteship: Couriers) -> None:
    parcel = underway("TRK-BACK")
    Shipment.objects.update(delivery_due_at=timezone.now())
    assume_delivered(within=WITHIN)
    assert fresh(parcel).is_assumed
    biteship.move("jne", "TRK-BACK", "returned")
    ask()
    assert fresh(parcel).status == "returned_to_sender"


@pytest.mark.parametrize("mode", ["error", "garbage", "broke", "busy"])
def test_trouble_with_the_api_is_asked_about_again_in_an_hour(api: Couriers, mode: str) -> None:
    parcel = underway("TRK-TROUBLE")
    api.be(mode)
    ask()
    assert (fresh(parcel).status, fresh(parcel).asks, hours_until_next(parcel)) == ("shipped", 0, 1)


def test_a_number_that_the_courier_does_not_know_is_asked_about_later(api: Couriers) -> None:
    parcel = underway("TRK-UNKNOWN")
    ask()
    assert (fresh(parcel).status, fresh(parcel).asks, hours_until_next(parcel)) == ("shipped", 1, 6)


def test_the_shops_own_rider_is_not_asked_about(api: Couriers) -> None:
    parcel = underway("TRK-RIDER", courier="Kurir toko")
    before = api.asked()
    assert ask() == 0
    assert api.asked() == before
    assert fresh(parcel).ask_due_at is None


def test_with_the_table_nobody_is_asked(settings: Settings) -> None:
    parcel = underway("TRK-TABLE")
    settings.COURIER_RATES = "table"
    assert ask() == 0
    assert fresh(parcel).asked_at is None


def test_what_is_not_paid_for_today_waits_for_tomorrow(
    biteship: Couriers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURIER_TRACKINGS_A_DAY", "2")
    parcels = [underway(f"TRK-DAY-{number}") for number in range(3)]
    assert ask() == 2
    assert [fresh(parcel).asks for parcel in parcels] == [1, 1, 0]
    due = fresh(parcels[2]).ask_due_at
    assert due is not None
    # The windows of the limit begin at midnight of UTC.
    midnight = timezone.now().replace(hour=0, minute=0, second=0) + timedelta(days=1)
    assert abs(due - midnight) < timedelta(minutes=2)
    assert ask() == 0


def test_staff_write_the_couriers_name_as_they_like(biteship: Couriers) -> None:
    parcel = underway("TRK-JNT", courier="J&T Express")
    record_courier_news(
        courier="jnt",
        tracking_number="TRK-JNT",
        status=CourierStatus.DELIVERED,
        at=timezone.now(),
    )
    assert fresh(parcel).status == "delivered"


def test_news_of_a_number_entered_later_finds_the_couriers_other_name(biteship: Couriers) -> None:
    record_courier_news(
        courier="jnt", tracking_number="TRK-LATE", status=CourierStatus.DELIVERED, at=None
    )
    parcel = underway("TRK-LATE", courier="J&T")
    assert match_kept_news() == 1
    assert fresh(parcel).status == "delivered"


def test_a_corrected_number_is_asked_about_at_once(biteship: Couriers) -> None:
    parcel = underway("TRK-WRONG")
    ask()
    correct_tracking(
        shipment_id=parcel.pk, courier="JNE", tracking_number="TRK-RIGHT", actor_id=staff().pk
    )
    biteship.move("jne", "TRK-RIGHT", "delivered")
    assert ask() == 1
    assert fresh(parcel).status == "delivered"


@pytest.mark.django_db(transaction=True)
def test_two_pollers_at_once_ask_once(biteship: Couriers) -> None:
    parcel = underway("TRK-RACE")
    biteship.move("jne", "TRK-RACE", "picked")
    results = race([ask] * 4)
    assert sorted(results) == [0, 0, 0, 1], results  # type: ignore[type-var]
    assert biteship.asked()["/v1/trackings/TRK-RACE/couriers/jne"] == 1
    assert fresh(parcel).asks == 1


@pytest.mark.django_db(transaction=True)
def test_poll_and_webhook_with_the_same_news_move_the_parcel_once(biteship: Couriers) -> None:
    parcel = underway("TRK-BOTH")
    biteship.move("jne", "TRK-BOTH", "delivered")

    def told() -> int:
        return record_courier_news(
            courier="jne",
            tracking_number="TRK-BOTH",
            status=CourierStatus.DELIVERED,
            at=None,
        )

    results = race([ask, told, told])
    assert not [result for result in results if isinstance(result, Exception)], results
    order = parcel.group.order
    assert events(order).count("delivered") == 1
    assert fresh(parcel).status == "delivered"
