"""The rows of a product, table by table: the same for a number each time, whatever came before."""

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate, product
from random import Random

from bench import words
from bench.frame import LANGUAGES, SECOND, SELLERS

VARIANTS = 4
NOW = datetime(2026, 1, 1, tzinfo=UTC)
RENDITIONS = json.dumps(
    [
        {"path": f"products/picture-{width}.{kind}", "width": width, "format": kind}
        for kind in ("avif", "webp")
        for width in (360, 540, 900)
    ]
)
Row = tuple[object, ...]
Rows = Callable[[int, Random, Sequence[int]], Iterator[Row]]


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` takes a product's number, its own chance, and the categories to choose from."""

    name: str
    columns: tuple[str, ...]
    rows: Rows


def _uuid(random: Random) -> uuid.UUID:
    return uuid.UUID(int=random.getrandbits(128), version=4)


def variants_of(number: int) -> range:
    """The pks of the variants of a product, and of their stock items."""
    return range(VARIANTS * number, VARIANTS * (number + 1))


def _product(number: int, random: Random, leaves: Sequence[int]) -> Iterator[Row]:
    sold = int(random.paretovariate(0.8)) % 5000
    reviews = sold // 12
    yield (
        *(number, _uuid(random), 1 + number % SELLERS, random.choice(leaves), True),
        *(NOW - timedelta(minutes=number % 500_000), sold, reviews * 4, reviews),
    )


def _translations(number: int, random: Random, _leaves: Sequence[int]) -> Iterator[Row]:
    garment, style = _one_of(words.GARMENTS, random), _one_of(words.STYLES, random)
    # Thousands of names of series, as shops give them: usual ones and rare ones.
    series = min(random.randrange(8000), random.randrange(8000))
    title = "".join(words.SYLLABLES[series // 20**n % 20] for n in range(3)).capitalize()
    some = random.sample(words.SENTENCES, 4)
    for place, language in enumerate(LANGUAGES):
        nouns = (str(garment[place]), str(style[place]))
        name = " ".join([*(nouns if language == "id" else nouns[::-1]), title])
        slug = f"{name.lower().replace(' ', '-')}-{number}"
        yield (
            *(number, language, name, slug, " ".join(texts[place] for texts in some)),
            *("Katun 100%", "Cuci dengan air dingin.", "Reguler"),
        )


def _attributes(number: int, random: Random, _leaves: Sequence[int]) -> Iterator[Row]:
    yield number, 1 + random.randrange(len(words.MATERIALS))
    yield number, SECOND + random.randrange(len(words.FITS))


def _images(number: int, _random: Random, _leaves: Sequence[int]) -> Iterator[Row]:
    yield number, f"originals/{number}.jpg", 900, 1200, RENDITIONS, 0, "#b4593b"


def _variants(number: int, random: Random, _leaves: Sequence[int]) -> Iterator[Row]:
    for place, pk in enumerate(variants_of(number)):
        yield pk, number, _uuid(random), f"B{number}-{place}", "", 250, True, place


def _options(number: int, _random: Random, _leaves: Sequence[int]) -> Iterator[Row]:
    yield number, 1, 0
    yield number, 2, 1


def _values(number: int, random: Random, _leaves: Sequence[int]) -> Iterator[Row]:
    colours = random.sample(range(len(words.COLOURS)), 2)
    sizes = random.sample(range(len(words.SIZES)), 2)
    for pk, (colour, size) in zip(variants_of(number), product(colours, sizes), strict=True):
        yield pk, 1, 1 + colour
        yield pk, 2, SECOND + size


def _prices(number: int, random: Random, _leaves: Sequence[int]) -> Iterator[Row]:
    amount = int(random.lognormvariate(12.2, 0.5)) // 1000 * 1000 + 19_000
    before = amount + 50_000 if random.random() < 0.2 else None
    for pk in variants_of(number):
        yield pk, "IDR", amount, before, NOW


def _stock(number: int, _random: Random, _leaves: Sequence[int]) -> Iterator[Row]:
    for pk in variants_of(number):
        yield pk, pk, 1 + number % SELLERS, _on_hand(pk), 0


def _movements(number: int, _random: Random, _leaves: Sequence[int]) -> Iterator[Row]:
    for pk in variants_of(number):
        if _on_hand(pk):
            yield pk, "received", _on_hand(pk), ""


def _on_hand(stock_item: int) -> int:
    return stock_item * 7919 % 40 if stock_item % 10 else 0


def _one_of(weighted: Sequence[tuple[str, str, int]], random: Random) -> tuple[str, str, int]:
    return random.choices(weighted, cum_weights=_sums(tuple(weighted)))[0]


@cache
def _sums(weighted: tuple[tuple[str, str, int], ...]) -> list[int]:
    return list(accumulate(share for _own, _english, share in weighted))


def _table(name: str, columns: str, rows: Rows) -> Table:
    return Table(f"catalog_{name}", tuple(columns.split()), rows)


TABLES = [
    _table(
        "product",
        "id public_id seller_id category_id is_published created_at sold_count rating_sum"
        " rating_count",
        _product,
    ),
    _table(
        "producttranslation",
        "product_id language name slug description material care fit",
        _translations,
    ),
    _table("productattribute", "product_id value_id", _attributes),
    _table("productimage", "product_id file width height renditions position colour", _images),
    _table(
        "variant", "id product_id public_id sku barcode weight_grams is_active position", _variants
    ),
    _table("productoption", "product_id option_id position", _options),
    _table("variantvalue", "variant_id option_id value_id", _values),
    _table("price", "variant_id currency amount_minor compare_at_minor valid_from", _prices),
    _table("stockitem", "id variant_id location_id on_hand reserved", _stock),
    _table("stockmovement", "stock_item_id kind quantity reason", _movements),
]
