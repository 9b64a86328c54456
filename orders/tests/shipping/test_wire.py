"""What a courier API may write and what of it becomes a price: nothing doubtful does."""

import json
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from orders.models import RateSource
from orders.shipping import sources, wire
from orders.shipping.quoting import best_rates
from orders.shipping.rates import Unavailable
from orders.tests.shipping.builders import make_fare, make_request, make_zone
from shop.core.tests.misbehaving import (
    Behaviour,
    answers,
    cuts_off,
    hangs_up,
    misbehaving,
    never_ends,
    speaks_no_http,
    trickles_body,
    trickles_head,
)

GOOD: dict[str, Any] = {
    "courier_code": "jne",
    "courier_name": "JNE",
    "courier_service_code": "reg",
    "courier_service_name": "Reguler",
    "price": 18_000,
    "shipment_duration_range": "2 - 3",
    "shipment_duration_unit": "days",
    "company": "jne",
    "type": "reg",
}


@pytest.mark.parametrize(
    ("written", "unit", "days"),
    [
        ("2 - 3", "days", (2, 3)),
        ("1-2 day", "", (1, 2)),
        ("3", "", (3, 3)),
        ("11 day", "", (11, 11)),
        ("2-3 HARI", "", (2, 3)),
        ("6 - 8", "hours", (0, 1)),
        ("30 - 48", "hours", (1, 2)),
        ("", "", (None, None)),
        (None, "days", (None, None)),
        ("soon", "", (None, None)),
        ("2 - 3", "weeks", (None, None)),
    ],
)
def test_estimates_are_read_however_they_are_written(
    written: object, unit: str, days: tuple[int | None, int | None]
) -> None:
    assert wire.working_days(written, unit=unit) == days


@pytest.mark.parametrize("written", ["3 - 2", "61", "0 - 999"])
def test_an_estimate_that_cannot_be_true_is_none(written: str) -> None:
    with pytest.raises(wire.Unreadable):
        wire.working_days(written)


@pytest.mark.parametrize(
    "price", [0, -1, 18_000.0, 18_000.5, "18000", None, True, 10_000_001, [18_000]]
)
def test_a_price_is_whole_rupiah_above_nothing_and_below_absurdity(price: object) -> None:
    with pytest.raises(wire.Unreadable):
        wire.whole_rupiah(price)


@pytest.mark.parametrize("rows", [None, "x", {}, [GOOD] * 201])
def test_what_is_no_list_of_rates_is_garbage(rows: object) -> None:
    answer = wire.rates(RateSource.BITESHIP, rows, lambda row: pytest.fail("read"))
    assert answer == Unavailable("garbage")


@pytest.mark.django_db
class TestAnAnswer:
    """Of Biteship, given to a shop whose table knows one courier."""

    @pytest.fixture(autouse=True)
    def _table(self, settings: Settings) -> None:
        sources._known.clear()
        settings.COURIER_RATES = "biteship"
        settings.COURIER_API_KEY = "k"
        make_fare(make_zone(), 25_000, courier="POS")

    def offered(self, settings: Settings, *behaviours: Behaviour) -> dict[str, int]:
        with misbehaving(*behaviours) as server:
            settings.COURIER_API_URL = server.url
            (rates,) = best_rates([make_request()])
        return {option.code: option.amount.minor for option in rates.options}

    def priced(self, settings: Settings, *rows: object, **more: object) -> dict[str, int]:
        document = {"success": True, "pricing": list(rows)} | more
        return self.offered(settings, answers(200, document))

    @pytest.mark.parametrize(
        "wrong",
        [
            {"price": 0},
            {"price": -9_000},
            {"price": 18_000.5},
            {"price": "18000"},
            {"price": 99_000_000},
            {"courier_code": ""},
            {"courier_code": None},
            {"courier_service_code": "x" * 41},
            {"courier_service_code": "re\x00g"},
            {"courier_name": {"a": 1}},
            {"shipment_duration_range": "9 - 2"},
        ],
    )
    def test_a_doubtful_row_is_left_out_and_the_others_count(
        self, settings: Settings, wrong: dict[str, Any]
    ) -> None:
        good = GOOD | {"courier_service_code": "yes", "price": 30_000}
        assert self.priced(settings, GOOD | wrong, good, "x", None) == {"jne:yes": 30_000}

    def test_where_every_row_is_doubtful_the_table_answers(self, settings: Settings) -> None:
        assert self.priced(settings, GOOD | {"price": 0}) == {"pos:reg": 25_000}

    def test_of_one_service_with_two_prices_the_lower_counts(self, settings: Settings) -> None:
        rows = [GOOD | {"price": price} for price in (19_000, 18_000, 20_000)]
        assert self.priced(settings, *rows) == {"jne:reg": 18_000}

    @pytest.mark.parametrize("more", [{"success": False}, {"success": None}, {"success": "true"}])
    def test_success_must_be_said(self, settings: Settings, more: dict[str, Any]) -> None:
        assert self.priced(settings, GOOD, **more) == {"pos:reg": 25_000}

    @pytest.mark.parametrize(
        "behaviour",
        [
            hangs_up,
            cuts_off,
            speaks_no_http,
            never_ends,
            answers(200, b"["),
            answers(200, b"[" * 100_000),
            answers(200, b"null"),
            answers(200, []),
            answers(200, {}),
            answers(302, {"success": True}, {"Location": "http://127.0.0.1:9/"}),
            answers(404, {"success": True, "pricing": [GOOD]}),
            answers(503, json.dumps({"success": True, "pricing": [GOOD]}).encode()),
        ],
    )
    def test_whatever_a_server_does_the_table_answers(
        self, settings: Settings, behaviour: Behaviour
    ) -> None:
        assert self.offered(settings, behaviour) == {"pos:reg": 25_000}

    @pytest.mark.parametrize("slowness", [trickles_head, trickles_body])
    def test_a_server_that_trickles_is_cut_off(
        self, settings: Settings, slowness: Behaviour
    ) -> None:
        settings.COURIER_TIMEOUT = timedelta(seconds=0.3)
        assert self.offered(settings, slowness) == {"pos:reg": 25_000}
