"""Past guest orders become those of an account, only by a link mailed to their address.

An account says which e-mail it has; that its owner reads mail there is shown by opening the link.
"""

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from orders.models import Order, OrderClaim, OrderEvent
from orders.models.order import OrderQuerySet
from shop.core import mail, outbox, throttle
from shop.core.errors import DomainError
from shop.core.throttle import Limit

GOOD_FOR = timedelta(hours=1)
LIMITS = (Limit(times=3, seconds=3600), Limit(times=10, seconds=86_400))


class ClaimInvalid(DomainError):
    code = "claim_invalid"
    status = 410
    message = _("This link is used up or too old, or it is another account's. Ask for a new one.")


def register_handlers() -> None:
    outbox.register("order-claim", send_claim)


def ask_to_claim(*, user: User) -> None:
    """Mail a link to the account's address, if guests have ordered with it; nobody is told whether.

    Raises Throttled: counted for the account. Not for the network, which in Indonesia thousands
    share; each account's letters go to its own address only.
    """
    throttle.count("claim-account", network=str(user.pk), limits=LIMITS)
    with transaction.atomic():
        outbox.add("order-claim", key=f"order-claim:{uuid4()}", user_id=user.pk)


def send_claim(payload: dict[str, Any]) -> None:
    """Write the link; its secret is nowhere but in the mail. Sent twice, each link is good."""
    user = get_user_model().objects.filter(pk=payload["user_id"], is_active=True).first()
    if user is None or not _guest_orders(user).exists():
        return
    OrderClaim.objects.filter(expires_at__lte=timezone.now()).delete()
    token = secrets.token_urlsafe(24)
    OrderClaim.objects.create(
        user=user,
        token_hash=_hash(token),
        email_key=_email_key(user),
        expires_at=timezone.now() + GOOD_FOR,
    )
    with translation.override(user.language):
        url = settings.PUBLIC_URL + reverse("orders:claim_orders", args=[token])
    mail.send(
        "claim_orders", to=user.email, language=user.language, context={"user": user, "url": url}
    )


@transaction.atomic
def claim(*, token: str, user: User) -> list[Order]:
    """The guest orders of the account's address are the account's from now on; returns them.

    Raises ClaimInvalid where the link is not this account's, is used or too old, or was mailed to
    an address that the account has no more; then nothing has changed.
    """
    now = timezone.now()
    row = (
        OrderClaim.objects.select_for_update(no_key=True)
        .filter(token_hash=_hash(token), user=user, used_at=None, expires_at__gt=now)
        .first()
    )
    if row is None or not hmac.compare_digest(row.email_key, _email_key(user)):
        raise ClaimInvalid
    row.used_at = now
    row.save(update_fields=["used_at"])
    orders = list(_guest_orders(user).locked().order_by("pk"))
    Order.objects.filter(pk__in=[order.pk for order in orders]).update(customer=user)
    OrderEvent.objects.bulk_create(
        OrderEvent(order=order, kind="claimed", actor=OrderEvent.Actor.CUSTOMER, user=user)
        for order in orders
    )
    return orders


def _guest_orders(user: User) -> OrderQuerySet:
    return Order.objects.filter(customer=None, contact__email__iexact=user.email)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _email_key(user: User) -> str:
    message = f"claim:{user.email.lower()}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).hexdigest()
