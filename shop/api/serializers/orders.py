"""Placing an order, paying for it, and what it looks like afterwards."""

from django.conf import settings
from rest_framework import serializers

from orders.address_lines import address_lines
from orders.models import AdjustmentKind, CreditReason, OrderContact, OrderStatus, ShipmentStatus
from orders.status import FulfilmentStatus
from payments.gateways.methods import METHODS, Flow
from payments.models import AttemptState
from payments.status import PaymentStatus
from shop.api.serializers.carts import ShippingChoiceBody, TotalsShape, unique_groups
from shop.api.serializers.credit import AgreedCreditBody
from shop.api.serializers.fields import (
    Body,
    Email,
    MinorUnits,
    MoneyShape,
    Shape,
    Text,
    Token,
    Whole,
)
from shop.api.serializers.moments import Moment
from shop.api.serializers.returns import RefundShape, ReturnShape
from shop.core.money import CURRENCIES

LARGEST_AMOUNT = 10**15
LONGEST_PHONE = 40
ABROAD = "Where the country has no regions here."


class AddressBody(Body):
    recipient_name = Text(max_length=100)
    phone = Text(
        max_length=LONGEST_PHONE,
        required=False,
        help_text="For the courier; the buyer's own unless given.",
    )
    street = Text(max_length=250)
    rt = Text(max_length=3, required=False, help_text="Of Indonesian addresses.")
    rw = Text(max_length=3, required=False, help_text="Of Indonesian addresses.")
    region = Text(
        max_length=13,
        required=False,
        help_text="Code of a district or, better, a village, from `GET regions`. Required where"
        " the country has regions; district, city and province follow from it and are not sent.",
    )
    district = Text(max_length=80, required=False, help_text=ABROAD)
    city = Text(max_length=80, required=False, help_text=ABROAD)
    province = Text(max_length=80, required=False, help_text=ABROAD)
    postal_code = Text(
        max_length=12, required=False, help_text="Required where the country has postal codes."
    )
    country = Text(max_length=2, min_length=2, default=settings.DEFAULT_COUNTRY)
    notes = Text(max_length=200, allow_blank=True, default="", help_text="A landmark.")


class PaymentDetailsBody(Body):
    phone = Text(
        max_length=LONGEST_PHONE,
        required=False,
        help_text="The payer's number with a method that needs one; the buyer's own unless given.",
    )


class PaymentBody(Body):
    method = Text(max_length=20, help_text="One of `GET payment-methods`.")
    details = PaymentDetailsBody(required=False)


class ExpectedTotalBody(Body):
    amount = Whole(min_value=0, max_value=LARGEST_AMOUNT)
    currency = serializers.ChoiceField(choices=list(CURRENCIES))


class CancelBody(Body):
    is_paid = serializers.BooleanField(
        default=False,
        help_text="The order was shown as paid, and that its money will be sent back.",
    )


class OrderBody(Body):
    cart = Token()
    email = Email(max_length=254)
    phone = Text(max_length=LONGEST_PHONE)
    language = serializers.ChoiceField(
        choices=[code for code, _name in settings.LANGUAGES],
        help_text="Of the order, its mails and its papers.",
    )
    address = AddressBody()
    shipping = serializers.ListField(
        child=ShippingChoiceBody(),
        min_length=1,
        max_length=100,
        help_text="One option for each group.",
    )
    payment = PaymentBody(required=False, help_text="Left out where nothing is left to pay.")
    credit = AgreedCreditBody(required=False, help_text="Gift cards that pay first.")
    expected_total = ExpectedTotalBody(
        help_text="Goods and shipping as shown to the customer; never is another sum charged."
    )

    cart_version = Text(
        max_length=40,
        default="",
        allow_blank=True,
        help_text="`version` of the cart as it was shown: other goods are not ordered unseen.",
    )

    def validate_shipping(self, value: list[dict[str, str]]) -> list[dict[str, str]]:
        return unique_groups(value)


class OrderLineShape(Shape):
    variant = serializers.UUIDField(source="variant.public_id")
    product_name = serializers.CharField()
    variant_name = serializers.CharField()
    quantity = serializers.IntegerField()
    unit_price = MinorUnits("unit_price_minor")
    discount = MinorUnits("discount_minor")
    total = MinorUnits("total_minor")


