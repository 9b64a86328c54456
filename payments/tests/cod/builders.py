"""Orders that are paid at the door, and what their courier says of them."""

from typing import Any

from orders.models import Order, Shipment
from orders.tests.builders import make_cart, make_contact
from orders.tests.life.builders import ship
from payments.checkout import place_and_pay
from payments.cod.settling import take_settlement
from payments.models import CourierSettlement, PaymentAttempt, SettlementLine
from payments.tests.test_checkout import order_form


def make_cod(lines: Any = None, *, email: str = "siti@example.com", **changes: Any) -> Order:
    """Placed as customers do."""
    form = order_form(make_cart(lines), method="cod", contact=make_contact(email), **changes)
    return place_and_pay(**form).order


def attempt_of(order: Order) -> PaymentAttempt:
    return PaymentAttempt.objects.get(order=order, gateway="cod")


def sent(order: Order) -> Shipment:
    parcel = ship(order)
    order.refresh_from_db()
    return parcel


def csv_of(*rows: tuple[str, int, int]) -> bytes:
    """Waybill, collected and fee of each; the net amount is right."""
    lines = [
        f'{waybill},"{collected:,}.00","{fee:,}.00","{collected - fee:,}.00"'
        for waybill, collected, fee in rows
    ]
    return "\n".join(["AWB,COD Amount,Fee,Net", *lines, "Total,,,"]).encode()


def take(*rows: tuple[str, int, int], courier: str = "JNE") -> CourierSettlement:
    return take_settlement(name="cod.csv", courier=courier, content=csv_of(*rows), user_id=None)


def only_line(waybill: str, collected: int, fee: int = 0, **more: Any) -> SettlementLine:
    return take((waybill, collected, fee), **more).lines.get()
