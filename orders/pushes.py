"""What becomes of an order, told to the apps of the account that it belongs to.

Nothing personal goes out but the order's number: the message lies on a locked screen, and with
Google or Apple before that.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import PushTarget, User
from accounts.pushes import publish, push_targets_of
from orders.models import Order
from shop.core import outbox

# By the mail that says the same.
TITLES = {
    "order_confirmed": _("Your payment has arrived"),
    "order_ended": _("Your order has ended without a payment"),
    "order_called_off": _("Your order is cancelled"),
    "order_shipped": _("Your order is on its way"),
    "order_delivered": _("Your order has arrived"),
    "order_parcel": _("News of your parcel"),
    "order_return": _("News of your return"),
    "order_refunded": _("Your money is on its way back"),
}


def register_handlers() -> None:
    outbox.register("order-push", send_push)


def ask_for_pushes(order: Order, template: str, facts: Mapping[str, object]) -> None:
    """One message for each app of the order's account; the same facts again ask for nothing new."""
    if order.customer_id is None:
        return
    targets = push_targets_of(User.objects.get(pk=order.customer_id))
    event = "-".join(str(fact) for fact in facts.values())
    with transaction.atomic():
        for target in targets:
            outbox.add(
                "order-push",
                key=f"order-push:{target.pk}:{template}:{event}",
                target_id=target.pk,
                template=template,
                number=order.number,
            )


def send_push(payload: dict[str, Any]) -> None:
    """Nothing where the app has signed out meanwhile."""
    targets = PushTarget.objects.filter(pk=payload["target_id"], device__isnull=False)
    target = targets.select_related("device__user").first()
    if target is None or target.device is None:
        return
    with translation.override(target.device.user.language):
        title = str(TITLES[payload["template"]])
        body = translation.gettext("Order %(number)s") % {"number": payload["number"]}
    publish(target, title=title, body=body, data={"order": payload["number"]})