class StepShape(Shape):
    """One step from list price to total. Those that are not included sum to the total."""

    kind = serializers.ChoiceField(choices=AdjustmentKind.choices)
    label = serializers.CharField()  # type: ignore[assignment]  # the class only declares it
    code = serializers.CharField(help_text="Of the coupon that gave it.")
    amount = MinorUnits("amount_minor")
    is_included = serializers.BooleanField(help_text="Explains the total without adding to it.")


class ActionShape(Shape):
    """What the customer has to do, as the gateway said it."""

    type = serializers.CharField(help_text="`REDIRECT_CUSTOMER`, `PRESENT_TO_CUSTOMER`, …")
    descriptor = serializers.CharField(
        help_text="`WEB_URL`, `DEEPLINK_URL`, `VIRTUAL_ACCOUNT_NUMBER`, `BANK_ACCOUNT_NUMBER`, …"
    )
    value = serializers.CharField(help_text="The address to open or the number to show.")


class PaymentShape(Shape):
    state = serializers.ChoiceField(
        choices=AttemptState.choices,
        help_text="`unknown`: the gateway did not answer and is being asked again; ask for the"
        " order every few seconds.",
    )
    method = serializers.CharField()
    actions = ActionShape(many=True)
    expires_at = Moment(help_text="Until then the goods are reserved.")
    amount = MoneyShape()


class PlacedOrderShape(Shape):
    number = serializers.CharField(help_text="For people: `R7K4-9MQX`.")
    token = serializers.CharField(help_text="Opens the order: keep it, it is given only here.")
    status = serializers.ChoiceField(choices=OrderStatus.choices)
    totals = TotalsShape()
    lines = OrderLineShape(many=True)
    payment = PaymentShape(allow_null=True, help_text="Null where there was nothing to pay.")


class ContactShape(Shape):
    email = serializers.CharField()
    phone = serializers.CharField()
    recipient_name = serializers.CharField()
    recipient_phone = serializers.CharField(
        source="courier_phone", help_text="The number that the courier calls."
    )
    street = serializers.CharField()
    rt = serializers.CharField()
    rw = serializers.CharField()
    region = serializers.CharField(help_text="Code of a region, empty abroad.")
    village = serializers.CharField()
    district = serializers.CharField()
    city = serializers.CharField()
    province = serializers.CharField(help_text="Code of a region, empty abroad.")
    province_name = serializers.CharField()
    postal_code = serializers.CharField()
    country = serializers.CharField()
    notes = serializers.CharField()
    lines = serializers.SerializerMethodField(help_text="The label, in the order of the country.")

    def get_lines(self, contact: OrderContact) -> list[str]:
        return address_lines(contact)


class ShipmentLineShape(Shape):
    variant = serializers.UUIDField(source="order_line.variant.public_id")
    quantity = serializers.IntegerField()


class ShipmentShape(Shape):
    status = serializers.ChoiceField(choices=ShipmentStatus.choices)
    courier = serializers.CharField()
    tracking_number = serializers.CharField()
    shipped_at = Moment(allow_null=True)
    delivered_at = Moment(allow_null=True)
    is_assumed = serializers.BooleanField(
        help_text="Nobody said that it arrived: it counts as `delivered` because its time is over."
    )
    lines = ShipmentLineShape(many=True)


class FulfilmentGroupShape(Shape):
    seller_name = serializers.CharField()
    ships_from = serializers.CharField()
    courier = serializers.CharField()
    service_name = serializers.CharField()
    amount = MinorUnits("shipping_minor")
    eta_min_days = serializers.IntegerField(allow_null=True)
    eta_max_days = serializers.IntegerField(allow_null=True)
    shipments = ShipmentShape(many=True)


class HappeningShape(Shape):
    text = serializers.CharField(help_text="In the language of the request.")
    at = Moment()


