"""How often a network may be wrong about a code: counted in the database, which is never away."""

import hashlib
import hmac
import time

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from payments.models import CardGuess
from shop.core.throttle import Throttled

HOUR = 3600
KEPT_HOURS = 24


class TooManyGuesses(Throttled):
    code = "too_many_codes"
    message = _("Too many codes were wrong. Try again in {minutes} min.")


# Of many that come at once no more than the limit get through: one statement, one row.
_COUNT = """
INSERT INTO payments_cardguess AS guess (network_key, hour, times) VALUES (%s, %s, 1)
ON CONFLICT (network_key, hour) DO UPDATE SET times = guess.times + 1 WHERE guess.times < %s
RETURNING times
"""


def count_guess(network: str) -> None:
    """Before a code is looked up, outside of any transaction that may yet fail. A right one counts
    too, for the moment until `was_right`.

    Raises TooManyGuesses.
    """
    hour, gone = divmod(int(time.time()), HOUR)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [_key(network), hour, settings.GIFT_CARD_GUESSES_PER_HOUR])
        counted = cursor.fetchone()
    if counted is None:
        raise TooManyGuesses(retry_after=HOUR - gone)
    if counted == (1,):
        CardGuess.objects.filter(hour__lt=hour - KEPT_HOURS).delete()


def was_right(network: str) -> None:
    """Who knows a code may use it as often as needed: it counts no more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE payments_cardguess SET times = times - 1"
            " WHERE network_key = %s AND hour = %s AND times > 0",
            [_key(network), int(time.time()) // HOUR],
        )


def _key(network: str) -> str:
    """An address is kept nowhere, not even for an hour."""
    message = f"card-guess:{network}".encode()
    return hmac.new(settings.PSEUDONYM_KEY.encode(), message, hashlib.sha256).hexdigest()[:32]
