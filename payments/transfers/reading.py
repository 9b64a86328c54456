"""Reading the CSV file of an account's movements, as BCA's internet banking gives it.

Understood are the forms that are about (docs/payments.md says what was verified): lines above the
table and below it, `,` `;` or a tab between the columns, a mark CR or DB behind the amount or in a
column of its own, `149,123.00` and `149.123,00`, days with and without a year, and an apostrophe
before what a spreadsheet would take for a number. A row in the table that is none of these stops
the reading: a line that is passed over in silence may be somebody's payment.
"""

import hashlib
import hmac
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from payments.tables import LineUnreadable, Unreadable, column, hundredths, read_rows
from shop.core.errors import DomainError

# Of the bank's words about a line.
LONGEST_WORDS = 300
_DAY = re.compile(r"(\d{1,2})/(\d{1,2})(?:/(\d{2}|\d{4}))?")
_PERIOD = re.compile(r"(\d{2}/\d{2}/\d{4})\s*(?:-|s/d|to)\s*(\d{2}/\d{2}/\d{4})", re.IGNORECASE)
_ACCOUNT = re.compile(r"\b(?:no\.?\s*rek\w*|account\s+(?:no|number))\D*(\d{8,})", re.IGNORECASE)
_SIDES = {
    "CR": True,
    "K": True,
    "KR": True,
    "KREDIT": True,
    "DB": False,
    "D": False,
    "DEBET": False,
}
_BELOW = ("saldo", "mutasi", "kredit", "debet", "total", "balance")


class OtherAccount(DomainError):
    code = "other_account"
    status = 422
    message = _(
        "This file is of another bank account than the one customers transfer to, which ends in"
        " {ending}."
    )

    def __init__(self) -> None:
        ending = settings.TRANSFER_ACCOUNT_NUMBER[-4:]
        super().__init__("another account", ending=ending)


@dataclass(frozen=True, slots=True)
class Credit:
    """Money that came in. `key` is the same in each file that has this line."""

    position: int
    booked_on: date
    amount_minor: int
    description: str
    key: str


@dataclass(slots=True)
class Movements:
    """What a file says: money in, and how many lines there were of each other kind."""

    first_on: date
    last_on: date
    credits: list[Credit] = field(default_factory=list)
    outgoing: int = 0
    pending: int = 0
    uneven: int = 0


@dataclass(frozen=True, slots=True)
class _Columns:
    day: int
    words: int | None
    amount: int
    balance: int | None

    @classmethod
    def of(cls, row: Sequence[str]) -> "_Columns | None":
        found = {
            "day": column(row, "tanggal", "tgl", "date"),
            "words": column(row, "keterangan", "description", "uraian"),
            "amount": column(row, "jumlah", "mutasi", "amount", "nominal"),
            "balance": column(row, "saldo", "balance"),
        }
        day, amount = found["day"], found["amount"]
        if day is None or amount is None:
            return None
        return cls(day, found["words"], amount, found["balance"])


def read_movements(content: bytes, *, today: date) -> Movements:
    """Raises Unreadable, LineUnreadable, OtherAccount."""
    rows = read_rows(content, _Columns.of)
    start, columns = next(
        ((at, found) for at, (_line, row) in enumerate(rows) if (found := _Columns.of(row))),
        (0, None),
    )
    if columns is None:
        raise Unreadable
    above = " \n".join(" ".join(row) for _line, row in rows[:start])
    account = _ACCOUNT.search(above)
    if account and account[1].lstrip("0") != settings.TRANSFER_ACCOUNT_NUMBER.lstrip("0"):
        raise OtherAccount
    period = _period(above)
    movements = Movements(*(period or (today, today)))
    same: Counter[tuple[object, ...]] = Counter()
    for line, row in rows[start + 1 :]:
        _take(movements, line, row, columns, period=period, today=today, same=same)
    days = [credit.booked_on for credit in movements.credits]
    if days and not period:
        movements.first_on, movements.last_on = min(days), max(days)
    return movements


def _take(
    movements: Movements,
    line: int,
    row: list[str],
    columns: _Columns,
    *,
    period: tuple[date, date] | None,
    today: date,
    same: "Counter[tuple[object, ...]]",
) -> None:
    """One row below the table's head: counted, kept, or refused."""
    cells = [cell.strip().lstrip("'").strip() for cell in row]
    if not any(cells) or cells[0].lower().startswith(_BELOW):
        return
    cells += [""] * (max(columns.amount + 2, columns.balance or 0) + 1 - len(cells))
    if cells[columns.day].upper().startswith("PEND"):
        movements.pending += 1
        return
    day = _day(cells[columns.day], period=period, today=today)
    amount, is_in = _amount(cells[columns.amount], cells[columns.amount + 1])
    if day is None or amount is None or is_in is None:
        raise LineUnreadable(line)
    if not is_in:
        movements.outgoing += 1
    elif amount % 100:
        # Interest; a transfer is of whole rupiah.
        movements.uneven += 1
    elif amount:
        words = " ".join(cells[columns.words].split()) if columns.words is not None else ""
        balance = _amount(cells[columns.balance], "")[0] if columns.balance is not None else None
        # The balance tells lines of a day apart; the bank's words differ from form to form.
        told = words.casefold() if balance is None else f"={balance}"
        facts = (day, amount, told)
        key = _key(*facts, same[facts])
        same[facts] += 1
        credit = Credit(line, day, amount // 100, words[:LONGEST_WORDS], key)
        movements.credits.append(credit)


def _period(above: str) -> tuple[date, date] | None:
    found = _PERIOD.search(above)
    if not found:
        return None
    first, last = (_date(*map(int, text.split("/"))) for text in found.groups())
    return (first, last) if first and last and first <= last else None


def _day(text: str, *, period: tuple[date, date] | None, today: date) -> date | None:
    """A day without a year is of the file's period, or the last one that is not to come."""
    found = _DAY.fullmatch(text)
    if not found:
        return None
    day, month = int(found[1]), int(found[2])
    if found[3]:
        year = int(found[3])
        return _date(day, month, year if year > 99 else 2000 + year)
    first, last = period or (date(1, 1, 1), today)
    years = (last.year, last.year - 1)
    dates = [_date(day, month, year) for year in years]
    return next((one for one in dates if one is not None and first <= one <= last), None)


def _date(day: int, month: int, year: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _amount(text: str, beside: str) -> tuple[int | None, bool | None]:
    """In hundredths, and whether it came in; None for what the text does not say."""
    number, _space, mark = text.strip().partition(" ")
    mark = (mark or beside).strip().strip("()").upper()
    return hundredths(number), _SIDES.get(mark)


def _key(day: date, amount: int, told: str, ordinal: int) -> str:
    """Not to be turned back into who paid."""
    account = settings.TRANSFER_ACCOUNT_NUMBER
    message = f"{account}|{day.isoformat()}|{amount}|{told}|{ordinal}".encode()
    return hmac.new(settings.PSEUDONYM_KEY.encode(), message, hashlib.sha256).hexdigest()
