"""`python -m bench.orders.lives 4`, in the environment of a shop: let orders grow old.

Every paid order is sent, arrives and is closed, but for the newest so many percent. For a shop in
which nothing can be returned any more once it has arrived (`RETURN_WINDOW_DAYS=0`).
"""

import sys

import django

django.setup()

from django.db.models.functions import Now  # noqa: E402 - not before the setup
from django.utils import timezone  # noqa: E402 - as above

from accounts.models import User  # noqa: E402 - as above
from orders.closing import close_order  # noqa: E402 - as above
from orders.delivery import mark_delivered  # noqa: E402 - as above
from orders.fulfilment import ship_lines  # noqa: E402 - as above
from orders.models import Order, OrderStatus  # noqa: E402 - as above
from shop.core.models import OutboxMessage  # noqa: E402 - as above

orders = list(Order.objects.filter(status=OrderStatus.CONFIRMED).order_by("pk"))
staff = User.objects.create(email="bench@example.com", is_staff=True)
for order in orders[: -max(len(orders) * int(sys.argv[1]) // 100, 1)]:
    [group] = order.groups.all()
    parcel = ship_lines(
        group_id=group.pk,
        courier=group.courier,
        tracking_number=f"BENCH{order.pk}",
        actor_id=staff.pk,
    )
    mark_delivered(shipment_id=parcel.pk, at=timezone.now())
    close_order(order_id=order.pk)
# Nobody waits for the mails.
OutboxMessage.objects.filter(done_at=None).update(done_at=Now())
