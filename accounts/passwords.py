"""Choosing a password. Length is what counts; what anybody would try first is refused."""

import re
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator, validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from shop.core import outbox

# What is left of a password without what everybody can guess.
LEAST_LEFT = 8
SHORTEST_WORD = 4
ROWS = ("abcdefghijklmnopqrstuvwxyz", "0123456789" * 2, "qwertyuiop", "asdfghjkl", "zxcvbnm")
# All rows one after the other, there and back.
RUNS = " ".join([*ROWS, *(row[::-1] for row in ROWS)])
REPEATED = re.compile(r"(.+?)\1+")


class EasyToGuess:
    """Refuses what is little more than a repetition, a row of keys, the person or the shop."""

    def validate(self, password: str, user: User | None = None) -> None:
        plain = password.casefold()
        repeated = REPEATED.fullmatch(plain)
        if repeated:
            plain = repeated[1]
            CommonPasswordValidator().validate(plain)
        for word in _guessed(user):
            plain = plain.replace(word, "")
        if len(_without_runs(plain)) < LEAST_LEFT:
            raise ValidationError(self.get_help_text(), code="password_easy_to_guess")

    def get_help_text(self) -> str:
        return _(
            "This password is easy to guess. Choose one without your name, your e-mail, the name "
            "of the shop and rows of keys: four or more words that have nothing to do with each "
            "other are good."
        )


def _guessed(user: User | None) -> list[str]:
    """Longest first, so that no part of a word stays behind."""
    known = f"{settings.SHOP_NAME} {user.email} {user.full_name}" if user else settings.SHOP_NAME
    words = re.split(r"[\W_]+", known.casefold())
    return sorted((word for word in words if len(word) >= SHORTEST_WORD), key=len, reverse=True)


def _without_runs(text: str) -> str:
    """The text without neighbours of the alphabet, the digits or a keyboard, four or more."""
    left = ""
    while text:
        run = next((n for n in range(min(len(text), 26), 0, -1) if text[:n] in RUNS), 1)
        left += text[:run] if run < SHORTEST_WORD else ""
        text = text[run:]
    return left


@transaction.atomic
def choose_password(user: User, password: str) -> None:
    """Give the account the password; whoever is signed in to it elsewhere is so no longer.

    The person is told by mail, unless the account is new. Raises ValidationError.
    """
    validate_password(password, user)
    is_new = user.pk is None
    user.set_password(password)
    user.save(update_fields=None if is_new else ["password"])
    if not is_new:
        outbox.add("password-changed", key=f"password-changed:{uuid4()}", user_id=user.pk)
