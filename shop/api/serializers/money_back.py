"""Money that goes back, and where it is transferred to."""

from rest_framework import serializers

from payments.models import RefundChannel, RefundState
from shop.api.serializers.fields import Body, MoneyShape, Shape, Text

SEEN = [
    (state.value, state.label)
    for state in RefundState
    if state not in (RefundState.FAILED, RefundState.CANCELLED)
]


class PayoutAccountBody(Body):
    bank = Text(max_length=40, help_text="Its name: `BCA`.")
    number = Text(max_length=40, help_text="5 to 20 digits; spaces, dots and dashes are left out.")
    holder = Text(max_length=100, help_text="As it stands with the bank.")


class RefundPartShape(Shape):
    amount = MoneyShape(source="refund.amount")
    channel = serializers.ChoiceField(choices=RefundChannel.choices, source="refund.channel")
    way = serializers.CharField(help_text="By which way, in the language of the request: `DANA`.")
    state = serializers.ChoiceField(choices=SEEN, source="refund.state")
    text = serializers.CharField(help_text="How it stands, in the language of the request.")
    paid_on = serializers.DateField(source="refund.paid_on", allow_null=True)
    reference = serializers.CharField(source="refund.reference")


class PayoutAccountShape(Shape):
    bank = serializers.CharField()
    ends_in = serializers.CharField(help_text="The last digits of its number.")
    holder = serializers.CharField()


class MoneyBackShape(Shape):
    refunds = RefundPartShape(many=True, help_text="The oldest first.")
    awaits_account = serializers.BooleanField(
        help_text="Whether money waits to be transferred and nobody has said where to."
    )
    account = PayoutAccountShape(allow_null=True, help_text="Where it is transferred to.")
