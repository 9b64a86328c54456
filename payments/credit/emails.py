"""The mail that carries a new gift card to whoever it is for."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from payments.credit.granting import replace_code
from payments.models import CreditGrant
from shop.core import mail, outbox


def register_handlers() -> None:
    outbox.register("gift-card", send_gift_card)


def send_gift_card(payload: dict[str, Any]) -> None:
    """Of the outbox, which must not hold a code: it is made here, and kept only as a hash.

    Should the mail go out twice, the code in the later one counts. The address is forgotten then.
    """
    grant = CreditGrant.objects.select_related("account").get(pk=payload["grant_id"])
    if not grant.recipient or grant.account is None:
        return
    code = replace_code(account_id=grant.account.pk)
    with translation.override(grant.language):
        balance_url = settings.PUBLIC_URL + reverse("payments:gift_card")
    mail.send(
        "gift_card",
        to=grant.recipient,
        language=grant.language,
        context={
            "amount": grant.amount,
            "code": code,
            "expires_at": grant.expires_at,
            "shop_url": settings.PUBLIC_URL,
            "balance_url": balance_url,
        },
    )
    CreditGrant.objects.filter(pk=grant.pk).update(recipient="")
