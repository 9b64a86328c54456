"""Codes as RFC 6238 has them, so that every app shows the same."""

import base64

import pytest

from accounts.totp import code_at, find_step, new_secret, otpauth_uri

# The secret of appendix B; its codes have eight digits, ours are their last six.
RFC = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_the_codes_are_those_of_the_rfc(at: int, code: str) -> None:
    assert code_at(RFC, at=at) == code
    assert find_step(RFC, code, at=at) == at // 30


@pytest.mark.parametrize(
    ("late", "is_taken"), [(-61, False), (-30, True), (0, True), (30, True), (60, False)]
)
def test_a_clock_may_be_half_a_minute_off(late: int, *, is_taken: bool) -> None:
    at = 1_234_567_890
    found = find_step(RFC, code_at(RFC, at=at), at=at + late)

    assert found == (at // 30 if is_taken else None)


def test_apps_read_the_secret_from_an_address() -> None:
    uri = otpauth_uri("ABC", account="siti@example.com", issuer="RONA & Co")

    assert uri == (
        "otpauth://totp/RONA%20%26%20Co%3Asiti%40example.com?secret=ABC&issuer=RONA%20%26%20Co"
    )
    assert len(base64.b32decode(new_secret())) == 20


def test_what_is_no_code_at_all_is_of_no_step() -> None:
    assert find_step(new_secret(), "é12345", at=0) is None
