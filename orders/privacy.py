"""What orders keep of a person. Notes that staff write for each other are not handed out."""

from typing import Any

from django.db.models import Model, QuerySet

from orders.models import (
    CartLine,
    Order,
    OrderEvent,
    OrderLine,
    RefundDue,
    Return,
    Review,
    ReviewPhoto,
    ReviewVote,
    Shipment,
)
from shop.core import privacy
from shop.core.privacy import Person, Told, rows

# Columns of an order's contact, under the names they have there.
PERSONAL = [
    "email",
    "phone",
    "recipient_name",
    "recipient_phone",
    "street",
    "rt",
    "rw",
    "village",
    "district",
    "city",
    "province_name",
    "postal_code",
    "country",
    "notes",
]


def register() -> None:
    privacy.register("orders", export=export)


def orders_of(person: Person) -> QuerySet[Order]:
    """Those of the account: a guest's are an account's once it has claimed them."""
    return Order.objects.filter(customer=person.user_id, customer__isnull=False).order_by("pk")


def export(person: Person) -> Told:
    return {**_orders(person), **_afterwards(person), **_words(person)}


def _of(person: Person, model: type[Model], path: str = "order") -> QuerySet[Any]:
    orders = {f"{path}__in": orders_of(person)}
    return model._default_manager.filter(**orders).order_by("pk")


def _orders(person: Person) -> Told:
    return {
        "orders": rows(
            orders_of(person),
            number="number",
            status="status",
            goods="fulfilment",
            placed_at="placed_at",
            confirmed_at="confirmed_at",
            ended_at="ended_at",
            language="language",
            currency="currency",
            goods_minor="subtotal_minor",
            discount_minor="discount_minor",
            shipping_minor="shipping_minor",
            shipping_discount_minor="shipping_discount_minor",
            tax_minor="tax_minor",
            total_minor="total_minor",
            **{name: f"contact__{name}" for name in PERSONAL},
        ),
        "order_lines": rows(
            _of(person, OrderLine),
            order="order__number",
            product="product_name",
            variant="variant_name",
            sku="sku",
            quantity="quantity",
            unit_price_minor="unit_price_minor",
            discount_minor="discount_minor",
            total_minor="total_minor",
        ),
        "order_events": rows(
            _of(person, OrderEvent),
            order="order__number",
            what="kind",
            by="actor",
            at="created_at",
        ),
        "cart": rows(
            CartLine.objects.filter(
                cart__customer=person.user_id, cart__customer__isnull=False
            ).order_by("pk"),
            product_id="variant__product__public_id",
            sku="variant__sku",
            quantity="quantity",
            added_at="added_at",
            coupon="cart__coupon_code",
        ),
    }


def _afterwards(person: Person) -> Told:
    return {
        "shipments": rows(
            _of(person, Shipment, "group__order"),
            order="group__order__number",
            status="status",
            courier="courier",
            tracking_number="tracking_number",
            sent_at="shipped_at",
            delivered_at="delivered_at",
        ),
        "returns": rows(
            _of(person, Return),
            order="order__number",
            number="seq",
            state="state",
            wanted="outcome",
            reason="reason",
            note="note",
            answer="answer",
            requested_at="requested_at",
        ),
        "refunds_owed": rows(
            _of(person, RefundDue),
            order="order__number",
            amount_minor="amount_minor",
            currency="currency",
            owed_since="created_at",
            paid_at="paid_at",
        ),
    }


def _words(person: Person) -> Told:
    return {
        "reviews": rows(
            _of(person, Review, "order_line__order"),
            order="order_line__order__number",
            variant="variant_name",
            stars="rating",
            fit="fit",
            title="title",
            text="text",
            name_shown="display_name",
            state="state",
            note_of_the_shop="note",
            answer_of_the_shop="answer__text",
            written_at="written_at",
        ),
        "review_photos": rows(
            _of(person, ReviewPhoto, "review__order_line__order"),
            order="review__order_line__order__number",
            state="state",
            files="renditions",
            uploaded_at="created_at",
        ),
        "reviews_found_helpful": rows(
            _of(person, ReviewVote),
            order="order__number",
            review="review__public_id",
            at="created_at",
        ),
    }
