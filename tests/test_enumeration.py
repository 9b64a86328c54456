"""Whether an address has an account is not told by how long an answer takes.

Pairs of requests, one with an address that is known and one with one that is not, in random order;
Wilcoxon's signed ranks say whether one of the two takes longer. What is measured is CPU time, so
that whatever else runs on the machine decides nothing. That the measurement sees a leak is shown by
one: a sign-in that hashes for known addresses only.
"""

import os
import random
import time
from collections.abc import Callable
from itertools import count
from math import sqrt
from statistics import median

import pytest
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import transaction
from django.test import Client

from accounts.models import User
from accounts.tests.builders import make_user

pytestmark = pytest.mark.django_db
# `make drill-timing` takes more, and hashes as production does.
PAIRS = int(os.environ.get("ENUMERATION_PAIRS", "24"))
IS_DRILL = "ENUMERATION_PAIRS" in os.environ
# Beyond it is chance once in sixteen thousand times. 24 pairs that agree are 4.3.
TOLD_APART = 4.0
WRONG = "not the password at all"
_numbers = count(1)
Ask = Callable[[Client, str], object]


@pytest.fixture(autouse=True)
def _hashing_costs_something(monkeypatch: pytest.MonkeyPatch) -> None:
    costs = {"time_cost": 2, "memory_cost": 102_400 if IS_DRILL else 4096, "parallelism": 8}
    for name, value in costs.items():
        monkeypatch.setattr(Argon2PasswordHasher, name, value)


def sign_in(client: Client, email: str) -> object:
    return client.post("/account/sign-in/", {"email": email, "password": WRONG})


def sign_in_by_api(client: Client, email: str) -> object:
    body = {"email": email, "password": WRONG, "device_name": "Pixel 9"}
    return client.post("/api/v1/auth/login", body, content_type="application/json")


def register(client: Client, email: str) -> object:
    return client.post("/account/register/", {"email": email})


def reset(client: Client, email: str) -> object:
    return client.post("/account/reset/", {"email": email})


def measured(ask: Ask) -> list[float]:
    """Seconds of CPU that the known address of each pair took more than the unknown one."""
    chance = random.Random(12)
    password = make_user(password="kuda lumping naik sepeda").password
    return [_difference(ask, password, chance) for _pair in range(PAIRS)]


def _difference(ask: Ask, password: str, chance: random.Random) -> float:
    known, unknown = f"known-{next(_numbers)}@example.com", f"new-{next(_numbers)}@example.com"
    User.objects.create(email=known, password=password)
    took = {}
    for email in chance.sample([known, unknown], 2):
        # Nobody may try so often from one network.
        number = next(_numbers)
        client = Client(REMOTE_ADDR=f"198.18.{number // 250}.{number % 250}")
        with transaction.atomic():
            start = time.process_time()
            ask(client, email)
            took[email] = time.process_time() - start
            transaction.set_rollback(True)
    return took[known] - took[unknown]


def signed_ranks(differences: list[float]) -> float:
    """Wilcoxon's statistic in standard deviations: 0 if neither takes longer."""
    ranked = sorted(differences, key=abs)
    total = sum(rank if each > 0 else -rank for rank, each in enumerate(ranked, 1))
    n = len(ranked)
    return total / sqrt(n * (n + 1) * (2 * n + 1) / 6)


@pytest.mark.parametrize("ask", [sign_in, sign_in_by_api, register, reset])
def test_known_and_unknown_addresses_take_as_long(ask: Ask) -> None:
    differences = measured(ask)
    assert abs(signed_ranks(differences)) < TOLD_APART, f"{median(differences) * 1e6:.0f} µs"


def test_a_sign_in_that_hashes_for_known_addresses_only_would_be_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def leaky(self: ModelBackend, request: object, username: str, password: str) -> None:
        user = User.objects.of_email(username).first()
        if user:
            user.check_password(password)

    monkeypatch.setattr(ModelBackend, "authenticate", leaky)
    assert signed_ranks(measured(sign_in)) > TOLD_APART
