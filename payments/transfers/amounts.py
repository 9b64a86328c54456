"""An amount for each awaited transfer that no other has: the total, and 1 to 999 beside it.

A constraint of the database decides (`attempt_transfer_amount_once`); what is chosen here only
makes it likely that it has no objection.
"""

import secrets
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.db import IntegrityError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from payments.models import OPEN_STATES, PaymentAttempt
from shop.core.errors import DomainError
from shop.core.money import Money

Result = TypeVar("Result")
GATEWAY = "bank_transfer"
SUFFIXES = range(1, 1000)
# Of so many that choose at once, each among hundreds, hardly ever two choose the same twice.
TRIES = 8
_CONSTRAINT = "attempt_transfer_amount_once"


class NoAmountLeft(DomainError):
    code = "no_amount_left"
    message = _(
        "So many transfers of this amount are awaited that they could not be told apart. Please"
        " choose another way to pay."
    )


def free_suffix(total: Money) -> int:
    """What to add to the total so that no awaited transfer asks for the same. Raises NoAmountLeft.

    Amounts that were asked for lately are avoided while there are others: their money may still
    come, late or twice.
    """
    asked = PaymentAttempt.objects.filter(
        Q(state__in=OPEN_STATES) | Q(expires_at__gte=timezone.now() - settings.TRANSFER_LATE),
        gateway=GATEWAY,
        currency=total.currency,
        amount_minor__range=(total.minor + SUFFIXES[0], total.minor + SUFFIXES[-1]),
    )
    awaited: set[int] = set()
    lately: set[int] = set()
    for amount, state in asked.values_list("amount_minor", "state"):
        (awaited if state in OPEN_STATES else lately).add(amount - total.minor)
    free = [suffix for suffix in SUFFIXES if suffix not in awaited]
    if not free:
        raise NoAmountLeft
    return secrets.choice([suffix for suffix in free if suffix not in lately] or free)


def unlike_others(work: Callable[[], Result]) -> Result:
    """Do the work, a whole transaction; anew where another took the same amount at this moment.

    Raises NoAmountLeft, and what the work raises.
    """
    for _try in range(TRIES):
        try:
            return work()
        except IntegrityError as error:
            if _CONSTRAINT not in str(error):
                raise
    raise NoAmountLeft
