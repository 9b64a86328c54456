"""All that staff see of one order, on one page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from django.conf import settings
from django.db.models import Prefetch, Q
from django.utils import translation
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.models import StockItem
from orders.admin.badges import fulfilment_badge, order_badge, return_badge, shipment_badge
from orders.admin.forms import ShipForm, line_label
from orders.courier_news import news_of
from orders.fulfilment import unshipped_of
from orders.letters import Sendable, letters_of
from orders.models import (
    ENDED,
    PAID,
    Adjustment,
    CourierNews,
    FulfilmentGroup,
    Invoice,
    InvoiceKind,
    Order,
    OrderContact,
    OrderEvent,
    OrderLine,
    RefundDue,
    Return,
    ReturnLine,
    ReturnState,
    Shipment,
    ShipmentLine,
)
from orders.order_page import EVENT_TEXTS, happening_text
from orders.refunds_due import RefundedAlready
from orders.returns.settling import worth_of
from orders.status import fulfilment_status
from shop.core.money import Money

STAFF_EVENT_TEXTS: dict[str, str | Promise] = EVENT_TEXTS | {
    "payment_tried": _("Another payment method tried: {method}"),
    "partly_paid": _("Only {amount} came, {missing} missing"),
    "credit_used": _("{amount} paid with a gift card or store credit, {missing} left"),
    "paid_too_late": _("Paid after the goods were sold out"),
    "paid_late": _("Paid after the order had ended"),
    "exception_taken": _("Payment exception taken on"),
    "exception_handed_over": _("Payment exception handed over"),
    "exception_let_go": _("Payment exception let go"),
    "exception_given_back": _("Payment exception: {amount} to be given back"),
    "exception_as_credit": _("Payment exception: {amount} to become store credit"),
    "exception_asked": _("Customer asked for the missing {amount}"),
    "exception_waived": _("Missing {amount} waived"),
    "exception_fulfilled": _("Confirmed after all, with money that came late"),
    "exception_assigned": _("{amount} that came without an order assigned to this one"),
    "exception_found": _("Payment exception: found at the gateway"),
    "exception_explained": _("Payment exception: explained"),
    "exception_kept": _("Payment exception: {amount} to be booked as unclaimed"),
    "exception_contested": _("What was charged back is contested"),
    "exception_won": _("Dispute said to be won; its money is not here yet"),
    "exception_lost": _("Dispute lost"),
    "exception_accepted": _("What was charged back is accepted"),
    "dispute_returned": _("What was charged back is here again"),
    "dispute_gone_again": _("What had come back of a dispute is gone again"),
    "exception_noted": _("Payment exception: note written"),
    "exception_closed": _("Payment exception closed"),
    "exception_reopened": _("Payment exception opened again"),
    "slip_printed": _("Packing slip printed"),
    "called_off": _("Called off; {amount} owed to the customer"),
    "refund_approved": _("refund of {amount} approved"),
    "refund_called_back": _("refund of {amount} called back"),
    "refund_given_elsewhere": _("refund of {amount} given back on the gateway's own pages"),
    "refund_by_bank": _("refund of {amount} to be made by bank transfer"),
    "refund_as_credit": _("refund of {amount} to become store credit"),
    "refund_failed": _("refund of {amount} failed"),
    "payout_account_named": _("Bank account for the refund named"),
    "refund_paid": _("{amount} given back to the customer"),
    "packed": _("Packed"),
    "unpacked": _("Unpacked"),
    "tracking_corrected": _("Tracking number corrected from {before} to {tracking_number}"),
    "return_received": _("Return {return} received: {units} units, {restocked} put back on sale"),
    "mail_sent_again": _("A mail was sent once more"),
    "review_written": _("Review written, {rating} of 5 stars"),
    "review_changed": _("Review changed by its author"),
    "review_published": _("Review published"),
    "review_rejected": _("Review rejected"),
    "review_hidden": _("Review hidden"),
    "review_answered": _("Review answered"),
    "review_answer_removed": _("Answer to the review removed"),
    "review_photo_removed": _("Photo of the review removed"),
    "review_erased": _("Words and photos of the review erased"),
}


@dataclass(frozen=True, slots=True)
class LineRow:
    line: OrderLine
    left: int


@dataclass(frozen=True, slots=True)
class ShipmentRow:
    shipment: Shipment
    status: SafeString
    contents: str
    # Stock item pk, what it is, and how many units of it were in the parcel.
    restockable: list[tuple[int, str, int]]
    # What its courier said, the newest first.
    news: list[CourierNews]


@dataclass(frozen=True, slots=True)
class GroupCard:
    """`form` is there while something can be sent, and the reader may send it."""

    group: FulfilmentGroup
    lines: list[LineRow]
    shipments: list[ShipmentRow]
    form: ShipForm | None


@dataclass(frozen=True, slots=True)
class ReturnLineRow:
    """`places`: stock items (pk, place) at which it could be put back on sale."""

    line: ReturnLine
    places: list[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class ReturnCard:
    goods_return: Return
    status: SafeString
    lines: list[ReturnLineRow]
    refund: RefundDue | None = None
    # What would be given back for all that came, while that is to be decided.
    worth: Money | None = None

    @property
    def is_exchangeable(self) -> bool:
        """Whether for all that came it is known what is to go out."""
        return all(
            row.line.exchange_variant_id is not None or not row.line.received_quantity
            for row in self.lines
        )


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The orders placed just before and after one."""

    older: int | None
    newer: int | None


