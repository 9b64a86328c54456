"""What customers met in a stretch of time, and what is promised of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from statistics import quantiles

from drills.visits import Asked

# Two crowds on a machine of two cores disturb each other: below this nothing is called slow.
NOTICEABLE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Figures:
    """Of the requests that began in a stretch: how many, how many failed, and how long they took.

    `away_seconds`: from its beginning to the end of the last one that failed.
    """

    number: int
    errors: int
    p95: float
    longest: float
    away_seconds: float = 0.0

    @property
    def share_well(self) -> float:
        return 1 - self.errors / self.number if self.number else 0.0

    def __str__(self) -> str:
        return (
            f"{self.number:>5} asked, {self.errors:>3} failed,"
            f" p95 {self.p95 * 1000:>6.0f} ms, longest {self.longest * 1000:>6.0f} ms"
        )


def figures(asked: Iterable[Asked], *, since: float, until: float) -> Figures:
    mine = [each for each in asked if since <= each.at < until]
    failed = [each for each in mine if is_error(each)]
    took = [each.seconds for each in mine]
    p95 = quantiles(took, n=20, method="inclusive")[-1] if len(took) > 1 else sum(took)
    away = max((each.at + each.seconds - since for each in failed), default=0.0)
    return Figures(len(mine), len(failed), p95, max(took, default=0.0), away)


def answers(orders: Iterable[Asked], *, since: float, until: float) -> list[str]:
    """What orders that were asked for and answered in a stretch said of their payments."""
    inside = [each for each in orders if since <= each.at and each.at + each.seconds <= until]
    return [each.payment for each in inside if each.payment]


def is_error(asked: Asked) -> bool:
    """No answer, or one that the shop failed to give; a refusal is an answer."""
    return asked.status == 0 or asked.status >= HTTPStatus.INTERNAL_SERVER_ERROR


@dataclass(frozen=True, slots=True)
class Promise:
    """What must hold while the part is away; None where nothing is promised.

    Shares of answers that must be well, how many times as slow as in calm pages may be, how long an
    order may take, after how many seconds nothing fails any more, and what an order's answer may
    say of its payment.
    """

    pages_well: float = 0.99
    orders_well: float = 0.99
    pages_slower: float = 3.0
    order_seconds: float | None = None
    away_seconds: float | None = None
    payments: frozenset[str] | None = None

    def broken(
        self, *, calm: Figures, pages: Figures, orders: Figures, answered: Sequence[str]
    ) -> list[str]:
        """What of it did not hold. `answered` is what each order's answer said of its payment."""
        found = []
        if not pages.number or not orders.number:
            found.append(f"{pages.number} pages and {orders.number} orders prove nothing")
        if self.away_seconds is None:
            found += _too_few("pages", pages, self.pages_well)
            found += _too_few("orders", orders, self.orders_well)
        elif (away := max(pages.away_seconds, orders.away_seconds)) > self.away_seconds:
            found.append(f"requests fail for {away:.1f} s, promised {self.away_seconds:.0f}")
        slow = max(calm.p95 * self.pages_slower, NOTICEABLE_SECONDS)
        if self.away_seconds is None and pages.p95 > slow:
            found.append(f"pages take {pages.p95:.1f} s (p95), in calm {calm.p95:.1f}")
        if self.order_seconds is not None and orders.longest > self.order_seconds:
            found.append(f"an order took {orders.longest:.1f} s, promised {self.order_seconds}")
        if self.payments is not None and (others := set(answered) - self.payments):
            found.append(f"orders were answered with a payment that is {', '.join(sorted(others))}")
        return found


def _too_few(what: str, seen: Figures, share: float) -> list[str]:
    if not seen.number or seen.share_well >= share:
        return []
    return [f"{seen.errors} of {seen.number} {what} failed, promised {1 - share:.0%}"]
