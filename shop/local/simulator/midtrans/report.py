"""The file in which Midtrans' dashboard says what moved: paid, kept, given back, withdrawn.

Names and order of the columns are our choice: no such file is documented (README.md).
"""

import csv
import uuid
from collections.abc import Iterator
from io import StringIO

from shop.local.simulator.clock import Now
from shop.local.simulator.errors import ApiError
from shop.local.simulator.fees import TERMS, vat_on

from . import rules
from .store import MidtransStore, Transaction, Withdrawal

HEAD = (
    "Transaction ID",
    "Order ID",
    "Transaction type",
    "Payment type",
    "Transaction status",
    "Transaction time",
    "Settlement time",
    "Gross amount",
    "MDR",
    "VAT",
    "Net amount",
    "Refund ID",
    "Refund key",
    "Withdrawal ID",
)
CHANNELS = {
    "ovo": "OVO",
    "dana": "DANA",
    "bank_transfer": "BCA_VIRTUAL_ACCOUNT",
    "qris": "QRIS",
    "credit_card": "CARDS",
}
EVERYTHING = 100_000


class Reports:
    def __init__(self, store: MidtransStore, *, now: Now) -> None:
        self._store = store
        self._now = now

    def withdraw(self) -> Withdrawal:
        """All that is settled goes to the merchant's bank, without a fee. Raises ApiError."""
        with self._store.transaction():
            settled = [each for each in self._transactions() if _settled_at(each)]
            amount = sum(_net(each) for each in settled)
            amount -= sum(_whole(one) for each in settled for one in _confirmed(each))
            amount -= sum(each.amount for each in self._store.withdrawals())
            if amount <= 0:
                raise ApiError(400, "INSUFFICIENT_BALANCE", "there is nothing to withdraw")
            made = Withdrawal(str(uuid.uuid4()), amount, self._now())
            self._store.add_withdrawal(made)
        return made

    def csv(self) -> str:
        """Everything, oldest first."""
        written = StringIO()
        writer = csv.DictWriter(written, HEAD, restval="", lineterminator="\r\n")
        writer.writeheader()
        for transaction in self._transactions():
            writer.writerows(_rows(transaction))
        for each in self._store.withdrawals():
            at = rules.local_time(each.made_at)
            writer.writerow(
                {
                    "Transaction type": "Withdrawal",
                    "Transaction status": "Success",
                    "Transaction time": at,
                    "Settlement time": at,
                    "Gross amount": f"-{each.amount}",
                    "Net amount": f"-{each.amount}",
                    "Withdrawal ID": each.id,
                }
            )
        return written.getvalue()

    def _transactions(self) -> list[Transaction]:
        return list(reversed(self._store.transactions(limit=EVERYTHING)))


def _rows(transaction: Transaction) -> Iterator[dict[str, object]]:
    about = {
        "Transaction ID": transaction.id,
        "Order ID": transaction.order_id,
        "Payment type": transaction.document["payment_type"],
    }
    fee = _fee(transaction)
    yield about | {
        "Transaction type": "Payment",
        "Transaction status": transaction.status.capitalize(),
        "Transaction time": transaction.document["transaction_time"],
        "Settlement time": _settled_at(transaction),
        "Gross amount": transaction.gross_amount,
        "MDR": fee,
        "VAT": vat_on(fee),
        "Net amount": _net(transaction),
    }
    for refund in _confirmed(transaction):
        yield about | {
            "Transaction type": "Refund",
            "Transaction status": "Success",
            "Transaction time": refund["created_at"],
            "Settlement time": refund["bank_confirmed_at"],
            "Gross amount": f"-{_whole(refund)}",
            "MDR": 0,
            "VAT": 0,
            "Net amount": f"-{_whole(refund)}",
            "Refund ID": refund["refund_chargeback_id"],
            "Refund key": refund["refund_key"],
        }


def _confirmed(transaction: Transaction) -> list[dict[str, str]]:
    return [each for each in transaction.refunds if "bank_confirmed_at" in each]


def _settled_at(transaction: Transaction) -> str:
    return str(transaction.document.get("settlement_time", ""))


def _fee(transaction: Transaction) -> int:
    """Kept once it is settled."""
    terms = TERMS[CHANNELS[transaction.document["payment_type"]]]
    return terms.fee(transaction.gross_amount) if _settled_at(transaction) else 0


def _net(transaction: Transaction) -> int:
    fee = _fee(transaction)
    return transaction.gross_amount - fee - vat_on(fee)


def _whole(refund: dict[str, str]) -> int:
    return int(refund["refund_amount"].removesuffix(".00"))
