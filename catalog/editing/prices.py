"""Prices now and later. A change ends a period and begins the next, so history is kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from catalog.editing import timeline
from catalog.editing.products import clock, lock_product, touch
from catalog.editing.timeline import Period, Timeline
from catalog.models import Price
from shop.core.errors import DomainError
from shop.core.money import Money
from shop.core.rows import update_each


class SaleOverlaps(DomainError):
    code = "sale_overlaps"
    message = _(
        "Another price is planned for a part of that time. Remove it first, or choose other times."
    )


class SaleIsOver(DomainError):
    code = "sale_is_over"
    message = _("The end of a sale has to lie in the future, and after its beginning.")


class NothingToLower(DomainError):
    code = "nothing_to_lower"
    message = _("None of these variants has a price at that time. Set their prices first.")


class NothingPlanned(DomainError):
    code = "nothing_planned"
    message = _("That plan does not exist any more. Reload the page to see what is planned.")


class PriceMoved(DomainError):
    """A typed price meets another one than its page showed; nothing was changed."""

    code = "price_moved"
    message = _(
        "A sale began or ended while the page was open, so a price that you changed is another by"
        " now."
    )


@dataclass(frozen=True, slots=True)
class Typed:
    """A price as staff typed it; no amount means that the variant is not for sale."""

    amount: int | None = None
    compare_at: int | None = None


@dataclass(frozen=True, slots=True)
class PriceCell:
    """`shown` is what the page said when it was opened: a sale may begin or end after that, which
    no save makes known. What staff did not change stays as the calendar has it.
    """

    shown: Typed = Typed()
    typed: Typed = Typed()

    @property
    def is_changed(self) -> bool:
        return self.typed != self.shown


@dataclass(frozen=True, slots=True)
class Planned:
    """Prices of variants that begin and end together. `is_running`: it has begun already."""

    begins_at: datetime
    ends_at: datetime | None
    is_running: bool
    amounts: tuple[int, ...]
    befores: tuple[int, ...]
    variant_pks: tuple[int, ...]


@transaction.atomic
def set_prices(*, product_pk: int, prices: Mapping[int, Typed], currency: str) -> int:
    """Let these prices (variant pk → price) hold from now on; returns how many have changed.

    Planned sales stay and return to the new price afterwards. The compare-at price must exceed the
    price: the database refuses it otherwise.
    """
    product = lock_product(product_pk)
    at = clock()
    own = set(product.variants.filter(pk__in=list(prices)).values_list("pk", flat=True))
    prices = {pk: price for pk, price in prices.items() if pk in own}
    changed = _set_prices(
        read_timelines(prices, currency=currency, at=at), prices, currency=currency, at=at
    )
    touch(product, at=at)
    return changed


def write_prices(*, cells: Mapping[int, PriceCell], currency: str, at: datetime) -> int:
    """Set the prices that staff changed, for a caller who holds the product's lock and touches it.

    Raises PriceMoved where the price in force is neither what the page showed nor what was typed.
    """
    prices = {pk: cell.typed for pk, cell in cells.items() if cell.is_changed}
    timelines = read_timelines(prices, currency=currency, at=at)
    for pk, periods in timelines.items():
        if as_typed(timeline.price_at(periods, at)) not in (cells[pk].shown, cells[pk].typed):
            raise PriceMoved(str(pk))
    return _set_prices(timelines, prices, currency=currency, at=at)


def as_typed(period: Period | None) -> Typed:
    """The price of a period as staff would type it."""
    return Typed(period.amount, period.compare_at) if period else Typed()


def _set_prices(
    timelines: Mapping[int, Timeline], prices: Mapping[int, Typed], *, currency: str, at: datetime
) -> int:
    changes = {}
    for pk, old in timelines.items():
        typed = prices[pk]
        new = timeline.with_price(old, amount=typed.amount, compare_at=typed.compare_at, at=at)
        if new != old:
            changes[pk] = new
    _write(changes, currency=currency, at=at)
    return len(changes)


@transaction.atomic
def plan_sale(
    *,
    product_pk: int,
    variant_pks: Iterable[int],
    begins_at: datetime,
    ends_at: datetime | None,
    percent: int,
    currency: str,
) -> int:
    """Lower the prices of the variants by so many per cent for a time; returns of how many.

    Without an end it is a lower price from then on. Amounts are rounded to whole minor units.
    Raises SaleIsOver, SaleOverlaps, NothingToLower; then nothing has changed.
    """
    product = lock_product(product_pk)
    at = clock()
    begins_at = max(begins_at, at)
    if ends_at is not None and ends_at <= begins_at:
        raise SaleIsOver
    ratio = Decimal(100 - percent) / 100
    chosen = set(variant_pks)
    changes = {}
    for pk, old in timelines_of(product_pk, currency=currency, at=at).items():
        if pk not in chosen:
            continue
        if any(_is_planned(old, each, at) and each.overlaps(begins_at, ends_at) for each in old):
            raise SaleOverlaps
        new = timeline.with_sale(
            old,
            begins_at=begins_at,
            ends_at=ends_at,
            discount=lambda amount: Money(amount, currency).share(ratio).minor,
        )
        if new != old:
            changes[pk] = new
    if not changes:
        raise NothingToLower
    _write(changes, currency=currency, at=at)
    touch(product, at=at)
    return len(changes)


@transaction.atomic
def cancel_planned(
    *, product_pk: int, begins_at: datetime, ends_at: datetime | None, currency: str
) -> int:
    """Call off what begins and ends at these times, or end it now; returns for how many variants.

    Raises NothingPlanned.
    """
    product = lock_product(product_pk)
    at = clock()
    changes = {}
    for pk, old in timelines_of(product_pk, currency=currency, at=at).items():
        for period in old:
            if (period.begins_at, period.ends_at) == (begins_at, ends_at) and _is_planned(
                old, period, at
            ):
                changes[pk] = timeline.without(old, period, at=at)
    if not changes:
        raise NothingPlanned
    _write(changes, currency=currency, at=at)
    touch(product, at=at)
    return len(changes)


@transaction.atomic
def change_planned(
    *,
    product_pk: int,
    begins_at: datetime,
    ends_at: datetime | None,
    new_begins_at: datetime,
    new_ends_at: datetime | None,
    percent: int,
    currency: str,
) -> int:
    """Other times or another discount for the variants of a plan; returns for how many."""
    lock_product(product_pk)
    planned = find_planned(product_pk, begins_at=begins_at, ends_at=ends_at, currency=currency)
    cancel_planned(product_pk=product_pk, begins_at=begins_at, ends_at=ends_at, currency=currency)
    return plan_sale(
        product_pk=product_pk,
        variant_pks=planned.variant_pks,
        begins_at=new_begins_at,
        ends_at=new_ends_at,
        percent=percent,
        currency=currency,
    )


def find_planned(
    product_pk: int, *, begins_at: datetime, ends_at: datetime | None, currency: str
) -> Planned:
    """Raises NothingPlanned."""
    for planned in planned_of(product_pk, currency=currency, at=clock()):
        if (planned.begins_at, planned.ends_at) == (begins_at, ends_at):
            return planned
    raise NothingPlanned


def planned_of(product_pk: int, *, currency: str, at: datetime) -> list[Planned]:
    """What runs or is planned for the product's variants, in order of time. One query."""
    found: dict[tuple[datetime, datetime | None], list[tuple[int, Period, int]]] = {}
    for pk, periods in timelines_of(product_pk, currency=currency, at=at).items():
        for index, period in enumerate(periods):
            if _is_planned(periods, period, at):
                before = period.compare_at or (periods[index - 1].amount if index else 0)
                key = (period.begins_at, period.ends_at)
                found.setdefault(key, []).append((pk, period, before))
    return [
        Planned(
            begins_at=begins_at,
            ends_at=ends_at,
            is_running=begins_at <= at,
            amounts=tuple(period.amount for _pk, period, _before in rows),
            befores=tuple(before for _pk, _period, before in rows),
            variant_pks=tuple(pk for pk, _period, _before in rows),
        )
        for (begins_at, ends_at), rows in sorted(found.items(), key=lambda item: item[0][0])
    ]


