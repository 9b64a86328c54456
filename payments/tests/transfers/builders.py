"""Awaited transfers, and the bank's files in which their money is found."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from pytest_django import Settings

from orders.models import Order
from orders.tests.builders import make_order
from payments.checkout import pay_again
from payments.models import BankStatement, PaymentAttempt, StatementLine
from payments.transfers.importing import take_statement

ACCOUNT = "0123456789"


def open_account(settings: Settings) -> None:
    """The shop takes transfers."""
    settings.TRANSFER_ACCOUNT_NUMBER = ACCOUNT
    settings.TRANSFER_ACCOUNT_HOLDER = "SITI RONA"


def await_transfer(order: Order | None = None, **fields: Any) -> PaymentAttempt:
    """A customer has chosen to transfer the money of an order."""
    order = order or make_order(pay_within=timedelta(hours=24), **fields)
    return pay_again(order=order, method="bca_transfer", details={})


def csv_of(
    amounts: Iterable[int], *, on: date | None = None, words: str = "TRSF E-BANKING CR", **more: Any
) -> bytes:
    """A file as KlikBCA gives it, with money in of these amounts."""
    day = on or timezone.localdate()
    balance = more.get("balance", 1_000_000)
    rows = []
    for amount in amounts:
        balance += amount
        rows.append(
            f'\'{day:%d/%m},{words} BUDI SANTOSO,\'0000,"{amount:,}.00",CR,"{balance:,}.00"'
        )
    head = [
        f"No. rekening : {more.get('account', ACCOUNT)}",
        "Nama : SITI RONA",
        f"Periode : {day:%d/%m/%Y} - {day:%d/%m/%Y}",
        "Kode Mata Uang : Rp",
        "",
        "Tanggal Transaksi,Keterangan,Cabang,Jumlah,,Saldo",
    ]
    return "\r\n".join([*head, *rows, 'Saldo Awal,"1,000,000.00"', ""]).encode()


def take(content: bytes) -> BankStatement:
    return take_statement(
        name="mutasi.csv", content=content, today=timezone.localdate(), user_id=None
    )


def only_line(amount: int, **more: Any) -> StatementLine:
    return take(csv_of([amount], **more)).lines.get()
