"""What a seller was owed and paid, as pages and files tell it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db.models import Q, Sum
from django.utils import timezone

from catalog.models import Seller
from payments.models import SellerPayout, SellerShare, SellerTerms
from payments.sellers.paying import payable
from shop.core.money import Money
from shop.core.spreadsheets import Cell, number_of


@dataclass(frozen=True, slots=True)
class SellerAccount:
    """One seller in one currency: `due` of `balance` may be paid out today."""

    seller: Seller
    terms: SellerTerms
    balance: Money
    due: Money


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A paper or a payout; what takes from the seller is negative. Minor units."""

    at: datetime
    paper: str
    order: str
    goods_minor: int
    sending_minor: int
    commission_minor: int
    amount_minor: int
    payable_on: date | None
    balance_minor: int


def seller_accounts() -> list[SellerAccount]:
    """Of all sellers with terms, by name; a seller of two currencies is there twice."""
    latest = SellerTerms.objects.filter(valid_from__lte=timezone.now()).order_by(
        "seller__name", "seller_id", "-valid_from"
    )
    terms = latest.distinct("seller__name", "seller_id").select_related("seller")
    today = timezone.localdate()
    ripe = Q(payable_on__lte=today) | Q(payable_minor__lt=0)
    shares = SellerShare.objects.values("seller_id", "currency").annotate(
        all=Sum("payable_minor"), ripe=Sum("payable_minor", filter=ripe, default=0)
    )
    paid = {
        (row["seller_id"], row["currency"]): row["sum"]
        for row in SellerPayout.objects.values("seller_id", "currency").annotate(
            sum=Sum("amount_minor")
        )
    }
    by_seller: dict[int, list[tuple[Money, Money]]] = {}
    for row in shares.order_by("currency"):
        key = (row["seller_id"], row["currency"])
        out = paid.get(key, 0)
        sums = Money(row["all"] - out, key[1]), Money(row["ripe"] - out, key[1])
        by_seller.setdefault(key[0], []).append(sums)
    nothing = Money(0, settings.DEFAULT_CURRENCY)
    return [
        SellerAccount(each.seller, each, balance, due)
        for each in terms
        for balance, due in by_seller.get(each.seller_id, [(nothing, nothing)])
    ]


def statement(seller_id: int, currency: str, *, most: int | None = None) -> list[StatementRow]:
    """Oldest first, each with what the seller is owed after it; of very many the newest."""
    newest = slice(None, most)
    shares = list(
        SellerShare.objects.filter(seller=seller_id, currency=currency)
        .select_related("paper__order")
        .order_by("-created_at", "-pk")[newest]
    )
    payouts = list(
        SellerPayout.objects.filter(seller=seller_id, currency=currency).order_by(
            "-created_at", "-pk"
        )[newest]
    )
    found = sorted([*map(_of_share, shares), *map(_of_payout, payouts)], key=lambda row: row[0])
    if most is not None:
        found = found[-most:]
    balance = payable(seller_id, currency).minor - sum(row[6] for row in found)
    rows = []
    for row in found:
        balance += row[6]
        rows.append(StatementRow(*row, balance))
    return rows


_Facts = tuple[datetime, str, str, int, int, int, int, date | None]


def _of_share(share: SellerShare) -> _Facts:
    return (
        share.created_at,
        share.paper.reference,
        share.paper.order.number,
        share.goods_minor,
        share.sending_minor,
        share.commission_minor,
        share.payable_minor,
        share.payable_on,
    )


def _of_payout(payout: SellerPayout) -> _Facts:
    return payout.created_at, payout.reference, "", 0, 0, 0, -payout.amount_minor, payout.paid_on


COLUMNS = (
    "written",
    "paper or transfer",
    "order",
    "goods",
    "sending",
    "commission",
    "amount",
    "payable or paid on",
    "balance",
    "currency",
)


def statement_rows(seller_id: int, currency: str) -> Iterator[Sequence[Cell]]:
    """For a file: amounts in the major unit, a payout as a negative amount."""
    yield COLUMNS
    for row in statement(seller_id, currency):
        minors = (row.goods_minor, row.sending_minor, row.commission_minor, row.amount_minor)
        yield (
            timezone.localtime(row.at).isoformat(sep=" ", timespec="seconds"),
            row.paper,
            row.order,
            *(number_of(minor, currency) for minor in minors),
            row.payable_on.isoformat() if row.payable_on else "",
            number_of(row.balance_minor, currency),
            currency,
        )