@dataclass(frozen=True, slots=True)
class Happening:
    text: str
    actor: str
    at: datetime
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class OrderPage:
    order: Order
    status: SafeString
    fulfilment: SafeString | str
    contact: OrderContact | None
    groups: list[GroupCard]
    steps: list[Adjustment]
    happenings: list[Happening]
    returns: list[ReturnCard]
    refunds_due: list[RefundDue]
    letters: list[Sendable]
    invoices: list[Invoice]
    credit_notes: list[Invoice]
    may_change: bool
    may_ship: bool

    @property
    def whatsapp_url(self) -> str:
        """A chat with the buyer, begun in the language of the order."""
        if self.contact is None:
            return ""
        with translation.override(self.order.language):
            text = gettext("Hello %(name)s, about your order %(number)s at %(shop)s:") % {
                "name": self.contact.recipient_name,
                "number": self.order.number,
                "shop": settings.SHOP_NAME,
            }
        return f"https://wa.me/{self.contact.phone.lstrip('+')}?text={quote(text, safe='')}"


def show_order(
    order: Order,
    *,
    may_ship: bool,
    may_change: bool,
    typed: Mapping[int, ShipForm] | None = None,
) -> OrderPage:
    """`typed`: group pk → a form that was refused, to be shown again as it was filled in."""
    groups = list(
        order.groups.order_by("pk").prefetch_related(
            Prefetch("lines", OrderLine.objects.order_by("pk").select_related("replaces")),
            Prefetch("shipments", Shipment.objects.order_by("pk").select_related("created_by")),
            Prefetch("shipments__lines", ShipmentLine.objects.select_related("order_line")),
        )
    )
    # Of an order that has ended nothing will be sent.
    left = unshipped_of(groups if order.status not in ENDED else [])
    papers = list(order.invoices.order_by("pk"))
    news = news_of([shipment for group in groups for shipment in group.shipments.all()])
    can_ship = may_ship and order.status in PAID
    return OrderPage(
        order=order,
        status=order_badge(order),
        fulfilment=fulfilment_badge(order, fulfilment_status(order=order)),
        contact=getattr(order, "contact", None),
        groups=[
            _card(group, left.get(group.pk, {}), news, can_ship=can_ship, typed=typed or {})
            for group in groups
        ],
        steps=list(order.adjustments.order_by("step")),
        happenings=_happenings(order),
        returns=_returns(order),
        refunds_due=list(order.refunds_due.filter(paid_at=None).order_by("pk")),
        letters=letters_of(order),
        invoices=[paper for paper in papers if paper.kind == InvoiceKind.INVOICE],
        credit_notes=[paper for paper in papers if paper.kind == InvoiceKind.CREDIT_NOTE],
        may_change=may_change,
        may_ship=may_ship,
    )


