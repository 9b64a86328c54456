from dataclasses import replace

import pytest
from pytest_django import Settings

from payments.gateways.methods import METHODS, configured, offered_for
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
