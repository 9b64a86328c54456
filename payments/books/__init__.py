"""The books: everything that is counted twice in the shop, and must come to the same."""

from collections.abc import Iterable, Iterator

from payments.books import (
    cod,
    credit,
    gateways,
    goods,
    money,
    papers,
    promotions,
    sellers,
    stock,
    totals,
    transfers,
)
from payments.books.checking import Check, Difference

CHECKS: tuple[Check, ...] = (
    *stock.CHECKS,
    *totals.CHECKS,
    *promotions.CHECKS,
    *money.CHECKS,
    *transfers.CHECKS,
    *credit.CHECKS,
    *gateways.CHECKS,
    *cod.CHECKS,
    *goods.CHECKS,
    *papers.CHECKS,
    *sellers.CHECKS,
)


def check_named(name: str) -> Check:
    return next(check for check in CHECKS if check.name == name)


def differences(checks: Iterable[Check] = CHECKS) -> Iterator[Difference]:
    """Whatever does not agree, as it is found. Changes nothing; may run while the shop sells."""
    for check in checks:
        yield from check.differences()
