"""What payments keep of a person. Bank accounts are shown by their last digits alone."""

from django.db.models import QuerySet

from orders.models import Order
from orders.privacy import orders_of
from payments.models import (
    CreditMovement,
    PaymentAttempt,
    PaymentProof,
    PaymentReceipt,
    PayoutAccount,
    Refund,
)
from payments.refunds.accounts import account_of
from shop.core import privacy
from shop.core.privacy import Person, Row, Told, plain, rows


def register() -> None:
    privacy.register("payments", export=export)


def export(person: Person) -> Told:
    orders = orders_of(person)
    return {
        "payment_attempts": rows(
            PaymentAttempt.objects.filter(order__in=orders).order_by("pk"),
            order="order__number",
            method="method",
            amount_minor="amount_minor",
            currency="currency",
            state="state",
            details="details",
            at="created_at",
        ),
        "payments": rows(
            PaymentReceipt.objects.filter(order__in=orders).order_by("pk"),
            order="order__number",
            gateway="gateway",
            payment="payment_id",
            amount_minor="amount_minor",
            currency="currency",
            paid_at="captured_at",
        ),
        "refunds": rows(
            Refund.objects.filter(order__in=orders).order_by("pk"),
            order="order__number",
            way="channel",
            amount_minor="amount_minor",
            currency="currency",
            state="state",
            account_ends_in="paid_to",
            asked_at="requested_at",
            ended_at="ended_at",
        ),
        "bank_accounts_named": _bank_accounts(orders),
        "transfer_proofs": rows(
            PaymentProof.objects.filter(attempt__order__in=orders).order_by("pk"),
            order="attempt__order__number",
            kind="kind",
            bytes="size",
            uploaded_at="uploaded_at",
        ),
        "credit": rows(
            CreditMovement.objects.filter(
                account__customer=person.user_id, account__customer__isnull=False
            ).order_by("pk"),
            what="kind",
            amount_minor="amount_minor",
            currency="account__currency",
            order="order__number",
            at="created_at",
        ),
    }


def _bank_accounts(orders: QuerySet[Order]) -> list[Row]:
    named = PayoutAccount.objects.filter(order__in=orders).select_related("order").order_by("pk")
    told: list[Row] = []
    for payout in named:
        account = account_of(payout.order) if payout.order else None
        if payout.order and account:
            given: Row = {"order": payout.order.number, "account": account.masked}
            told.append(given | {"holder": account.holder, "named_at": plain(payout.given_at)})
    return told