class CreditNoteShape(Shape):
    """What of an invoice was taken back."""

    position = serializers.IntegerField(
        min_value=1, help_text="Where `GET orders/{number}/credit-notes/{position}.pdf` finds it."
    )
    number = serializers.CharField(
        source="paper.reference", help_text="As printed; empty until it is given, some seconds."
    )
    reason = serializers.ChoiceField(choices=CreditReason.choices, source="paper.reason")
    issued_at = Moment(source="paper.created_at")
    seller_name = serializers.CharField(source="paper.seller_name")
    total = MoneyShape(source="paper.total")


class OrderShape(Shape):
    number = serializers.CharField()
    status = serializers.ChoiceField(choices=OrderStatus.choices)
    payment_status = serializers.ChoiceField(choices=PaymentStatus.choices)
    fulfilment_status = serializers.ChoiceField(choices=FulfilmentStatus.choices)
    language = serializers.CharField()
    placed_at = Moment()
    totals = TotalsShape()
    steps = StepShape(many=True, help_text="How the total came about.")
    lines = OrderLineShape(many=True)
    groups = FulfilmentGroupShape(many=True)
    returns = ReturnShape(many=True)
    refunds = RefundShape(many=True, help_text="The oldest first.")
    credit_notes = CreditNoteShape(many=True, help_text="The oldest first.")
    can_cancel = serializers.BooleanField(
        help_text="Whether `POST orders/{number}/cancel` can end it now: while it is unpaid, and"
        " once it is paid (with `is_paid`) until somebody packs it."
    )
    can_return = serializers.BooleanField(help_text="Whether something of it can be returned now.")
    history = HappeningShape(many=True, help_text="The newest first.")
    contact = ContactShape(allow_null=True, help_text="Null once it was erased.")
    payment = PaymentShape(allow_null=True)
    to_collect = MoneyShape(help_text="What the courier has still to collect in cash; 0 otherwise.")


class OrderCardShape(Shape):
    """An order in a list; `GET orders/{number}` has all of it."""

    number = serializers.CharField()
    status = serializers.ChoiceField(choices=OrderStatus.choices)
    fulfilment_status = serializers.ChoiceField(choices=FulfilmentStatus.choices)
    placed_at = Moment()
    total = MoneyShape()
    lines = OrderLineShape(many=True)


class OrderListShape(Shape):
    results = OrderCardShape(many=True)
    next = serializers.URLField(
        allow_null=True, help_text="Address of the next page; null on the last."
    )


class OrderListQuery(Body):
    page_size = serializers.IntegerField(default=20, min_value=1, max_value=100)
    cursor = serializers.CharField(required=False, max_length=500, help_text="From `next`.")


class MethodQuery(Body):
    total = serializers.IntegerField(
        min_value=0, max_value=LARGEST_AMOUNT, help_text="Whole minor units, shipping included."
    )
    currency = serializers.ChoiceField(choices=list(CURRENCIES), default=settings.DEFAULT_CURRENCY)
    country = serializers.CharField(
        required=False,
        max_length=2,
        help_text="Where it goes. Cash on delivery is listed only where it is given.",
    )
    parcels = serializers.IntegerField(
        default=1, min_value=1, max_value=100, help_text="In how many parcels it is sent."
    )


class MethodShape(Shape):
    method = serializers.ChoiceField(source="code", choices=list(METHODS))
    name = serializers.CharField()
    description = serializers.CharField()
    needs_phone = serializers.BooleanField()
    flow = serializers.ChoiceField(
        choices=[flow.value for flow in Flow],
        help_text="push: confirm on the phone; redirect: open an address; present: show a number;"
        " scan: show a code; transfer: show an account and the exact amount to send to it;"
        " at_the_door: nothing is to be done, the order is confirmed when it is placed.",
    )


class MethodListShape(Shape):
    results = MethodShape(many=True)


class FieldErrorShape(Shape):
    code = serializers.CharField()
    message = serializers.CharField()


class ProblemShape(Shape):
    """RFC 9457. Some codes bring facts of their own, such as `total` or `variant_ids`."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="What a program decides by; never changes.")
    detail = serializers.CharField(help_text="For the person, in the language of the request.")
    errors = serializers.DictField(  # type: ignore[assignment]  # the class only declares it
        child=FieldErrorShape(many=True),
        required=False,
        help_text="By the path of the field, such as `address.postal_code`.",
    )
    request_id = serializers.CharField(required=False, help_text="With `server_error`: quote it.")