def neighbours(order: Order) -> Neighbours:
    """Two short steps along the index of the list."""
    older = Order.objects.filter(
        Q(placed_at__lt=order.placed_at) | Q(placed_at=order.placed_at, pk__lt=order.pk)
    )
    newer = Order.objects.filter(
        Q(placed_at__gt=order.placed_at) | Q(placed_at=order.placed_at, pk__gt=order.pk)
    )
    return Neighbours(
        older.order_by("-placed_at", "-pk").values_list("pk", flat=True).first(),
        newer.order_by("placed_at", "pk").values_list("pk", flat=True).first(),
    )


def _card(
    group: FulfilmentGroup,
    left: dict[int, int],
    news: Mapping[int, list[CourierNews]],
    *,
    can_ship: bool,
    typed: Mapping[int, ShipForm],
) -> GroupCard:
    form = typed.get(group.pk) or ShipForm(group=group, left=left)
    return GroupCard(
        group=group,
        lines=[LineRow(line, left.get(line.pk, 0)) for line in group.lines.all()],
        shipments=[
            ShipmentRow(
                shipment,
                shipment_badge(shipment.status),
                _contents(shipment),
                [
                    (row.order_line.stock_item_id, line_label(row.order_line), row.quantity)
                    for row in shipment.lines.all()
                ],
                news[shipment.pk],
            )
            for shipment in group.shipments.all()
        ],
        form=form if can_ship and left else None,
    )


def _returns(order: Order) -> list[ReturnCard]:
    returns = list(
        order.returns.order_by("-seq").prefetch_related(
            Prefetch("lines", ReturnLine.objects.order_by("pk").select_related("order_line"))
        )
    )
    for goods_return in returns:
        goods_return.order = order
    variants = {row.order_line.variant_id for each in returns for row in each.lines.all()}
    places: dict[int, list[tuple[int, str]]] = {}
    refunds = {due.goods_return_id: due for due in order.refunds_due.all()}
    for item in StockItem.objects.filter(variant__in=variants).select_related("location"):
        places.setdefault(item.variant_id, []).append((item.pk, item.location.name))
    return [
        ReturnCard(
            each,
            return_badge(each),
            [
                ReturnLineRow(row, places.get(row.order_line.variant_id, []))
                for row in each.lines.all()
            ],
            refunds.get(each.pk),
            _worth(each),
        )
        for each in returns
    ]


def _worth(goods_return: Return) -> Money | None:
    if goods_return.state != ReturnState.RECEIVED:
        return None
    try:
        return Money(worth_of(goods_return), goods_return.order.currency)
    except RefundedAlready:
        return None


def _happenings(order: Order) -> list[Happening]:
    """Events and notes, the newest first."""
    events = order.events.select_related("user").order_by("-created_at", "-pk")
    notes = order.notes.select_related("author").order_by("-created_at", "-pk")
    erased = gettext("The words of this note have been erased.")
    rows = [_happening(event, order) for event in events] + [
        Happening(note.text or erased, note.author.email, note.created_at, is_note=True)
        for note in notes
    ]
    return sorted(rows, key=lambda row: row.at, reverse=True)


def _contents(shipment: Shipment) -> str:
    return ", ".join(
        f"{line.quantity} × {line_label(line.order_line)}" for line in shipment.lines.all()
    )


def _happening(event: OrderEvent, order: Order) -> Happening:
    who = event.get_actor_display()
    actor = f"{who}, {event.user.email}" if event.user else who
    return Happening(happening_text(STAFF_EVENT_TEXTS, event, order), actor, event.created_at)
