"""The tokens of a listing: what facets filter by. The database makes them (listing.sql)."""

from collections.abc import Iterator

ANY = "*"
AVAILABLE = "+"
REDUCED = "d"
# Nothing in a shop costs more, in any currency: where a range without an upper end stops.
HIGHEST_PRICE = 10**12


def category(pk: int) -> str:
    """The category itself or any below it."""
    return f"c{pk}"


def seller(pk: int) -> str:
    return f"s{pk}"


def attribute_value(pk: int) -> str:
    return f"a{pk}"


def price_range(index: int) -> str:
    """The range that begins with the end before and ends below that end of `PRICE_RANGES`."""
    return f"r{index}"


def sold(least: int) -> str:
    """Sold so often or more, one of SOLD_TIERS."""
    return f"t{least}"


def option_values(*pks: int, is_available: bool) -> str:
    """One variant has the value, or all of two or three; an available one where asked."""
    return f"v{'.'.join(str(pk) for pk in sorted(pks))}{AVAILABLE if is_available else ''}"


def step_below(price_minor: int) -> int:
    """The highest end of a price step that is not above the price: steps of 2-10 %, nice ends."""
    return price_minor // _step(price_minor) * _step(price_minor)


def step_above(price_minor: int) -> int:
    """The lowest end of a price step that is not below the price."""
    below = step_below(price_minor)
    return below if below == price_minor else below + _step(price_minor)


def price_steps(lowest: int, highest: int) -> Iterator[str]:
    """The tokens of all prices from `lowest` to `highest`, which are ends of steps, included."""
    end = lowest
    while end <= highest:
        yield f"p={end}"
        if end < highest and _step(end) > 1:
            yield f"p{end}"
        end += _step(end)


def _step(price_minor: int) -> int:
    if price_minor < 10:
        return 1
    digits = str(price_minor)
    return int(10 ** (len(digits) - 2)) * (1 if digits[0] < "5" else 5)
