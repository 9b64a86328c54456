"""Returns and exchanges of what an order brought."""

from rest_framework import serializers

from orders.models import ReturnOutcome, ReturnReason, ReturnState
from orders.returns.requesting import LONGEST_NOTE
from shop.api.serializers.fields import Body, MoneyShape, Shape, Text, Token, Whole
from shop.api.serializers.moments import Moment


class ReturnLineBody(Body):
    variant = Token(help_text="As in `lines` of the order.")
    quantity = Whole(min_value=1, max_value=10_000)
    exchange_for = Token(
        required=False, help_text="With `exchange`: another variant of the same product."
    )


class ReturnBody(Body):
    lines = serializers.ListField(child=ReturnLineBody(), min_length=1, max_length=100)
    outcome = serializers.ChoiceField(choices=ReturnOutcome.choices)
    reason = serializers.ChoiceField(choices=ReturnReason.choices)
    note = Text(max_length=LONGEST_NOTE, allow_blank=True, default="")


class ReturnLineShape(Shape):
    variant = serializers.UUIDField(source="order_line.variant.public_id")
    quantity = serializers.IntegerField()
    exchange_for = serializers.UUIDField(
        source="exchange_variant.public_id", default=None, allow_null=True
    )


class ReturnShape(Shape):
    id = serializers.UUIDField(source="goods_return.public_id")
    number = serializers.CharField(
        source="goods_return.number", help_text="To be written on the parcel."
    )
    state = serializers.ChoiceField(choices=ReturnState.choices, source="goods_return.state")
    outcome = serializers.ChoiceField(choices=ReturnOutcome.choices, source="goods_return.outcome")
    reason = serializers.ChoiceField(choices=ReturnReason.choices, source="goods_return.reason")
    lines = ReturnLineShape(many=True)
    next_step = serializers.CharField(help_text="In the language of the request.")
    answer = serializers.CharField(source="goods_return.answer", help_text="What the shop wrote.")
    requested_at = Moment(source="goods_return.requested_at")
    due_at = Moment(
        source="goods_return.due_at",
        allow_null=True,
        help_text="Once approved: when the goods should have come.",
    )
    refund = MoneyShape(source="refund.amount", default=None, allow_null=True)
    refund_reason = serializers.CharField(
        source="refund.reason",
        default="",
        help_text="Why it is less than the goods are worth; empty where it is not.",
    )


class RefundShape(Shape):
    """Money that goes back, or has gone: of a return, a lost parcel or a cancelled order."""

    amount = MoneyShape(source="refund.amount")
    reason = serializers.CharField(
        source="refund.reason", help_text="Why it is less than the goods are worth, if it is."
    )
    owed_since = Moment(source="refund.created_at")
    paid_on = serializers.DateField(
        source="refund.paid_on", allow_null=True, help_text="The day of the transfer, once made."
    )
    reference = serializers.CharField(
        source="refund.paid_reference", help_text="The bank's, of the transfer."
    )
    text = serializers.CharField(help_text="In the language of the request.")
