"""Reading the CSV file in which Midtrans' dashboard says what it kept, settled and paid out.

Its columns are found by their names, English or Indonesian, wherever they stand (docs/payments.md
says what of this was verified, and what was not). What is not understood stops the reading: a line
that is passed over in silence is money that nobody looks for.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.utils.translation import gettext_lazy as _

from payments.gateways.answers import identifier, text
from payments.gateways.midtrans_wire import JAKARTA, ref_of
from payments.gateways.statements import (
    RemoteTransaction,
    ReportRow,
    Settlement,
    TransactionKind,
    TransactionState,
)
from payments.tables import DoesNotAddUp, column, columns, hundredths, read_rows
from shop.core.errors import DomainError
from shop.core.money import Money

CURRENCY = "IDR"
NAMES = {
    "transaction": ("transaction id", "id transaksi"),
    "order": ("order id", "id pesanan", "no pesanan", "nomor pesanan"),
    "kind": ("transaction type", "type", "jenis transaksi", "tipe transaksi"),
    "channel": ("payment", "channel", "metode pembayaran", "tipe pembayaran", "jenis pembayaran"),
    "status": ("transaction status", "status"),
    "made": ("transaction time", "transaction date", "waktu transaksi", "tanggal transaksi"),
    "settled": ("settlement time", "settlement date", "waktu settlement", "tanggal settlement"),
    "amount": ("gross", "amount", "transaction amount", "jumlah", "nominal"),
    "net": ("net", "settlement amount", "payable", "jumlah bersih", "nominal bersih", "nett"),
    "refund_key": ("refund key",),
    "refund": ("refund id", "refund chargeback id", "id refund"),
    "payout": ("payout id", "withdrawal id", "id payout", "id penarikan"),
}
FEES = ("mdr", "fee", "transaction fee", "midtrans fee", "bank transfer fee", "biaya")
TAXES = ("vat", "ppn", "tax", "pajak", "fee vat", "fee tax")
NEEDED = {
    "transaction": "Transaction ID",
    "made": "Transaction time",
    "amount": "Gross amount",
    "fee": "Fee",
    "net": "Net amount",
}
Kind, State = TransactionKind, TransactionState
WordT = TypeVar("WordT")
KINDS = {
    "": Kind.PAYMENT,
    **dict.fromkeys(("payment", "pembayaran"), Kind.PAYMENT),
    **dict.fromkeys(("refund", "partial refund", "pengembalian dana"), Kind.REFUND),
    **dict.fromkeys(("chargeback", "partial chargeback"), Kind.CHARGEBACK),
    **dict.fromkeys(("payout", "withdrawal", "penarikan", "penarikan dana"), Kind.WITHDRAWAL),
    **dict.fromkeys(("adjustment", "penyesuaian"), Kind.ADJUSTMENT),
}
STATES = {
    "": State.SUCCEEDED,
    **dict.fromkeys(
        ("settlement", "settled", "capture", "captured", "success", "successful", "completed"),
        State.SUCCEEDED,
    ),
    # Money has come, and a part or all of it has gone in a line of its own.
    **dict.fromkeys(("refund", "partial refund", "partial chargeback"), State.SUCCEEDED),
    **dict.fromkeys(("berhasil", "sukses", "selesai"), State.SUCCEEDED),
    **dict.fromkeys(("pending", "authorize", "challenge", "processing", "menunggu"), State.PENDING),
    **dict.fromkeys(("deny", "denied", "failure", "failed", "gagal", "ditolak"), State.FAILED),
    **dict.fromkeys(("expire", "expired", "kedaluwarsa"), State.FAILED),
    **dict.fromkeys(("cancel", "cancelled", "canceled", "dibatalkan"), State.FAILED),
    "chargeback": State.REVERSED,
}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_BULAN = {"mei": "may", "agu": "aug", "okt": "oct", "des": "dec"}
# Day before month, as Indonesians write.
_WRITTEN = re.compile(
    r"(\d{1,2})[/ -](\d{1,2}|[a-z]{3,9})[/ -](\d{4})(?:,?\s+(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?)?"
)
_BELOW = ("total", "jumlah", "grand total")
# Clocks differ; what lies further ahead has day and month swapped.
AHEAD = timedelta(days=1)


class ColumnsMissing(DomainError):
    code = "report_columns_missing"
    status = 422
    message = _(
        "This file does not have the columns {columns}. Choose all columns when you download it"
        " from the gateway's dashboard."
    )

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__("columns missing", columns=", ".join(missing))


class CellUnreadable(DomainError):
    code = "report_cell_unreadable"
    status = 422
    message = _(
        "Line {line}: “{value}” in the column “{column}” is not understood, so nothing of this file"
        " was taken. Download it again rather than mending it by hand."
    )

    def __init__(self, line: int, column: str, value: str) -> None:
        super().__init__(f"line {line}", line=line, column=column[:40], value=value[:60])


def read_report(content: bytes, *, now: datetime) -> list[ReportRow]:
    """Raises Unreadable, ColumnsMissing, CellUnreadable, DoesNotAddUp."""
    rows = read_rows(content, _Head.of)
    start, head = next(
        (at, found) for at, (_line, row) in enumerate(rows) if (found := _Head.of(row))
    )
    if head.missing:
        raise ColumnsMissing(head.missing)
    read, named = list[ReportRow](), set[str]()
    for line, row in rows[start + 1 :]:
        cells = [cell.strip().lstrip("'").strip() for cell in row]
        if not any(cells) or cells[0].lower().startswith(_BELOW):
            continue
        listed = _Line(line, cells, head, now).read()
        if listed.transaction_id in named:
            raise CellUnreadable(line, NEEDED["transaction"], listed.transaction_id)
        named.add(listed.transaction_id)
        read.append(ReportRow(line, listed))
    return read


@dataclass(frozen=True, slots=True)
class _Head:
    names: tuple[str, ...]
    at: dict[str, int]
    fees: tuple[int, ...]
    taxes: tuple[int, ...]

    @classmethod
    def of(cls, row: Sequence[str]) -> "_Head | None":
        """None for a row that names neither an order nor a transaction of an amount."""
        found = {name: column(row, *wanted) for name, wanted in NAMES.items()}
        at = {name: place for name, place in found.items() if place is not None}
        if "amount" not in at or not {"transaction", "order"} & at.keys():
            return None
        taxes = columns(row, *TAXES)
        fees = [place for place in columns(row, *FEES) if place not in taxes]
        return cls(tuple(row), at, tuple(fees), tuple(taxes))

    @property
    def missing(self) -> list[str]:
        there = self.at.keys() | ({"fee"} if self.fees else set())
        return [shown for name, shown in NEEDED.items() if name not in there]


@dataclass(frozen=True, slots=True)
class _Line:
    line: int
    cells: list[str]
    head: _Head
    now: datetime

    def read(self) -> RemoteTransaction:
        kind = self._word("kind", KINDS)
        state = self._word("status", STATES)
        if kind is not Kind.PAYMENT and state is State.REVERSED:
            state = State.SUCCEEDED
        amount, fee, tax, is_incoming = self._money(kind)
        made_at, settled_at = self._moment("made"), self._moment("settled")
        if made_at is None:
            raise self._unreadable(self.head.at["made"])
        channel = self._cell("channel").lower().replace(" ", "_")
        payment = self._id("transaction") if kind is not Kind.WITHDRAWAL else ""
        is_settled = settled_at is not None or "settled" not in self.head.at
        settlement = Settlement.SETTLED if is_settled else Settlement.PENDING
        return RemoteTransaction(
            transaction_id=self._name(kind, payment, made_at),
            kind=kind,
            kind_given=self._cell("kind")[:40],
            state=state,
            product_id=self._cell("refund")[:80] if kind is Kind.REFUND else payment,
            gateway_ref=ref_of({"transaction_id": payment, "payment_type": channel}),
            reference=self._reference(kind),
            channel=channel[:40],
            is_incoming=is_incoming,
            amount=Money(amount, CURRENCY),
            fee_minor=fee,
            fee_tax_minor=tax,
            settlement=settlement if is_incoming and state is State.SUCCEEDED else Settlement.NONE,
            settles_at=None,
            created_at=made_at,
            updated_at=settled_at or made_at,
        )

    def _name(self, kind: TransactionKind, payment: str, made_at: datetime) -> str:
        """The same in each file that has this movement."""
        match kind:
            case Kind.PAYMENT:
                return payment
            case Kind.REFUND:
                own = "refund" if self._cell("refund") else "refund_key"
                # Without a name of its own nobody knows which of our refunds it is.
                return f"refund.{self._id(own, or_named='Refund ID')}"
            case Kind.WITHDRAWAL:
                own = "payout" if self._cell("payout") else "transaction"
                return f"withdrawal.{self._id(own)}"
            case _:
                return f"{kind}.{payment}.{made_at.astimezone(JAKARTA):%Y%m%d%H%M%S}"

    def _reference(self, kind: TransactionKind) -> str:
        key = self._cell("refund_key") if kind is Kind.REFUND else ""
        return text(key or self._cell("order"), longest=255)

    def _money(self, kind: TransactionKind) -> tuple[int, int, int, bool]:
        """Amount, fee and tax in whole rupiah, and whether it came in.

        Parts of a rupiah, which a percentage leaves, are rounded once: in the net amount.
        """
        gross, net = self._amount(self.head.at["amount"]), self._amount(self.head.at["net"])
        is_incoming = kind is Kind.PAYMENT or (kind is Kind.ADJUSTMENT and gross >= 0)
        if gross % 100 or (kind is Kind.PAYMENT and gross < 0):
            raise self._unreadable(self.head.at["amount"])
        fee = sum(abs(self._amount(place)) for place in self.head.fees)
        tax = sum(abs(self._amount(place)) for place in self.head.taxes)
        # Money out may be written with a minus or without; its fees are taken as well.
        if (is_incoming and gross - fee - tax != net) or (
            not is_incoming and abs(gross) + fee + tax != abs(net)
        ):
            raise DoesNotAddUp(self.line)
        if is_incoming and net < 0:
            raise self._unreadable(self.head.at["net"])
        kept = abs(abs(gross) // 100 - _rounded(abs(net)))
        tax = min(_rounded(tax), kept)
        return abs(gross) // 100, kept - tax, tax, is_incoming

    def _amount(self, place: int) -> int:
        """In hundredths; money that leaves is negative, an empty cell nothing."""
        cell = self.cells[place] if place < len(self.cells) else ""
        bare = cell.removeprefix("(").removesuffix(")").removeprefix("-").removeprefix("−")
        bare = bare.removeprefix("IDR").strip().removeprefix("-")
        if bare in ("", "-") and place in self.head.fees + self.head.taxes:
            return 0
        amount = hundredths(bare)
        if amount is None:
            raise self._unreadable(place)
        is_out = "-" in cell or "−" in cell or cell.startswith("(")
        return -amount if is_out else amount

    def _word(self, name: str, known: dict[str, WordT]) -> WordT:
        said = known.get(self._cell(name).lower().replace("_", " "))
        if said is None:
            raise self._unreadable(self.head.at[name])
        return said

    def _moment(self, name: str) -> datetime | None:
        """None where it is empty."""
        cell = self._cell(name)
        if cell in ("", "-"):
            return None
        read = _moment(cell)
        if read is None or read > self.now + AHEAD:
            raise self._unreadable(self.head.at[name])
        return read

    def _id(self, name: str, *, or_named: str = "") -> str:
        cell = self._cell(name)
        # What is put before it must not make it too long for the column.
        if not identifier(cell) or len(cell) > 50:
            named = self.head.names[self.head.at[name]] if name in self.head.at else or_named
            raise CellUnreadable(self.line, named, cell)
        return cell

    def _cell(self, name: str) -> str:
        place = self.head.at.get(name)
        return self.cells[place] if place is not None and place < len(self.cells) else ""

    def _unreadable(self, place: int) -> CellUnreadable:
        cell = self.cells[place] if place < len(self.cells) else ""
        return CellUnreadable(self.line, self.head.names[place].strip(), cell)


def _moment(cell: str) -> datetime | None:
    try:
        read = datetime.fromisoformat(cell)
    except ValueError:
        return _written(cell)
    return read if read.tzinfo else read.replace(tzinfo=JAKARTA)


def _written(cell: str) -> datetime | None:
    found = _WRITTEN.fullmatch(cell.lower())
    if not found:
        return None
    day, month, year = found[1], found[2], found[3]
    hour, minute, second = (int(part or 0) for part in found.groups()[3:])
    short = _BULAN.get(month[:3], month[:3])
    number = MONTHS.index(short) + 1 if short in MONTHS else int(month) if month.isdigit() else 0
    try:
        return datetime(int(year), number, int(day), hour, minute, second, tzinfo=JAKARTA)
    except ValueError:
        return None


def _rounded(minor: int) -> int:
    """Hundredths to whole ones, half up."""
    return (minor + 50) // 100
