"""Gift cards: what an app sends of them, and what it is told."""

from rest_framework import serializers

from payments.credit.spending import MOST_CARDS
from shop.api.serializers.fields import Body, MoneyShape, Shape, Text, Whole

LARGEST_AMOUNT = 10**15


class CreditBody(Body):
    gift_card_codes = serializers.ListField(
        child=Text(max_length=40),
        min_length=1,
        max_length=MOST_CARDS,
        help_text="As typed: capitals, spaces and dashes do not matter. Used in this order.",
    )


class AgreedCreditBody(CreditBody):
    expected_amount = Whole(
        min_value=0,
        max_value=LARGEST_AMOUNT,
        help_text="What they pay, as `credit.amount` of the quote: never is less taken unseen.",
    )


class TenderShape(Shape):
    last_four = serializers.CharField(source="account.last_four", help_text="Of the code.")
    amount = MoneyShape()


class CreditShape(Shape):
    """A way to pay, not a discount: the totals are the same without it."""

    amount = MoneyShape(help_text="What the gift cards pay.")
    to_pay = MoneyShape(help_text="What is left for a payment method; with nothing left send none.")
    gift_cards = TenderShape(many=True)
