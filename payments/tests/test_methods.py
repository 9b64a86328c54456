import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as shop_settings
from django.core.exceptions import ImproperlyConfigured
from django.template import Context, Template
from django.utils.translation import override
from pytest_django import Settings

from payments.gateways.methods import METHODS, SPECS, chosen, configured, offered_for, spec_of
from shop.core.money import Money


def codes_for(minor: int, currency: str = "IDR") -> list[str]:
    return [spec.code for spec in offered_for(Money(minor, currency))]


@pytest.mark.parametrize(
    ("minor", "offered"),
    [
        (0, []),
        (1, ["qris"]),
        (99, ["qris"]),
        (100, ["ovo", "dana", "qris"]),
        (9_999, ["ovo", "dana", "qris"]),
        (10_000, ["ovo", "dana", "bca_va", "qris"]),
        (10_000_000, ["ovo", "dana", "bca_va", "qris"]),
        (10_000_001, ["ovo", "dana", "bca_va"]),
        (20_000_000, ["ovo", "dana", "bca_va"]),
        (20_000_001, ["bca_va"]),
        (50_000_000, ["bca_va"]),
        (50_000_001, []),
    ],
)
def test_a_method_is_offered_only_for_amounts_that_its_channel_takes(
    minor: int, offered: list[str]
) -> None:
    assert codes_for(minor) == offered


def test_no_rupiah_method_is_offered_for_another_currency() -> None:
    assert codes_for(149_000, "USD") == []


def test_only_ovo_asks_for_a_phone_number() -> None:
    assert [spec.code for spec in METHODS.values() if spec.needs_phone] == ["ovo"]


def test_a_setting_has_the_last_word_on_a_channels_limits(settings: Settings) -> None:
    settings.XENDIT_CHANNELS = {"ovo": {"max_minor": 10_000_000}}
    ovo, dana = METHODS["ovo"], METHODS["dana"]
    assert configured(ovo) == replace(ovo, max_minor=10_000_000)
    assert configured(dana) == dana


def test_a_misspelt_limit_stops_the_program(settings: Settings) -> None:
    settings.XENDIT_CHANNELS = {"ovo": {"maximum": 10_000_000}}
    with pytest.raises(TypeError):
        configured(METHODS["ovo"])


# --- who collects --------------------------------------------------------------------------------
def test_the_usual_gateway_collects_what_no_other_was_chosen_for() -> None:
    usual = {code: spec.gateway for code, spec in chosen({}).items()}
    assert "midtrans" not in usual.values()
    assert {code: spec.gateway for code, spec in METHODS.items()} == usual
    methods = chosen({"dana": "midtrans"})
    assert {code: spec.gateway for code, spec in methods.items()} == usual | {"dana": "midtrans"}
    # In the order in which they are offered.
    assert list(methods) == list(usual)


def test_cards_are_offered_where_somebody_was_chosen_for_them() -> None:
    assert "card" not in chosen({})
    assert chosen({"card": "midtrans"})["card"].channel == "credit_card"
    assert chosen({"card": "xendit"})["card"].channel == "CARDS"


def test_the_foot_of_every_page_names_the_ways_to_pay_that_there_are(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def named() -> list[str]:
        # Compiled anew: what it shows is kept for as long as it lives.
        source = Path(shop_settings.BASE_DIR, "templates/components/footer.html").read_text()
        with override("en"):
            shown = Template(source).render(Context())
        return re.findall(r"<li>([^<]+)</li>", shown)

    usual = ["OVO", "DANA", "BCA virtual account", "QRIS"]
    assert named() == usual
    monkeypatch.setitem(METHODS, "card", SPECS["xendit", "card"])
    settings.COD_IS_OFFERED = True
    assert named() == [*usual, "Cash on delivery", "Credit or debit card"]


@pytest.mark.parametrize("gateways", [{"dana": "stripe"}, {"cash": "midtrans"}])
def test_a_choice_that_nobody_can_keep_stops_the_program(gateways: dict[str, str]) -> None:
    with pytest.raises(ImproperlyConfigured, match="PAYMENT_GATEWAYS"):
        chosen(gateways)


def test_what_an_attempt_was_made_with_is_known_whoever_collects_today() -> None:
    assert METHODS["dana"].gateway == "xendit"
    found = spec_of("midtrans", "dana")
    assert found is not None
    assert (found.gateway, found.refund_days) == ("midtrans", 45)
    assert spec_of("midtrans", "cash") is None


def test_midtrans_limits_are_a_setting_of_their_own(settings: Settings) -> None:
    settings.MIDTRANS = settings.MIDTRANS | {"channels": {"ovo": {"max_minor": 2_000_000}}}
    theirs = SPECS["midtrans", "ovo"]
    assert configured(theirs) == replace(theirs, max_minor=2_000_000)
    assert configured(METHODS["ovo"]) == METHODS["ovo"]


def test_a_request_ends_with_our_window_or_before_it_where_the_gateway_says_so() -> None:
    now = datetime(2026, 11, 22, 3, tzinfo=UTC)
    window_end = now + timedelta(minutes=30)
    lives = {
        gateway: SPECS[gateway, "ovo"].ends_at(now=now, window_end=window_end)
        for gateway in ("xendit", "midtrans")
    }
    assert lives == {"xendit": window_end, "midtrans": now + timedelta(seconds=65)}
    soon = now + timedelta(seconds=5)
    assert SPECS["midtrans", "ovo"].ends_at(now=now, window_end=soon) == soon


@pytest.mark.parametrize(
    ("env", "complaint"),
    [
        ({"PAYMENT_GATEWAYS": "{}"}, ""),
        ({"PAYMENT_GATEWAYS": '{"dana": "midtrans"}'}, "MIDTRANS_URL"),
        (
            {
                "PAYMENT_GATEWAYS": '{"dana": "midtrans"}',
                "MIDTRANS_URL": "https://api.midtrans.com",
                "MIDTRANS_SNAP_URL": "https://app.midtrans.com",
                "MIDTRANS_SERVER_KEYS": "",
            },
            "MIDTRANS_SERVER_KEYS",
        ),
    ],
)
def test_a_chosen_gateway_without_its_keys_stops_the_program_and_names_them(
    env: dict[str, str], complaint: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import shop.payment_settings"],
        cwd=shop_settings.BASE_DIR,
        env=os.environ | env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode != 0) == bool(complaint)
    assert complaint in done.stderr
