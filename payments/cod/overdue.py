"""Money that a courier took at the door and has not handed over: somebody has to ask for it."""

from django.conf import settings
from django.db.models import Max, Q
from django.utils import timezone

from orders.models import Order
from payments.cod.risk import GATEWAY
from payments.models import OPEN_STATES, PaymentAttempt, PaymentException
from payments.trouble import open_by_key, settle_keys

PREFIX = "cod-overdue:"


def tell_overdue() -> int:
    """An exception for each order whose money should be here by now; how many are new.

    What has ended by itself since, because its goods came back, is resolved.
    """
    _settle()
    since = timezone.now() - settings.COD_HANDED_OVER_WITHIN
    # By the attempts that still wait: of the orders themselves there may be millions.
    waiting = PaymentAttempt.objects.filter(gateway=GATEWAY, state__in=OPEN_STATES)
    of_arrived = Q(groups__shipments__status="delivered")
    orders = Order.objects.filter(pk__in=waiting.values("order"), collect_minor__gt=0)
    late = orders.annotate(
        arrived_at=Max("groups__shipments__delivered_at", filter=of_arrived)
    ).filter(arrived_at__lt=since)
    return sum(_tell(order) for order in late.order_by("pk"))


def _tell(order: Order) -> bool:
    note = f"{order.to_collect.format()} were collected at the door and are not handed over"
    return open_by_key(PaymentException.Kind.PARTIAL, f"{PREFIX}{order.pk}", note, order=order)


def _settle() -> None:
    over = PaymentException.objects.filter(
        key__startswith=PREFIX, resolved_at=None, order__collect_minor=0
    )
    settle_keys(list(over.values_list("key", flat=True)), "nothing is to be collected any more")
