"""Every movement of money as the gateway books it: fees, settlement, withdrawals, what went wrong.

a payment: SUCCESS with settlement PENDING ─ calendar, or by hand ─► SETTLED
before settlement ─ void ─► VOIDED · after it ─ reverse ─► REVERSED
"""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from .channels import CHANNELS
from .clock import Now, parse_timestamp, timestamp
from .errors import ApiError, Json, not_found
from .fees import TERMS, vat_on
from .refund_store import Refund
from .settings import Settings
from .transaction_store import Transaction, TransactionStore

BUSINESS_ID = "5f27a14a9bf05c73dd040bc8"
REFUND_STATUSES = {
    "PENDING": "PENDING",
    "SUCCEEDED": "SUCCESS",
    "FAILED": "FAILED",
    "CANCELLED": "VOIDED",
}
MONEY_IN = frozenset({"PAYMENT", "ADJUSTMENT_ADD"})


class Books:
    def __init__(
        self,
        store: TransactionStore,
        settings: Settings,
        *,
        now: Now,
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._settings = settings
        self._now = now
        self._wake = wake

    # --- what payments and refunds leave behind --------------------------------------------------
    def book_payment(self, payment: Json) -> Transaction:
        """Call it in the transaction that makes the payment. One row for all its captures."""
        captures = payment["captures"]
        amount = sum(each["capture_amount"] for each in captures)
        captured_at = parse_timestamp(captures[0]["capture_timestamp"])
        fee = TERMS[payment["channel_code"]].fee(amount)
        vat = vat_on(fee)
        settles_at = self._settles_at(payment["channel_code"], captured_at)
        document = self._document(
            "PAYMENT",
            amount,
            product_id=payment["payment_id"],
            reference_id=payment["reference_id"],
            channel_code=payment["channel_code"],
            moment=captured_at,
        ) | {
            "currency": payment["currency"],
            "net_amount_currency": payment["currency"],
            "net_amount": amount - fee - vat,
            "settlement_status": "PENDING",
            "estimated_settlement_time": timestamp(settles_at),
            "fee": _fee(fee, vat, status="PENDING"),
            "product_data": {
                "capture_id": captures[0]["capture_id"],
                "payment_request_id": payment["payment_request_id"],
                "payment_link_id": None,
                "reusable_payment_link_id": None,
            },
        }
        return self._saved(Transaction(document, settles_at=settles_at))

    def book_refund(self, refund: Refund) -> None:
        """Call it whenever a refund is made or moved, in the same transaction."""
        status = REFUND_STATUSES[refund.status]
        earlier = self._store.of_product(refund.id)
        if earlier:
            self._move(earlier[0], status=status)
            return
        document = self._document(
            "REFUND",
            refund.amount,
            product_id=refund.id,
            reference_id=refund.reference_id,
            channel_code=refund.document["channel_code"],
            status=status,
        )
        document["product_data"] = {"payment_request_id": refund.payment_request_id}
        self._saved(Transaction(document))

    def _settles_at(self, channel_code: str, captured_at: datetime) -> datetime:
        delay = self._settings["settlement_delay"]
        if delay == "calendar":
            return TERMS[channel_code].settles_at(captured_at)
        return captured_at + timedelta(seconds=delay)

    # --- settlement ------------------------------------------------------------------------------
    def settle(self, transaction: Transaction, *, is_early: bool = False) -> Transaction:
        with self._store.transaction():
            if transaction.settles_at is None:
                status = transaction.document["settlement_status"]
                message = f"transaction {transaction.id} has settlement status {status}"
                raise ApiError(400, "INELIGIBLE_TRANSACTION_STATUS", message)
            return self._move(
                transaction,
                settlement_status="EARLY_SETTLED" if is_early else "SETTLED",
                fee=transaction.document["fee"] | {"status": "COMPLETED"},
            )

    def settle_all(self) -> list[Transaction]:
        with self._store.transaction():
            return [self.settle(each) for each in self._store.unsettled(None)]

    def sweep(self) -> datetime | None:
        """Do what the clock demands; return when it next demands something."""
        with self._store.transaction():
            for each in self._store.unsettled(self._now()):
                self.settle(each)
            return self._store.next_due()

    # --- what goes wrong, and what no call of the shop explains -----------------------------------
    def reverse(self, payment: Transaction) -> Transaction:
        """The money was taken back: VOIDED when it had not been settled yet."""
        with self._store.transaction():
            if payment.document["status"] != "SUCCESS":
                message = f"transaction {payment.id} is {payment.document['status']}"
                raise ApiError(400, "INELIGIBLE_TRANSACTION_STATUS", message)
            settled = payment.is_settled
            fee = payment.document["fee"] | {"status": "REVERSED" if settled else "CANCELED"}
            changes: Json = {"status": "REVERSED" if settled else "VOIDED", "fee": fee}
            return self._move(payment, **changes)

    def charge_back(self, payment: Transaction, *, amount: int | None = None) -> Transaction:
        """The payer's bank takes it back: a row of its own under the id of the payment."""
        document = self._document(
            "CHARGEBACK",
            payment.document["amount"] if amount is None else amount,
            product_id=payment.document["product_id"],
            reference_id=payment.document["reference_id"],
            channel_code=payment.document["channel_code"],
        )
        document["product_data"] = payment.document["product_data"]
        return self._saved(Transaction(document))

    def return_charge_back(self, payment: Transaction, *, amount: int | None = None) -> Transaction:
        """The merchant has won: what is still taken of it comes back, by a row of its own."""
        with self._store.transaction():
            rows = self._store.of_product(payment.document["product_id"])
            moved = [
                each.document["amount"] * (1 if each.document["cashflow"] == "MONEY_OUT" else -1)
                for each in rows
                if each.document["type"] == "CHARGEBACK"
            ]
            left = sum(moved)
            wanted = left if amount is None else amount
            if not 0 < wanted <= left:
                message = f"{wanted} cannot come back of {left} that were taken"
                raise ApiError(400, "INELIGIBLE_TRANSACTION_STATUS", message)
            document = self._document(
                "CHARGEBACK",
                wanted,
                product_id=payment.document["product_id"],
                reference_id=payment.document["reference_id"],
                channel_code=payment.document["channel_code"],
            )
            document["cashflow"] = "MONEY_IN"
            document["product_data"] = payment.document["product_data"]
            return self._saved(Transaction(document))

    def withdraw(self, amount: int | None = None) -> Transaction:
        """To our bank account; all there is without an amount."""
        with self._store.transaction():
            balance = self._store.balance()
            wanted = balance if amount is None else amount
            if not 0 < wanted <= balance:
                message = f"{wanted} cannot be withdrawn from a balance of {balance}"
                raise ApiError(400, "INSUFFICIENT_BALANCE", message)
            product_id = f"disb-{uuid.uuid4()}"
            document = self._document("WITHDRAWAL", wanted, product_id=product_id)
            return self._saved(Transaction(document))

    def add_stray(
        self, kind: str, amount: int, *, channel_code: str, reference_id: str
    ) -> Transaction:
        """A movement that nothing else here knows of: no payment can be fetched for it."""
        if kind == "PAYMENT":
            now = timestamp(self._now())
            capture = {"capture_id": f"cptr-{uuid.uuid4()}", "capture_amount": amount}
            stray: Json = {
                "payment_id": f"py-{uuid.uuid4()}",
                "payment_request_id": f"pr-{uuid.uuid4()}",
                "reference_id": reference_id,
                "channel_code": channel_code,
                "currency": "IDR",
                "captures": [capture | {"capture_timestamp": now}],
            }
            return self.book_payment(stray)
        product_id = f"{kind.lower()}-{uuid.uuid4()}"
        document = self._document(kind, amount, product_id=product_id, reference_id=reference_id)
        return self._saved(Transaction(document))

    # --- reading ---------------------------------------------------------------------------------
    def of_product(self, product_id: str) -> list[Transaction]:
        """A payment with its chargebacks, or a refund; oldest first."""
        return self._store.of_product(product_id)

    def payment(self, payment_id: str) -> Transaction:
        found = [
            each
            for each in self._store.of_product(payment_id)
            if each.document["type"] == "PAYMENT"
        ]
        if not found:
            raise not_found(f"transaction of payment {payment_id}")
        return found[0]

    def balance(self) -> int:
        """Whole rupiah, as `GET /balance` says: the switch may pretend another than the books'."""
        switched = self._settings["balance"]
        return int(switched) if isinstance(switched, int | float) else self._store.balance()

    def covers(self, amount: int) -> bool:
        """Whether a refund can be paid from it."""
        return self._settings["balance"] == "endless" or self.balance() >= amount

    # --- writing ---------------------------------------------------------------------------------
    def _document(
        self,
        kind: str,
        amount: int,
        *,
        product_id: str,
        reference_id: str | None = None,
        channel_code: str | None = None,
        status: str = "SUCCESS",
        moment: datetime | None = None,
    ) -> Json:
        created = timestamp(moment or self._now())
        return {
            "id": f"txn_{uuid.uuid4()}",
            "product_id": product_id,
            "type": kind,
            "status": status,
            "channel_category": CHANNELS[channel_code].category if channel_code else "BANK",
            "channel_code": channel_code,
            "reference_id": reference_id,
            "account_identifier": None,
            "currency": "IDR",
            "amount": amount,
            "net_amount": amount,
            "net_amount_currency": "IDR",
            "cashflow": "MONEY_IN" if kind in MONEY_IN else "MONEY_OUT",
            "settlement_status": None,
            "estimated_settlement_time": None,
            "business_id": BUSINESS_ID,
            "created": created,
            "updated": created,
            "fee": _fee(0, 0, status="NOT_APPLICABLE"),
            "product_data": {},
        }

    def _move(self, transaction: Transaction, **changes: Any) -> Transaction:
        return self._saved(transaction.but(**changes, updated=timestamp(self._now())))

    def _saved(self, transaction: Transaction) -> Transaction:
        self._store.save(transaction)
        self._wake()
        return transaction


def _fee(fee: int, vat: int, *, status: str) -> Json:
    return {
        "xendit_fee": fee,
        "value_added_tax": vat,
        "xendit_withholding_tax": 0,
        "third_party_withholding_tax": 0,
        "status": status,
    }
