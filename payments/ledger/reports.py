"""Reading the books: trial balance, one account, one order, and the journal of it all.

A debit is positive and a credit negative, in minor units, as in the ledger itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Literal

from django.db.models import F, Q, QuerySet, Sum, Value, Window
from django.utils import timezone

from orders.models import Order
from payments.ledger.chart import Account, account_of
from payments.models import LedgerAccount, LedgerEntry
from shop.core.money import Money
from shop.core.spreadsheets import Cell, number_of, one_moment

# When it happened, or when it was written down: what was written down in a month that is over is
# never more than it was then.
Clock = Literal["occurred", "booked"]
CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days on the merchant's clocks, both included; None is without an end."""

    since: date | None = None
    until: date | None = None
    clock: Clock = "occurred"

    @property
    def at(self) -> str:
        return f"transaction__{self.clock}_at"

    @property
    def before(self) -> Q | None:
        """Entries of before it; None where it has no beginning."""
        return None if self.since is None else Q(**{f"{self.at}__lt": _midnight(self.since)})

    @property
    def within(self) -> Q:
        if self.since is None:
            return self.not_after
        return self.not_after & Q(**{f"{self.at}__gte": _midnight(self.since)})

    @property
    def not_after(self) -> Q:
        if self.until is None:
            return Q()
        return Q(**{f"{self.at}__lt": _midnight(self.until + timedelta(days=1))})


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


@dataclass(frozen=True, slots=True)
class Balance:
    """One account in one currency over a period."""

    code: str
    kind: str
    currency: str
    opening_minor: int
    debit_minor: int
    credit_minor: int

    @property
    def account(self) -> Account:
        return account_of(self.code)

    @property
    def closing_minor(self) -> int:
        return self.opening_minor + self.debit_minor - self.credit_minor


@dataclass
class TrialBalance:
    """All accounts of one currency. Opening and closing sum to 0, debits to the credits."""

    currency: str
    balances: list[Balance] = field(default_factory=list)

    @property
    def opening_minor(self) -> int:
        return sum(one.opening_minor for one in self.balances)

    @property
    def debit_minor(self) -> int:
        return sum(one.debit_minor for one in self.balances)

    @property
    def credit_minor(self) -> int:
        return sum(one.credit_minor for one in self.balances)

    @property
    def closing_minor(self) -> int:
        return sum(one.closing_minor for one in self.balances)

    @property
    def is_even(self) -> bool:
        return not self.opening_minor and self.debit_minor == self.credit_minor


def trial_balances(period: Period) -> list[TrialBalance]:
    """One for each currency that was ever booked. Reads every entry up to the period's end."""
    kinds = dict(LedgerAccount.objects.values_list("code", "kind"))
    within, amount = period.within, F("amount_minor")
    sums = (
        LedgerEntry.objects.filter(period.not_after)
        .values("currency", "account_id")
        .annotate(
            opening=Sum(amount, filter=period.before, default=0) if period.before else Value(0),
            debit=Sum(amount, filter=within & Q(amount_minor__gt=0), default=0),
            credit=Sum(-amount, filter=within & Q(amount_minor__lt=0), default=0),
        )
    )
    order = list(LedgerAccount.Kind.values)
    found: dict[str, TrialBalance] = {}
    for row in sorted(
        sums, key=lambda row: (order.index(kinds[row["account_id"]]), row["account_id"])
    ):
        balance = Balance(
            row["account_id"],
            kinds[row["account_id"]],
            row["currency"],
            row["opening"],
            row["debit"],
            row["credit"],
        )
        found.setdefault(balance.currency, TrialBalance(balance.currency)).balances.append(balance)
    return [found[currency] for currency in sorted(found)]


@dataclass(frozen=True, slots=True)
class AccountLines:
    """The entries of one account and currency in a period, each with the balance after it."""

    code: str
    currency: str
    period: Period

    @property
    def entries(self) -> QuerySet[LedgerEntry]:
        """Oldest first. `so_far` is what they come to since the period began."""
        at = self.period.at
        return (
            self._all.filter(self.period.within)
            .select_related("transaction__order")
            .annotate(
                so_far=Window(
                    Sum("amount_minor"),
                    order_by=[F(at).asc(), F("transaction_id").asc(), F("pk").asc()],
                )
            )
            .order_by(at, "transaction_id", "pk")
        )

    def opening_minor(self) -> int:
        if self.period.before is None:
            return 0
        before = self._all.filter(self.period.before)
        return int(before.aggregate(total=Sum("amount_minor", default=0))["total"])

    @property
    def _all(self) -> QuerySet[LedgerEntry]:
        return LedgerEntry.objects.filter(account=self.code, currency=self.currency)


@dataclass
class OrderBooks:
    """All that was posted of one order, and what it comes to in each account."""

    order: Order

    @cached_property
    def entries(self) -> Sequence[LedgerEntry]:
        found = LedgerEntry.objects.filter(transaction__order=self.order)
        return list(
            found.select_related("transaction").order_by(
                "transaction__booked_at", "transaction_id", "pk"
            )
        )

    @property
    def sums(self) -> list[tuple[str, Account, Money]]:
        """(Code, account, balance) of each account that is not even, in the order of posting."""
        totals: dict[tuple[str, str], int] = {}
        for entry in self.entries:
            key = (entry.account_id, entry.currency)
            totals[key] = totals.get(key, 0) + entry.amount_minor
        return [
            (code, account_of(code), Money(minor, currency))
            for (code, currency), minor in totals.items()
            if minor
        ]


JOURNAL = (
    "occurred",
    "booked",
    "posting",
    "key",
    "kind",
    "order",
    "account",
    "account kind",
    "currency",
    "debit",
    "credit",
)


def journal_rows(entries: QuerySet[LedgerEntry]) -> Iterator[Sequence[Cell]]:
    """A row for each entry, amounts in the major unit, times on the merchant's clocks."""
    yield JOURNAL
    with one_moment():
        rows = entries.values_list(
            "transaction__occurred_at",
            "transaction__booked_at",
            "transaction__public_id",
            "transaction__external_key",
            "transaction__kind",
            "transaction__order__number",
            "account_id",
            "account__kind",
            "currency",
            "amount_minor",
        )
        for occurred, booked, posting, key, kind, order, code, of, currency, minor in rows.iterator(
            chunk_size=CHUNK
        ):
            yield (
                _written(occurred),
                _written(booked),
                str(posting),
                key,
                kind,
                order or "",
                code,
                of,
                currency,
                number_of(max(minor, 0), currency),
                number_of(max(-minor, 0), currency),
            )


def journal(period: Period) -> QuerySet[LedgerEntry]:
    """All entries of a period, those of one posting together."""
    return LedgerEntry.objects.filter(period.within).order_by(period.at, "transaction_id", "pk")


BALANCES = ("account", "name", "kind", "currency", "opening", "debit", "credit", "closing")


def balance_rows(balances: Sequence[TrialBalance]) -> Iterator[Sequence[Cell]]:
    yield BALANCES
    for one in (balance for each in balances for balance in each.balances):
        amounts = (one.opening_minor, one.debit_minor, one.credit_minor, one.closing_minor)
        yield (
            one.code,
            str(one.account.name),
            one.kind,
            one.currency,
            *(number_of(minor, one.currency) for minor in amounts),
        )


def _written(at: datetime) -> str:
    return timezone.localtime(at).isoformat(sep=" ", timespec="seconds")