def regular_prices(*, product_pk: int, currency: str, at: datetime) -> dict[int, Period]:
    """Variant pk → its price at that time, without the sale that may be on. One query."""
    found = {}
    for pk, periods in timelines_of(product_pk, currency=currency, at=at).items():
        now = timeline.price_at(periods, at)
        if now is not None:
            found[pk] = timeline.after_sale(periods, now) or now
    return found


def _is_planned(periods: Timeline, period: Period, at: datetime) -> bool:
    """Whether staff planned this very period, rather than that a sale left it over."""
    if timeline.after_sale(periods, period) is not None:
        return True
    if period.begins_at <= at:
        return False
    # The regular price comes back after a sale: nobody planned that by itself.
    return not any(timeline.after_sale(periods, each) == period for each in periods)


def timelines_of(product_pk: int, *, currency: str, at: datetime) -> dict[int, Timeline]:
    """Variant pk → what it costs now and later, for variants that have a price. One query."""
    found: dict[int, Timeline] = {}
    for price in _now_and_later(Price.objects.filter(variant__product=product_pk), currency, at):
        found.setdefault(price.variant_id, []).append(_period(price))
    return found


def read_timelines(
    variant_pks: Iterable[int], *, currency: str, at: datetime
) -> dict[int, Timeline]:
    """Variant pk → what it costs now and later. One query."""
    found: dict[int, Timeline] = {pk: [] for pk in variant_pks}
    for price in _now_and_later(Price.objects.filter(variant__in=list(found)), currency, at):
        found[price.variant_id].append(_period(price))
    return found


def _now_and_later(prices: QuerySet[Price], currency: str, at: datetime) -> QuerySet[Price]:
    holds = Q(valid_until=None) | Q(valid_until__gt=at)
    return prices.filter(holds, currency=currency).order_by("variant_id", "valid_from")


def _period(price: Price) -> Period:
    return Period(price.valid_from, price.valid_until, price.amount_minor, price.compare_at_minor)


def _write(changes: Mapping[int, Timeline], *, currency: str, at: datetime) -> None:
    """Bring the rows of these variants to their new timelines. Four queries.

    What goes makes room before what comes: the database checks that periods do not overlap after
    each row, not at the end.
    """
    wanted = {(pk, each.begins_at): each for pk, periods in changes.items() for each in periods}
    gone: list[int] = []
    moved: dict[int, list[datetime | None]] = {}
    for row in _now_and_later(Price.objects.filter(variant__in=list(changes)), currency, at):
        new = wanted.get((row.variant_id, row.valid_from))
        if new is None or not new.costs_as(_period(row)):
            gone.append(row.pk)
            continue
        del wanted[row.variant_id, row.valid_from]
        if new.ends_at != row.valid_until:
            moved[row.pk] = [new.ends_at]
    Price.objects.filter(pk__in=gone).delete()
    update_each(Price, ["valid_until"], moved)
    Price.objects.bulk_create(
        Price(
            variant_id=pk,
            currency=currency,
            amount_minor=period.amount,
            compare_at_minor=period.compare_at,
            valid_from=period.begins_at,
            valid_until=period.ends_at,
        )
        for (pk, _), period in wanted.items()
    )
